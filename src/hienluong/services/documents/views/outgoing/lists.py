"""Lists: what waits for me, what was issued, what stays in the house."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.ui.paging import OpenPaginator

from ... import finding, trays
from ...forms.outgoing import FilterForm
from ...models import Direction, Document, Recipient

PAGE_SIZE = 25


def _reader(request: HttpRequest) -> Actor:
    """The official, when a post of theirs has to do with documents."""
    actor = actor_of(request)
    actor.require_somewhere("documents.read", _("Bạn không có quyền thực hiện việc này."))
    return actor


@require_safe
@officials.only()
def home(request: HttpRequest) -> HttpResponse:
    """The first list in which something waits, else the first there is."""
    actor = _reader(request)
    counted = trays.counts(actor)
    mine = [tray for tray in trays.trays_of(actor) if tray.key != "nhap"]
    waiting = next((tray.key for tray in mine if counted[tray.key]), None)
    if waiting is None:
        return redirect("outgoing:tray", tray="nhap") if "nhap" in counted else redirect("outgoing:issued")
    return redirect("outgoing:tray", tray=waiting)


@require_safe
@officials.only()
def tray(request: HttpRequest, tray: str) -> HttpResponse:
    """One list of what waits."""
    actor = actor_of(request)
    shown = trays.BY_KEY.get(tray)
    if shown is None or shown not in trays.trays_of(actor):
        raise NotFound(_("Không có danh sách này."))
    form = FilterForm(request.GET or None)
    found = _narrowed(trays.rows(actor, tray), form)
    context = {
        **_page(request, found),
        "form": form,
        "tray": shown,
        "tabs": _tabs(request, tray),
        "batch": {"ky": "ky", "dong-dau": "dong-dau"}.get(tray, ""),
        "title": shown.label,
        "empty": shown.empty,
    }
    return render(request, "documents/outgoing/list.html", context)


@require_safe
@officials.only()
def issued(request: HttpRequest) -> HttpResponse:
    """What was issued, the newest first; with words, what has them."""
    return _issued(request, Direction.OUTGOING, "da-phat-hanh", _("Văn bản đi đã phát hành"))


@require_safe
@officials.only()
def internal(request: HttpRequest) -> HttpResponse:
    """What was issued within the house."""
    return _issued(request, Direction.INTERNAL, "noi-bo", _("Văn bản nội bộ"))


def _issued(request: HttpRequest, direction: str, key: str, title: str) -> HttpResponse:
    actor, form = _reader(request), FilterForm(request.GET or None)
    found = trays.issued(actor, direction)
    if form.is_valid() and form.cleaned_data["q"]:
        ids = finding.search(actor, form.cleaned_data["q"], direction=direction).ids
        found = found.filter(pk__in=ids)
        found = _narrowed(found, form, words=False)
    else:
        found = _narrowed(found, form, words=False)
    context = {
        **_page(request, found),
        "form": form,
        "tabs": _tabs(request, key),
        "title": title,
        "empty": _("Văn bản bạn được đọc sẽ hiện ở đây khi phát hành."),
        "batch": "",
    }
    return render(request, "documents/outgoing/list.html", context)


def _narrowed(found: QuerySet[Document], form: FilterForm, *, words: bool = True) -> QuerySet[Document]:
    if not form.is_valid():
        return found
    data = form.cleaned_data
    if data["type"]:
        found = found.filter(type=data["type"])
    if data["urgency"]:
        found = found.filter(urgency=data["urgency"])
    if words:
        for word in data["q"].split()[:8]:
            found = found.filter(subject__icontains=word) | found.filter(code__icontains=word)
    return found


def _page(request: HttpRequest, found: QuerySet[Document]) -> dict[str, Any]:
    places = Prefetch("recipients", Recipient.objects.exclude(code="").order_by("position", "pk"), to_attr="going")
    rows = found.select_related("agency", "signer", "drafter").prefetch_related(places)
    actor = actor_of(request)
    return {
        "page": OpenPaginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "may_draft": bool(actor.paths_with("documents.draft")),
        "may_clerk": bool(actor.paths_with("documents.clerk")),
        "may_sign": bool(actor.paths_with("documents.sign")),
    }


def _tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    actor = actor_of(request)
    counted = trays.counts(actor)
    tabs: list[dict[str, Any]] = [
        {
            "label": tray.label,
            "href": reverse("outgoing:tray", args=[tray.key]),
            "count": counted[tray.key],
            "current": tray.key == current,
        }
        for tray in trays.trays_of(actor)
    ]
    tabs.append(
        {
            "label": _("Đã phát hành"),
            "href": reverse("outgoing:issued"),
            "count": None,
            "current": current == "da-phat-hanh",
        }
    )
    return tabs
