"""The states of a draft: undo, redo, all of them, two side by side, back to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import officials
from hienluong.ui import asked

from .. import actions, comparing, files, workspace
from ..models import State
from ..workspace import Bench

PER_PAGE = 40


@require_POST
@officials.only({"building:undo": ("building:show", ("name",))})
def undo(request: HttpRequest, name: str) -> HttpResponse:
    """Go back to the state before."""
    return _step(request, name, actions.undo)


@require_POST
@officials.only({"building:redo": ("building:show", ("name",))})
def redo(request: HttpRequest, name: str) -> HttpResponse:
    """Do again what was undone."""
    return _step(request, name, actions.redo)


@require_POST
@officials.only({"building:restore": ("building:history", ("name",))})
def restore(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Go on from an earlier state."""
    bench = workspace.open_draft(request, name)
    state = _state(bench, number)
    expected = workspace.expected_of(request)
    refused = workspace.tried(lambda: actions.restore(bench.actor, draft=bench.draft, state=state, expected=expected))
    messages.warning(request, refused) if refused else messages.success(
        request, _("Đã trở lại bản %(number)d.") % {"number": number}
    )
    return redirect("building:history", name=name)


@require_safe
@officials.only()
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """Every state that was saved, the newest first."""
    bench = workspace.open_draft(request, name)
    states = State.objects.filter(draft=bench.draft).defer("files").order_by("-number")
    shown = Paginator(states, PER_PAGE).get_page(asked.number(request, "page", 1, 10**6) or 1)
    return workspace.page(request, "building/history.html", bench, title=_("Lịch sử"), page=shown)


@require_safe
@officials.only()
def compare(request: HttpRequest, name: str) -> HttpResponse:
    """Two states side by side; without more, the one that is installed (else the first) and the one worked on."""
    bench = workspace.open_draft(request, name)
    base = bench.draft.installed.number if bench.draft.installed else 1
    before = _state(bench, asked.number(request, "truoc", 1, 10**6) or base)
    after = _state(bench, asked.number(request, "sau", 1, 10**6) or bench.head.number)
    found = comparing.compare(files.of(before), files.of(after))
    crumbs = [(_("Lịch sử"), reverse("building:history", args=[name]))]
    return workspace.page(
        request,
        "building/compare.html",
        bench,
        title=_("So sánh"),
        crumbs=crumbs,
        before=before,
        after=after,
        found=found,
    )


def _step(request: HttpRequest, name: str, verb: Callable[..., Any]) -> HttpResponse:
    bench = workspace.open_draft(request, name)
    expected = workspace.expected_of(request)
    refused = workspace.tried(lambda: verb(bench.actor, draft=bench.draft, expected=expected))
    if refused:
        messages.warning(request, refused)
    return workspace.back_to(request, reverse("building:show", args=[name]))


def _state(bench: Bench, number: int) -> State:
    found = State.objects.filter(draft=bench.draft, number=min(number, 2**31 - 1)).first()
    if found is None:
        raise NotFound(_("Không có bản này."))
    return found
