"""Incoming documents: the lists, and one document with what can be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.models import Official
from hienluong.services.assignments import queries as task_queries
from hienluong.services.assignments import rights as task_rights
from hienluong.services.assignments.models import Assignment
from hienluong.ui import asked
from hienluong.ui.paging import OpenPaginator

from .. import access, addresses, incoming_queries, links
from ..actions import arrivals, handling, mailboxes
from ..incoming_forms import FilterForm
from ..incoming_verbs import BY_KEY, VERBS, Standing, Verb
from ..models import Direction, Document, HeldMail, Why
from . import papers

PAGE_SIZE = 25

#: Where somebody comes back to whose session ended while they sent one of these.
PAGES = {
    "documents:incoming_act": ("documents:incoming", ("uid",)),
    "documents:unshare": ("documents:incoming", ("uid",)),
}


def _words() -> dict[str, str]:
    return {
        incoming_queries.TO_REGISTER: _("Chờ đăng ký"),
        incoming_queries.TO_SUBMIT: _("Chờ trình"),
        incoming_queries.TO_ASSIGN: _("Chờ phân công"),
        incoming_queries.MINE: _("Được giao cho tôi"),
        incoming_queries.IN_WORK: _("Đang xử lý"),
        incoming_queries.ALL: _("Tất cả"),
    }


@require_GET
@officials.only()
def inbox(request: HttpRequest) -> HttpResponse:
    """What came in: by what waits for whom, narrowed and searched; newest first."""
    actor = actor_of(request)
    actor.require_somewhere("documents.read", _("Bạn không có quyền thực hiện việc này."))
    kept.take(request, shown=False)
    tabs, words, counts = incoming_queries.tabs_of(actor), _words(), incoming_queries.counts(actor)
    wanted = asked.text(request, "muc", 20)
    tab = wanted if wanted in tabs else next((each for each in tabs if counts.get(each)), tabs[0])
    form = FilterForm(request.GET or None)
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    filters = incoming_queries.Filters(
        text=data.get("q", ""),
        state=data.get("state", ""),
        urgency=data.get("urgency", ""),
        source=data.get("source", ""),
        since=asked.day(request, "tu"),
        until=asked.day(request, "den"),
        late=data.get("late", False),
    )
    found = incoming_queries.narrow(actor, incoming_queries.of_tab(actor, tab), filters)
    used = sum(bool(data.get(name)) for name in ("state", "urgency", "source", "tu", "den", "late"))
    clerk_of = access.agencies_with(actor, "documents.clerk")
    context = {
        "tabs": [{"key": k, "label": words[k], "count": counts.get(k), "current": k == tab} for k in tabs],
        "tab": tab,
        "form": form,
        "used": used,
        "page": OpenPaginator(found.values_list("pk", flat=True), PAGE_SIZE, incoming_queries.rows).get_page(
            request.GET.get("page")
        ),
        "is_clerk": bool(clerk_of),
        "held_mail": HeldMail.objects.filter(agency__in=clerk_of, state__in=mailboxes.OPEN).count() if clerk_of else 0,
    }
    return render(request, "documents/incoming/list.html", context)


def document_for(request: HttpRequest, uid: UUID) -> Document:
    """The incoming document of an address, for somebody who may read it; NotFound for everybody else."""
    found = (
        Document.objects.select_related("agency", "arrival__submitted_to", "arrival__registered_by")
        .filter(uid=uid, direction=Direction.INCOMING)
        .first()
    )
    if found is None:
        raise NotFound(_("Không tìm thấy văn bản."))
    access.require_read(actor_of(request), found)
    return found


@require_GET
@officials.only()
def show(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One document; that it was looked at is written down."""
    document = document_for(request, uid)
    access.look(actor_of(request), document, "trang văn bản")
    if request.headers.get("HX-Target") == "viewer":
        return render(
            request, "documents/incoming/_viewer.html", {"viewer": papers.pane(request, papers.files_of(document))}
        )
    restored = kept.take(request)
    verb = BY_KEY.get(restored.path.rsplit("/", 1)[-1]) if restored else None
    standing = Standing(actor_of(request), document)
    return _page(request, standing, {verb.key: verb.bind(standing, restored.data)} if restored and verb else None)


def _page(
    request: HttpRequest, standing: Standing, bound: dict[str, Any] | None = None, status: int = 200, same: Any = None
) -> HttpResponse:
    document, actor = standing.document, standing.actor
    files = papers.files_of(document)
    panels = [
        {"verb": verb, "form": (bound or {}).get(verb.key) or verb.bind(standing), "first": verb.first(standing)}
        for verb in VERBS
        if verb.when(standing)
    ]
    readers = (
        document.readers.filter(ended_at__isnull=True).select_related("official", "agency").order_by("since", "pk")
    )
    ref = handling.ref_of(document)
    context = {
        "document": document,
        "arrival": document.arrival,
        "standing": standing,
        "panels": panels,
        "open_panel": next(iter(bound), "") if bound else asked.text(request, "viec", 20),
        "files": files,
        "viewer": papers.pane(request, files),
        "trees": task_queries.trees_about(actor, ref),
        "my_tasks": list(
            Assignment.objects.filter(task_rights.received(actor), subject_ref=ref)
            .exclude(state__in=("returned", "taken_back"))
            .order_by("ended_at", "pk")[:10]
        ),
        "readers": readers,
        "shared": Why.SHARED,
        "may_unshare": standing.clerk or standing.leads,
        "steps": document.steps.order_by("-at", "-pk"),
        "answers": _relations(actor, document),
        "links": links.of(actor, document),
        "late": incoming_queries.late_of(document, []) if document.state in ("arrived", "registered") else "",
        "same": same or (arrivals.same_as(document) if standing.clerk and document.state == "arrived" else None),
    }
    return render(request, "documents/incoming/show.html", context, status=status)


def _relations(actor: Any, document: Document) -> list[dict[str, Any]]:
    """Documents that belong to this one; those the actor may not read are named without a link."""
    related = document.related_from.select_related("document").order_by("pk")
    own = document.relations.select_related("other").order_by("pk")
    pairs = [(each.get_kind_display(), each.document, True) for each in related]
    pairs += [(each.get_kind_display(), each.other, False) for each in own]
    ids = [other.pk for _kind, other, _from in pairs]
    readable = set(access.readable(actor).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [
        {
            "kind": kind,
            "document": other,
            "href": addresses.page_of(other) if other.pk in readable else "",
            "from": is_from,
        }
        for kind, other, is_from in pairs
    ]


@require_POST
@officials.only(PAGES)
def act(request: HttpRequest, uid: UUID, verb: str) -> HttpResponse:
    """Do one act; on a fault the page comes back with what was typed."""
    document = document_for(request, uid)
    chosen: Verb | None = BY_KEY.get(verb)
    if chosen is None:
        raise NotAllowed(_("Việc này không có."))
    standing = Standing(actor_of(request), document)
    form = chosen.bind(standing, request.POST)
    same = None
    if form.is_valid():
        try:
            chosen.run(standing.actor, document, form)
        except arrivals.SameAgain as error:
            form.ask_same()
            form.add_error("despite_same", str(error.message))
            same = Document.objects.filter(pk=error.other).first()
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã ghi: %(title)s.") % {"title": chosen.title})
            if access.decide_read(standing.actor, document).allowed:
                return redirect("documents:incoming", uid=document.uid)
            return redirect("documents:inbox")
    fresh = Standing(standing.actor, document_for(request, uid))
    return _page(request, fresh, {chosen.key: form}, status=422, same=same)


@require_POST
@officials.only(PAGES)
def unshare(request: HttpRequest, uid: UUID, official: int) -> HttpResponse:
    """Take somebody out again with whom it was shared."""
    document = document_for(request, uid)
    found = Official.objects.filter(pk=official if official < 2**63 else 0).first()
    if found is None:
        raise NotFound(_("Không tìm thấy cán bộ này."))
    handling.stop_sharing(actor_of(request), document=document, official=found)
    messages.success(request, _("Đã thôi chia sẻ với %(name)s.") % {"name": found.full_name})
    return redirect(f"{reverse('documents:incoming', args=[document.uid])}#nguoi-doc")
