"""Destruction lists: proposed by the archive, approved by a leader, carried out."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.services.documents import access as documents

from .. import access, actions
from ..forms import DecideForm, ProposeForm, ReasonForm
from ..models import Destruction, State, WorkFile
from .files import chosen
from .shared import agencies_of, crumbs, whole_crumbs


@require_safe
@officials.only()
def lists(request: HttpRequest) -> HttpResponse:
    """The lists of the agencies whose archive one keeps or whose destruction one approves."""
    actor = actor_of_request(request)
    if not actor.paths_with("workfiles.archive"):
        actor.require_somewhere("workfiles.approve", _("Bạn không có quyền thực hiện việc này."))
    rows = (
        _visible(actor).select_related("agency", "proposed_by").annotate(files=Count("lines")).order_by("-proposed_at")
    )
    context = {
        "page": page_of(request, rows, 30),
        "is_archivist": bool(documents.agencies_with(actor, "workfiles.archive")),
        "breadcrumbs": whole_crumbs((_("Hủy hồ sơ hết giá trị"), "")),
    }
    return render(request, "workfiles/destructions.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def propose(request: HttpRequest) -> HttpResponse:
    """List what is past its time."""
    actor = actor_of_request(request)
    agencies = agencies_of(actor, "workfiles.archive")
    today = timezone.localdate()
    kept = WorkFile.objects.filter(agency__in=agencies, state=State.KEPT).exclude(retention="01").order_by("code")
    rows = [each for each in kept if each.kept_until and each.kept_until < today][:500]
    choices = [(each.code, f"{each.code}: {each.title} ({_('hết hạn')} {each.kept_until:%d/%m/%Y})") for each in rows]
    form = ProposeForm(request.POST or None, agencies=agencies, files=choices)

    def verb(*, files: list[str], **fields: Any) -> Destruction:
        return actions.propose(actor, work_files=chosen(files), **fields)

    if made := sent(request, form, verb):
        messages.success(request, _("Đã gửi lãnh đạo phê duyệt."))
        return redirect("workfiles:destruction", number=made.pk)
    back = reverse("workfiles:destructions")
    return form_page(
        request,
        form,
        title=_("Lập danh mục hồ sơ hết giá trị"),
        submit=_("Trình phê duyệt"),
        back=back,
        crumbs=crumbs((_("Hủy hồ sơ hết giá trị"), back)),
        lead="" if choices else _("Không có hồ sơ nào hết thời hạn lưu trữ."),
    )


@require_safe
@officials.only()
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One list."""
    actor, destruction = _found(request, number)
    approves = documents.agencies_with(actor, "workfiles.approve")
    context = {
        "destruction": destruction,
        "lines": destruction.lines.select_related("work_file").order_by("work_file__code"),
        "may_decide": destruction.state == "proposed"
        and destruction.agency_id in approves
        and destruction.proposed_by_id != actor.official_id,
        "may_carry_out": destruction.state == "approved" and access.is_archivist(actor, destruction.agency_id),
        "breadcrumbs": whole_crumbs(
            (_("Hủy hồ sơ hết giá trị"), reverse("workfiles:destructions")), (str(destruction), "")
        ),
    }
    return render(request, "workfiles/destruction.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def decide(request: HttpRequest, number: int) -> HttpResponse:
    """Approve it or not."""
    actor, destruction = _found(request, number)
    form = DecideForm(request.POST or None)
    verb = partial(actions.decide, actor, destruction=destruction)
    return _about(request, destruction, form, verb, title=_("Phê duyệt danh mục hủy"), submit=_("Ghi quyết định"))


@require_http_methods(["GET", "POST"])
@officials.only()
def carry_out(request: HttpRequest, number: int) -> HttpResponse:
    """Destroy what was approved, after one more look."""
    actor, destruction = _found(request, number)
    if not access.is_archivist(actor, destruction.agency_id):
        raise NotAllowed(_("Chỉ lưu trữ của cơ quan được làm việc này."))
    form = ReasonForm(request.POST or None)
    form.fields["reason"].label = _("Ai chứng kiến việc hủy?")

    def verb(*, reason: str) -> Destruction:
        return actions.carry_out(actor, destruction=destruction, witnesses=reason)

    return _about(
        request,
        destruction,
        form,
        verb,
        title=_("Hủy hồ sơ"),
        submit=_("Hủy"),
        button="warning",
        warning=_("Tệp của các hồ sơ này bị xóa và không lấy lại được. Danh mục và biên bản còn lại."),
    )


def _about(
    request: HttpRequest, destruction: Destruction, form: Any, verb: Any, *, title: str, submit: str, **more: Any
) -> HttpResponse:
    back = reverse("workfiles:destruction", args=[destruction.pk])
    if sent(request, form, verb):
        messages.success(request, _("Đã ghi."))
        return redirect(back)
    return form_page(
        request, form, title=title, submit=submit, back=back, crumbs=crumbs((str(destruction), back)), **more
    )


def _visible(actor: Actor) -> Any:
    ids = documents.agencies_with(actor, "workfiles.archive") | documents.agencies_with(actor, "workfiles.approve")
    return Destruction.objects.filter(Q(agency__in=ids))


def _found(request: HttpRequest, number: int) -> tuple[Actor, Destruction]:
    actor = actor_of_request(request)
    found = _visible(actor).filter(pk=min(number, 2**62)).select_related("agency", "proposed_by", "decided_by").first()
    if found is None:
        raise NotFound(_("Không tìm thấy danh mục hủy."))
    return actor, found
