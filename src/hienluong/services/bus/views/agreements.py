"""Agreements on services: asked for, decided, ended; with the pages of the sharing agreements of registers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import sent
from hienluong.foundation.organisations.fields import WEEKDAYS
from hienluong.foundation.organisations.models import Organization
from hienluong.services.records.views.sharing import Verb, tag_of, without_ones_own
from hienluong.ui import asked as typed
from hienluong.ui.money import grouped, grouped_in

from .. import agreements, looking, usage
from ..announce import REQUEST, SHARE
from ..forms import AskForm
from ..models import ServiceAgreement
from .catalogue import crumbs, entering, tabs

PER_PAGE = 20
State = ServiceAgreement.State


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The agreements that one decides on or uses, narrowed by state (`trang-thai`)."""
    actor = entering(request)
    found = agreements.visible(actor)
    state = typed.text(request, "trang-thai", 20)
    if state in State.values:
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(typed.number(request, "page", 1, 10**6) or 1)
    states = [{"label": _("Tất cả"), "href": "?", "current": state not in State.values}]
    states += [
        {"label": label, "href": f"?trang-thai={value}", "current": value == state} for value, label in State.choices
    ]
    context = {
        "heading": _("Thỏa thuận khai thác dịch vụ"),
        "lead": _("Cơ quan nào gọi dịch vụ nào của cơ quan khác: thao tác nào, trường nào, để làm gì, đến khi nào."),
        "of_what": _("Dịch vụ"),
        "page": page,
        "rows": [
            {
                "one": one,
                "href": reverse("bus:agreement", args=[one.code]),
                "title": f"{looking.title_of(one.version.service)} v{one.version.major}",
                "tag": tag_of(one),
            }
            for one in page.object_list
        ],
        "states": states,
        "tabs": tabs(actor, "agreements"),
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((_("Thỏa thuận"), ""))],
    }
    return render(request, "bus/agreements.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One agreement with its terms and what was decided; a POST decides (`viec`), with a reason (`ly_do`)."""
    actor = entering(request)
    agreement = agreements.visible_one(actor, code)
    fault = ""
    if request.method == "POST":
        try:
            _decide(request, actor, agreement)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            fault = str(error.message)
        else:
            messages.success(request, _("Đã ghi quyết định. Cổng kết nối làm theo trong vòng hai giây."))
            return redirect("bus:agreement", code=agreement.code)
    steps = list(agreement.steps.all())
    total, by_day = usage.of_agreement(agreement.code)
    verbs, note = without_ones_own(actor, _verbs(actor, agreement), steps[0].account_id if steps else None)
    context = {
        "one": agreement,
        "title": f"{looking.title_of(agreement.version.service)} v{agreement.version.major}",
        "tag": tag_of(agreement),
        "terms": _terms(agreement),
        "steps": [
            {"title": step.get_state_display(), "by": step.label, "when": step.at, "text": step.reason}
            for step in steps
        ],
        "verbs": verbs,
        "note": note,
        "total": replace(total, slowest=grouped_in(total.slowest)),
        "by_day": by_day,
        "fault": fault,
        "typed": request.POST.get("ly_do", "")[:500] if fault else "",
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            *crumbs((_("Thỏa thuận"), reverse("bus:agreements")), (agreement.code, "")),
        ],
    }
    return render(request, "bus/agreement.html", context, status=422 if fault else 200)


@require_http_methods(["GET", "POST"])
@officials.only()
def ask(request: HttpRequest, code: str, major: int) -> HttpResponse:
    """Ask for an agreement on a version of a service."""
    actor = entering(request)
    if not actor.paths_with(REQUEST):
        raise NotAllowed(_("Bạn không có quyền đề nghị khai thác dịch vụ dữ liệu."))
    service = looking.service(actor, code)
    version = looking.version(service, major)
    if version is None or version.state not in looking.ASKABLE:
        raise agreements.WrongState(_("Phiên bản này không nhận đề nghị."))
    today = timezone.localdate()
    last = today + timedelta(days=365)
    if version.retires_on:
        last = min(last, version.retires_on - timedelta(days=1))
    place = Organization.objects.filter(pk=actor.organization_id or 0).values_list("code", flat=True).first()
    initial = {"consumer": place or "", "since": today, "until": last}
    form = AskForm(list(version.operations.all()), request.POST or None, initial=initial)
    if made := sent(request, form, partial(agreements.request, actor, version=version)):
        messages.success(request, _("Đã gửi đề nghị %(code)s.") % {"code": made.code})
        return redirect("bus:agreement", code=made.code)
    title, back = f"{looking.title_of(service)} v{major}", reverse("bus:version", args=[code, major])
    context = {
        "form": form,
        "title": title,
        "owner": service.owner.name,
        "personal": service.personal,
        "back": back,
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((title, back), (_("Đề nghị khai thác"), ""))],
    }
    return render(request, "bus/ask.html", context, status=422 if form.errors else 200)


def _decide(request: HttpRequest, actor: Actor, agreement: ServiceAgreement) -> None:
    verbs: dict[str, Callable[..., object]] = {
        "duyet": agreements.approve,
        "tu-choi": agreements.refuse,
        "tam-dung": agreements.suspend,
        "tiep-tuc": agreements.resume,
        "cham-dut": agreements.end,
    }
    verb = verbs.get(request.POST.get("viec", ""))
    if verb is None:
        raise InvalidInput(_("Không có việc nào như vậy."))
    verb(actor, agreement=agreement, reason=request.POST.get("ly_do", ""))


def _verbs(actor: Actor, agreement: ServiceAgreement) -> list[Verb]:
    """What this official may decide now: value, words, look of the button."""
    owner = actor.can(SHARE, agreement.version.service.owner.path)
    either = owner or actor.can(REQUEST, agreement.consumer.path)
    found = {
        State.REQUESTED: [(owner, "duyet", _("Duyệt"), "primary"), (owner, "tu-choi", _("Từ chối"), "secondary")],
        State.APPROVED: [
            (owner, "tam-dung", _("Tạm dừng thỏa thuận"), "secondary"),
            (either, "cham-dut", _("Chấm dứt thỏa thuận"), "warning"),
        ],
        State.SUSPENDED: [
            (owner, "tiep-tuc", _("Cho tiếp tục"), "primary"),
            (either, "cham-dut", _("Chấm dứt thỏa thuận"), "warning"),
        ],
    }.get(State(agreement.state), [])
    return [(value, words, look) for may, value, words, look in found if may]


def _terms(agreement: ServiceAgreement) -> list[dict[str, Any]]:
    last = agreement.valid.upper - timedelta(days=1)
    unlimited = _("không giới hạn số bản ghi")
    volume = (
        _("%(records)s bản ghi mỗi ngày") % {"records": grouped(agreement.per_day)} if agreement.per_day else unlimited
    )
    return [
        {"key": _("Cơ quan cung cấp"), "value": agreement.version.service.owner.name},
        {"key": _("Cơ quan sử dụng"), "value": agreement.consumer.name},
        {"key": _("Thao tác và trường"), "value": _fields(agreement)},
        {"key": _("Mục đích"), "value": agreement.purpose},
        {"key": _("Căn cứ pháp lý"), "value": agreement.legal_ground},
        {"key": _("Thời hạn"), "value": f"{agreement.valid.lower:%d/%m/%Y} – {last:%d/%m/%Y}"},
        {"key": _("Giờ được gọi"), "value": _hours(agreement)},
        {
            "key": _("Nhiều nhất"),
            "value": _("%(calls)s lượt gọi mỗi phút, %(volume)s")
            % {"calls": grouped(agreement.per_minute), "volume": volume},
        },
        {"key": _("Chỉ từ những địa chỉ mạng"), "value": ", ".join(agreement.addresses) or _("Từ đâu cũng được")},
        {"key": _("Ký số (RFC 9421)"), "value": _("Có") if agreement.sign else _("Không")},
    ]


def _fields(agreement: ServiceAgreement) -> Any:
    titles = dict(agreement.version.operations.values_list("name", "title"))
    lines = [
        (titles.get(name) or name, ", ".join(fields) or _("câu trả lời không mô tả trường nào"))
        for name, fields in agreement.fields.items()
    ]
    return format_html(
        '<ul class="govuk-list">{}</ul>', format_html_join("", '<li>{}: <span class="hl-code">{}</span></li>', lines)
    )


def _hours(agreement: ServiceAgreement) -> str:
    names = list(WEEKDAYS.values())
    days = ", ".join(str(names[day]) for day in agreement.weekdays) or _("Mọi ngày")
    if (agreement.from_hour, agreement.to_hour) == (0, 24):
        return _("%(days)s, cả ngày") % {"days": days}
    return _("%(days)s, từ %(first)d giờ đến %(last)d giờ") % {
        "days": days,
        "first": agreement.from_hour,
        "last": agreement.to_hour,
    }
