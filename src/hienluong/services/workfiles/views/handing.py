"""Handing files over: the list, a new one, what the archive says of each file."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import actor_of_request, form_page, page_of, sent
from hienluong.services.documents import access as documents

from .. import access, actions
from ..forms import HandOverForm, JudgeForm, ReasonForm
from ..models import Handover, HandoverLine, State
from .files import chosen
from .shared import agencies_of, crumbs, whole_crumbs


@require_safe
@officials.only()
def handovers(request: HttpRequest) -> HttpResponse:
    """Hand-overs of one's own and of the archives one keeps."""
    actor = actor_of_request(request)
    actor.require_somewhere("documents.read", _("Bạn không có quyền thực hiện việc này."))
    rows = _visible(actor).select_related("agency", "given_by").annotate(files=Count("lines")).order_by("-given_at")
    context = {"page": page_of(request, rows, 30), "breadcrumbs": whole_crumbs((_("Giao nộp lưu trữ"), ""))}
    return render(request, "workfiles/handovers.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def new(request: HttpRequest) -> HttpResponse:
    """Hand files over."""
    actor = actor_of_request(request)
    agencies = agencies_of(actor, "documents.read")
    archives = documents.agencies_with(actor, "workfiles.archive")
    may = Q(state=State.CLOSED) | Q(state=State.KEPT, retention="01", agency__in=archives)
    rows = access.visible_to(actor).filter(may, agency__in=agencies).order_by("code")[:500]
    choices = [(each.code, f"{each.code}: {each.title} ({each.get_state_display()})") for each in rows]
    form = HandOverForm(request.POST or None, agencies=agencies, files=choices)

    def verb(*, files: list[str], **fields: Any) -> Handover:
        return actions.hand_over(actor, work_files=chosen(files), **fields)

    if made := sent(request, form, verb):
        messages.success(request, _("Đã gửi lưu trữ. Lưu trữ tiếp nhận, đóng gói và kiểm tra từng hồ sơ."))
        return redirect("workfiles:handover", number=made.pk)
    back = reverse("workfiles:handovers")
    lead = "" if choices else _("Chưa có hồ sơ nào đã kết thúc và chưa giao nộp.")
    return form_page(
        request,
        form,
        title=_("Giao nộp hồ sơ vào lưu trữ"),
        submit=_("Giao nộp"),
        back=back,
        crumbs=crumbs((_("Giao nộp lưu trữ"), back)),
        lead=lead,
    )


@require_safe
@officials.only()
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One hand-over: its files, their packages, the verdicts."""
    actor, handover = _found(request, number)
    context = {
        "handover": handover,
        "lines": handover.lines.select_related("work_file", "package").order_by("work_file__code"),
        "is_archivist": access.is_archivist(actor, handover.agency_id),
        "may_withdraw": handover.given_by_id == actor.official_id or access.is_archivist(actor, handover.agency_id),
        "breadcrumbs": whole_crumbs(
            (_("Giao nộp lưu trữ"), reverse("workfiles:handovers")), (f"{_('Lần')} {handover}", "")
        ),
    }
    return render(request, "workfiles/handover.html", context)


@require_POST
@officials.only()
def receive(request: HttpRequest, number: int) -> HttpResponse:
    """Begin to look at it."""
    actor, handover = _found(request, number)
    actions.receive(actor, handover=handover)
    messages.success(request, _("Đã tiếp nhận. Hệ thống đang đóng gói từng hồ sơ."))
    return redirect("workfiles:handover", number=handover.pk)


@require_POST
@officials.only()
def complete(request: HttpRequest, number: int) -> HttpResponse:
    """All is judged."""
    actor, handover = _found(request, number)
    try:
        actions.complete(actor, handover=handover)
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Đã hoàn thành. Biên bản giao nhận đang được lập."))
    return redirect("workfiles:handover", number=handover.pk)


@require_http_methods(["GET", "POST"])
@officials.only()
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take it back."""
    actor, handover = _found(request, number)
    form = ReasonForm(request.POST or None)
    back = reverse("workfiles:handover", args=[handover.pk])
    if sent(request, form, partial(actions.withdraw, actor, handover=handover)):
        messages.success(request, _("Đã rút."))
        return redirect(back)
    return form_page(
        request, form, title=_("Rút lần giao nộp"), submit=_("Rút"), back=back, crumbs=crumbs((str(handover), back))
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def judge(request: HttpRequest, number: int, code: str) -> HttpResponse:
    """Say of one file whether it passes."""
    actor, handover = _found(request, number)
    line = handover.lines.filter(work_file__code=code.replace("\0", "")).select_related("work_file").first()
    if line is None:
        raise NotFound(_("Không tìm thấy hồ sơ công việc."))
    initial = {"passed": {"passed": "yes", "failed": "no"}.get(line.verdict, ""), "reason": line.reason}
    form = JudgeForm(request.POST or None, initial=initial)
    back = reverse("workfiles:handover", args=[handover.pk])
    if sent(request, form, partial(actions.judge, actor, handover=handover, work_file=line.work_file)):
        messages.success(request, _("Đã ghi."))
        return redirect(back)
    return form_page(
        request,
        form,
        title=_("Kết luận hồ sơ %(code)s") % {"code": line.work_file.code},
        submit=_("Ghi kết luận"),
        back=back,
        crumbs=crumbs((str(handover), back)),
        facts=_facts(line),
    )


def _facts(line: HandoverLine) -> list[dict[str, Any]]:
    return [
        {"key": _("Hồ sơ"), "value": line.work_file.title},
        {"key": _("Gói tin"), "value": line.object_id or line.fault or _("đang đóng gói")},
    ]


def _visible(actor: Actor) -> Any:
    archives = documents.agencies_with(actor, "workfiles.archive")
    return Handover.objects.filter(Q(agency__in=archives) | Q(given_by=actor.official_id or 0))


def _found(request: HttpRequest, number: int) -> tuple[Actor, Handover]:
    actor = actor_of_request(request)
    handover = _visible(actor).filter(pk=min(number, 2**62)).select_related("agency", "given_by", "received_by").first()
    if handover is None:
        raise NotFound(_("Không tìm thấy lần giao nộp."))
    return actor, handover
