"""Reporting a breach, for anybody; the register and each matter, for those who handle them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity import limits, looks, officials
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.ui import asked

from . import actions, clock, papers, telling
from .forms import (
    AssessForm,
    AuthorityForm,
    CloseForm,
    ConcernedForm,
    MeasureForm,
    OfficialReportForm,
    PaperForm,
    PersonsForm,
    PublicForm,
    ReportForm,
)
from .kinds import BY_CODE
from .models import Breach
from .permission import HANDLE

PER_PAGE = 30
#: Reports from one address in an hour.
MOST_AN_HOUR = 10
SESSION_KEY = "breach-reported"


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Tell the province of a breach, with or without an account."""
    actor = actor_of_request(request)
    official = actor.official_id is not None
    form = (OfficialReportForm if official else ReportForm)(request.POST or None)
    if request.method == "POST" and form.is_valid() and _too_many(request):
        form.add_error(None, _("Đã gửi quá nhiều báo cáo từ nơi này. Xin thử lại sau một giờ."))
    place = Organization.objects.filter(pk=actor.organization_id or 0).first() if official else None
    if made := sent(request, form, partial(actions.report, actor, organization=place)):
        request.session[SESSION_KEY] = made.code
        return redirect("breaches:reported")
    return form_page(
        request,
        form,
        title=_("Báo vi phạm dữ liệu cá nhân"),
        submit=_("Gửi báo cáo"),
        back="/",
        layout="ui/page.html",
        lead=_(
            "Thấy dữ liệu cá nhân bị lộ, bị mất, bị xem hay dùng sai mục đích thì báo ở đây. Ai cũng báo được, không cần đăng "
            "nhập. Cán bộ bảo vệ dữ liệu nhận được ngay."
        ),
    )


@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """Thanks, with the number of the matter."""
    code = request.session.get(SESSION_KEY, "")
    if not code:
        return redirect("breaches:report")
    return render(request, "breaches/reported.html", {"code": code})


@require_safe
@officials.only()
def register(request: HttpRequest) -> HttpResponse:
    """The register: those that wait first, the nearest deadline first."""
    actor = _handler(request)
    found = Breach.objects.filter(actions.within(actor)).select_related("organization")
    state = asked.text(request, "trang-thai", 12)
    if state in Breach.State.values:
        found = found.filter(state=state)
    page = page_of(request, found, PER_PAGE)
    now = timezone.now()
    choices = [("", _("Tất cả")), *Breach.State.choices]
    context = {
        "page": page,
        "rows": [(breach, clock_of(breach, now)) for breach in page.object_list],
        "choices": [(f"?trang-thai={value}" if value else "?", label, value == state) for value, label in choices],
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Sổ vi phạm dữ liệu"), "")],
    }
    return render(request, "breaches/register.html", context)


@require_safe
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One matter: its clock, what is known, what was done, what can be done."""
    _actor, breach = _matter(request, code)
    reporter = Account.objects.filter(pk=breach.reporter_id or 0).values_list("party_id", flat=True).first()
    looks.at_parties(request, {reporter}, ("name",), _("Xử lý vi phạm dữ liệu cá nhân"), breach.code)
    concerned = breach.concerned.all()
    context = {
        "breach": breach,
        "clock": clock_of(breach, timezone.now()),
        "kinds": [BY_CODE[each] for each in breach.kinds if each in BY_CODE],
        "must_tell_persons": actions.must_tell_persons(breach),
        "named": concerned.count(),
        "told": concerned.filter(told_at__isnull=False).count(),
        "steps": [
            {"title": _kind(step.kind), "when": step.at, "text": step.text, "by": step.by}
            for step in breach.steps.all()
        ],
        "papers": breach.papers.select_related("file"),
        "is_open": breach.state in (Breach.State.REPORTED, Breach.State.CONFIRMED),
        "breadcrumbs": _crumbs(breach.code),
    }
    return render(request, "breaches/show.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def assess(request: HttpRequest, code: str) -> HttpResponse:
    """Say what it is."""
    actor, breach = _matter(request, code)
    initial = {name: getattr(breach, name) for name in AssessForm.base_fields if name not in ("is_breach", "may_harm")}
    if breach.assessed_at:
        initial |= {"is_breach": "yes", "may_harm": "yes" if breach.may_harm else "no"}
    form = AssessForm(request.POST or None, initial=initial)
    return _page(
        request,
        breach,
        form,
        partial(actions.assess, actor, breach=breach),
        title=_("Đánh giá vụ việc"),
        submit=_("Ghi đánh giá"),
        facts=[{"key": _("Lời báo"), "value": breach.text}, {"key": _("Hạn 72 giờ"), "value": _deadline(breach)}],
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def measure(request: HttpRequest, code: str) -> HttpResponse:
    """Write down what was done."""
    actor, breach = _matter(request, code)
    form = MeasureForm(request.POST or None)
    verb = partial(actions.note_measure, actor, breach=breach)
    return _page(request, breach, form, verb, title=_("Ghi việc đã làm"), submit=_("Ghi"))


@require_http_methods(["GET", "POST"])
@officials.only()
def paper(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Make form 08 or the minutes."""
    actor, breach = _matter(request, code)
    about = papers.about(breach.organization)
    initial = {
        "officer_name": actor.label,
        "officer_phone": about.phone if about else "",
        "officer_email": about.email if about else "",
    }
    form = PaperForm(request.POST or None, initial=initial)
    title = {"notice": _("Lập thông báo vi phạm (Mẫu số 08)"), "minutes": _("Lập biên bản xác nhận")}.get(kind, kind)
    verb = partial(papers.make, actor, breach=breach, kind=kind)
    lead = _("Hệ thống lập tệp PDF từ những gì đã đánh giá. In ra, ký, đóng dấu rồi gửi.")
    return _page(request, breach, form, verb, title=title, submit=_("Lập giấy"), lead=lead)


@require_http_methods(["GET", "POST"])
@officials.only()
def authority(request: HttpRequest, code: str) -> HttpResponse:
    """Write down that the authority was told."""
    actor, breach = _matter(request, code)
    form = AuthorityForm(request.POST or None)
    return _page(
        request,
        breach,
        form,
        partial(actions.tell_authority, actor, breach=breach),
        title=_("Ghi đã thông báo cơ quan chuyên trách"),
        submit=_("Ghi"),
        facts=[{"key": _("Hạn 72 giờ"), "value": _deadline(breach)}],
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def concerned(request: HttpRequest, code: str) -> HttpResponse:
    """Name the persons."""
    actor, breach = _matter(request, code)
    form = ConcernedForm(request.POST or None)
    if done := sent(request, form, partial(telling.name_concerned, actor, breach=breach)):
        fresh, unknown = done
        messages.success(request, _("Đã thêm %(count)d người.") % {"count": fresh})
        if unknown:
            words = _("%(count)d số không có trong hệ thống: hãy đăng thông báo công khai.")
            messages.warning(request, words % {"count": unknown})
        return redirect("breaches:show", code=breach.code)
    title = _("Người có dữ liệu bị ảnh hưởng")
    return _shown(request, breach, form, title=title, submit=_("Thêm"))


@require_http_methods(["GET", "POST"])
@officials.only()
def persons(request: HttpRequest, code: str) -> HttpResponse:
    """Tell the persons."""
    actor, breach = _matter(request, code)
    form = PersonsForm(request.POST or None)
    verb = partial(telling.tell_persons, actor, breach=breach)
    title, submit = _("Báo cho người có dữ liệu"), _("Gửi thông báo")
    warning = _("Gửi một lần cho mỗi người, không lấy lại được.")
    return _page(request, breach, form, verb, title=title, submit=submit, warning=warning)


@require_http_methods(["GET", "POST"])
@officials.only()
def public(request: HttpRequest, code: str) -> HttpResponse:
    """Write down the notice to everybody."""
    actor, breach = _matter(request, code)
    form = PublicForm(request.POST or None)
    verb = partial(telling.tell_public, actor, breach=breach)
    return _page(request, breach, form, verb, title=_("Ghi thông báo công khai"), submit=_("Ghi"))


@require_http_methods(["GET", "POST"])
@officials.only()
def close(request: HttpRequest, code: str) -> HttpResponse:
    """End the matter."""
    actor, breach = _matter(request, code)
    form = CloseForm(request.POST or None)
    verb = partial(actions.close, actor, breach=breach)
    return _page(request, breach, form, verb, title=_("Đóng vụ việc"), submit=_("Đóng vụ việc"))


def clock_of(breach: Breach, now: Any) -> clock.Clock:
    """How the time stands; a matter that is no breach or closed without a notice stands still at its end."""
    return clock.Clock(breach.detected_at, breach.authority_told_at or breach.closed_at, now)


def _page(
    request: HttpRequest,
    breach: Breach,
    form: forms.Form,
    verb: Callable[..., Any],
    *,
    title: str,
    submit: str,
    **more: Any,
) -> HttpResponse:
    """A form about a matter, then back to it."""
    if sent(request, form, verb):
        messages.success(request, _("Đã ghi."))
        return redirect("breaches:show", code=breach.code)
    return _shown(request, breach, form, title=title, submit=submit, **more)


def _shown(
    request: HttpRequest, breach: Breach, form: forms.Form, *, title: str, submit: str, **more: Any
) -> HttpResponse:
    back = reverse("breaches:show", args=[breach.code])
    crumbs = [*_crumbs(breach.code)[1:-1], (breach.code, back)]
    return form_page(request, form, title=title, submit=submit, back=back, crumbs=crumbs, **more)


def _matter(request: HttpRequest, code: str) -> tuple[Actor, Breach]:
    """Who handles breaches, and the one with this code within their reach."""
    actor = _handler(request)
    return actor, actions.found_for(actor, code)


def _handler(request: HttpRequest) -> Actor:
    actor = actor_of_request(request)
    actor.require_somewhere(HANDLE, _("Bạn không có quyền xem sổ vi phạm dữ liệu."))
    return actor


def _too_many(request: HttpRequest) -> bool:
    return limits.too_many("breach-report", str(request.META.get("REMOTE_ADDR", "")), limit=MOST_AN_HOUR, seconds=3600)


def _deadline(breach: Breach) -> str:
    return f"{timezone.localtime(clock_of(breach, timezone.now()).deadline):%H:%M %d/%m/%Y}"


def _kind(kind: str) -> str:
    return {
        "report": _("Báo"),
        "assess": _("Đánh giá"),
        "measure": _("Biện pháp"),
        "authority": _("Thông báo cơ quan chuyên trách"),
        "persons": _("Báo cho người có dữ liệu"),
        "public": _("Thông báo công khai"),
        "close": _("Đóng"),
    }.get(kind, kind)


def _crumbs(last: str) -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Sổ vi phạm dữ liệu"), reverse("breaches:register")), (last, "")]
