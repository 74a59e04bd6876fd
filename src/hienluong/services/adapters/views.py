"""The IT officer's pages: how each national system is, what waits for it and why; asking again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import page_of
from hienluong.foundation.identity.officials import actor_of

from . import actions, standing
from .models import FAULTS, Call, Pending

PER_PAGE, MOST_WAITING = 50, 100


def _manager(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    actions.require_manager(actor)
    return actor


def _standing(code: str) -> standing.Standing:
    found = next((one for one in standing.of_all() if one.adapter.code == code), None)
    if found is None:
        raise NotFound(_("Không có hệ thống này."))
    return found


@require_safe
@officials.only()
def systems(request: HttpRequest) -> HttpResponse:
    """All systems: state, last good answer, errors, what waits."""
    _manager(request)
    return render(request, "adapters/list.html", {"standings": standing.of_all()})


@require_safe
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One system: what can be asked, what waits or failed, the last calls. Nothing of what was asked or answered."""
    _manager(request)
    found = _standing(code)
    titles = {each.name: each.title for each in found.adapter.operations}
    unsettled = Pending.objects.filter(system=code).exclude(state=Pending.State.DONE).order_by("-state", "at")
    waiting = [
        {"row": row, "title": titles.get(row.operation, row.operation), "fault": FAULTS.get(row.last_kind, "")}
        for row in unsettled.select_related("organization").defer("question")[:MOST_WAITING]
    ]
    page = page_of(request, Call.objects.filter(system=code).select_related("organization").order_by("-at"), PER_PAGE)
    calls = [
        {"row": row, "title": titles.get(row.operation, row.operation), "outcome": _outcome(row.outcome)}
        for row in page.object_list
    ]
    context = {"found": found, "waiting": waiting, "page": page, "calls": calls}
    return render(request, "adapters/show.html", context)


def _outcome(outcome: str) -> object:
    own = {"ok": _("Đã trả lời"), "kept": _("Dùng câu trả lời đã lưu"), "old": _("Dùng câu trả lời cũ")}
    return own.get(outcome) or FAULTS.get(outcome, outcome)


@require_POST
@officials.only()
def retry(request: HttpRequest, code: str) -> HttpResponse:
    """Ask a system again now: the circuit is closed, and what waits or failed is due."""
    actor = _manager(request)
    found = _standing(code)
    count = actions.retry(actor, code=code)
    words = _("Đã cho hỏi lại %(title)s: %(count)d câu hỏi.") % {"title": found.adapter.title, "count": count}
    messages.success(request, words)
    return redirect("adapters:show", code=code)
