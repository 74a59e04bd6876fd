"""Pages of tasks: mine, those I gave, the board of what is late, one task."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.ui import asked
from hienluong.ui.paging import OpenPaginator

from . import actions, queries, rights, subjects, targets, workbook
from .forms import FilterForm, GiveForm
from .models import Assignment, Part
from .presentation import colour
from .verbs import BY_KEY, VERBS, Standing, Verb

PAGE_SIZE = 25
#: Most rows of a workbook.
MOST_ROWS = 20_000
#: Highest id that is looked for.
_HIGHEST = 2**63 - 1

#: Where somebody comes back to whose session ended while they sent one of these.
PAGES = {"assignments:act": ("assignments:show", ("task",))}


@require_GET
@officials.only()
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks that I received, gave or follow: due first."""
    actor = actor_of(request)
    if not actor.paths_with(rights.GIVE):
        actor.require_somewhere("documents.read", _("Bạn không có quyền thực hiện việc này."))
    kept.take(request, shown=False)
    may_give = bool(actor.paths_with(rights.GIVE))
    follows = bool(actor.paths_with(rights.FOLLOW))
    tabs = [(queries.MINE, _("Việc tôi nhận"))]
    tabs += [(queries.GIVEN, _("Việc tôi giao"))] if may_give else []
    tabs += [(queries.FOLLOWED, _("Việc của đơn vị"))] if follows else []
    what = asked.text(request, "muc", 10)
    what = what if what in dict(tabs) else queries.MINE
    form = FilterForm(request.GET or None)
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    filters = queries.Filters(
        text=data.get("q", ""),
        state=data.get("state", ""),
        due=data.get("due", ""),
        part=data.get("part", ""),
        organization=asked.number(request, "don-vi", 1, _HIGHEST),
    )
    knows = what != queries.FOLLOWED  # what a document is about is for its readers, not for who follows tasks
    found = queries.narrow(queries.tasks(actor, what), filters, knows=knows).select_related("official", "organization")
    if request.GET.get("dang") == "xlsx":
        return workbook.as_excel(found[:MOST_ROWS], "giao-viec.xlsx", knows=knows)
    context = {
        "tabs": [{"key": key, "label": label, "current": key == what} for key, label in tabs],
        "what": what,
        "knows": knows,
        "form": form,
        "page": OpenPaginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "counts": queries.counts(actor),
        "may_give": may_give,
        "follows": follows,
        "now": timezone.now(),
    }
    return render(request, "assignments/list.html", context)


@require_GET
@officials.only()
def board(request: HttpRequest) -> HttpResponse:
    """What is late, by who has it in hand."""
    actor = actor_of(request)
    actor.require_somewhere(rights.FOLLOW, _("Bạn không có quyền theo dõi việc của đơn vị."))
    lines = queries.board(actor)
    totals = {
        name: sum(getattr(line, name) for line in lines) for name in ("total", "open", "late", "soon", "reported")
    }
    return render(request, "assignments/board.html", {"lines": lines, "totals": totals, "what": queries.FOLLOWED})


@require_http_methods(["GET", "POST"])
@officials.only()
def give(request: HttpRequest) -> HttpResponse:
    """Give a task that comes from no document."""
    actor = actor_of(request)
    actor.require_somewhere(rights.GIVE, _("Bạn không có quyền giao việc."))
    restored = kept.take(request)
    data = request.POST if request.method == "POST" else restored.data if restored else None
    form = GiveForm(data, targets=targets.of_actor(actor))
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.give_several(actor, tasks=form.tasks())
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã giao việc."))
            return redirect("assignments:show", task=made[0].pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "assignments/give.html", {"form": form, "back": "assignments:list"}, status=status)


def _task_for(request: HttpRequest, task: int) -> Assignment:
    found = None
    if task <= _HIGHEST:
        rows = Assignment.objects.select_related("official", "organization", "giver_agency", "parent")
        found = rows.filter(pk=task).first()
    if found is None:
        raise NotFound(_("Không tìm thấy việc này."))
    rights.require_see(actor_of(request), found)
    return found


@require_GET
@officials.only()
def show(request: HttpRequest, task: int) -> HttpResponse:
    """One task: what is to be done, by whom, what was given on, what was said, what can be done now."""
    found = _task_for(request, task)
    restored = kept.take(request)
    verb = BY_KEY.get(restored.path.rsplit("/", 1)[-1]) if restored else None
    bound = {verb.key: verb.bind(Standing(actor_of(request), found), restored.data)} if restored and verb else None
    return _page(request, found, bound)


def _page(
    request: HttpRequest, task: Assignment, bound: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    standing = Standing(actor, task)
    knows = standing.receives or standing.above or not task.subject_ref
    panels = [
        {"verb": verb, "form": (bound or {}).get(verb.key) or verb.bind(standing)}
        for verb in VERBS
        if verb.when(standing)
    ]
    context = {
        "task": task,
        "standing": standing,
        "knows": knows,
        "subject_label": task.subject_label if knows else "",
        "panels": panels,
        "open_panel": next(iter(bound), "") if bound else asked.text(request, "viec", 30),
        "node": queries.tree(task),
        "parent": task.parent if task.parent and rights.may_see(actor, task.parent) else None,
        "entries": task.entries.order_by("-at", "-pk"),
        "extensions": task.extensions.order_by("-asked_at"),
        "subject_href": subjects.of(task.subject_ref).href(actor, task.subject_ref) if task.subject_ref else "",
        "days_late": workbook.days_late(task) if task.part != Part.INFORMED else 0,
        "colour": colour(task),
        "now": timezone.now(),
    }
    return render(request, "assignments/show.html", context, status=status)


@require_POST
@officials.only(PAGES)
def act(request: HttpRequest, task: int, verb: str) -> HttpResponse:
    """Do one act; on a fault the page comes back with what was typed."""
    found = _task_for(request, task)
    chosen: Verb | None = BY_KEY.get(verb)
    if chosen is None:
        raise NotAllowed(_("Việc này không có."))
    actor = actor_of(request)
    form = chosen.bind(Standing(actor, found), request.POST)
    if form.is_valid():
        try:
            chosen.run(actor, found, form)
        except DomainError as error:
            if isinstance(error, NotAllowed | NotFound):
                raise
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã ghi: %(title)s.") % {"title": chosen.title})
            found.refresh_from_db()
            if rights.may_see(actor, found):
                return redirect("assignments:show", task=found.pk)
            return redirect("assignments:list")
    return _page(request, _task_for(request, task), {chosen.key: form}, status=422)
