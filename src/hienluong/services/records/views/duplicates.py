"""Duplicates of a record: suggested, laid side by side, made one, and made two again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.registers import history, looks, merging
from hienluong.capabilities.registers.access import rights
from hienluong.capabilities.registers.models import Merge, Record
from hienluong.capabilities.registers.queries import place_of
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.schemas.properties import label_of
from hienluong.ui import asked

from .. import presentation, reading


@require_http_methods(["GET", "POST"])
@officials.only()
def duplicates(request: HttpRequest, code: str, record: int) -> HttpResponse:
    """What may be the same thing as this record; with `kia`, both side by side, before anything is done."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    kept, allowed = reading.record_to_write(actor, opened, record)
    spec, fault = opened.spec, ""
    key = (request.POST.get("kia", "") if request.method == "POST" else asked.text(request, "kia", 120)).strip()
    other, readable = _other(actor, opened, key)
    readable &= allowed.read  # of each side, what may be read of both
    if request.method == "POST":
        try:
            if request.POST.get("viec") == "hoan-tac":
                _undo(actor, kept, request.POST.get("nhap", ""))
                messages.success(request, _("Đã tách lại thành hai bản ghi như trước."))
            elif other is None:
                raise NotFound(_("Không có bản ghi “%(key)s”.") % {"key": key[:80]})
            else:
                merging.merge(
                    actor,
                    kept=kept,
                    other=other,
                    take=request.POST.getlist("lay"),
                    expected=_number(request.POST.get("thay-doi", "")),
                    expected_other=_number(request.POST.get("thay-doi-kia", "")),
                    provenance=Provenance(reason=asked.plain(request.POST.get("reason", ""))[:500]),
                )
                messages.success(request, _("Đã nhập bản ghi “%(key)s” vào bản ghi này.") % {"key": other.key})
            return redirect("records:record", code=code, record=kept.pk)
        except DomainError as error:
            fault = str(error.message)
    rows: list[dict[str, Any]] = []
    if other is not None:
        try:
            rows = _side_by_side(opened, kept, other, readable, allowed.write, request.POST.getlist("lay"))
        except DomainError as error:
            fault, other = fault or str(error.message), None
    elif key and not fault:
        fault = _("Không có bản ghi “%(key)s”.") % {"key": key[:80]}
    suggested = [] if other else _suggested(request, opened, kept)
    newest = history.newest(kept)
    shown = [one.data for one in (newest, history.newest(other) if other else None) if one]
    reading.look(request, opened, looks.numbers_in(spec, shown), readable if other else {spec.name} & allowed.read)
    data = {name: value for name, value in (newest.data if newest else {}).items() if name in allowed.read}
    context = {
        "code": code,
        "title": presentation.title_of(spec),
        "record": kept,
        "name": presentation.name_of(spec, data, kept.key),
        "key": key,
        "other": other,
        "rows": rows,
        "fault": fault,
        "reason": request.POST.get("reason", ""),
        "seen": history.last_change(kept),
        "seen_other": history.last_change(other) if other else 0,
        "suggested": suggested,
        "merges": Merge.objects.filter(kept=kept, undone_at=None).select_related("other").order_by("-pk")[:20],
    }
    return render(request, "records/duplicates.html", context)


def _other(actor: Actor, opened: reading.Opened, key: str) -> tuple[Record | None, frozenset[str]]:
    """The record with this key, where this official may write it, and what may be read of it."""
    found = Record.objects.select_related("register__owner").filter(
        register=opened.register, key=key.replace("\x00", "")
    )
    other = found.first() if key else None
    allowed = rights(actor, opened.spec, place_of(other)) if other else None
    return (other, allowed.read) if allowed and allowed.write else (None, frozenset())


def _side_by_side(
    opened: reading.Opened,
    kept: Record,
    other: Record,
    readable: Collection[str],
    writable: Collection[str],
    taken: list[str],
) -> list[dict[str, Any]]:
    spec = opened.spec
    found = merging.plan(spec, kept, other, [])
    places = presentation.named_places(spec, [found.kept, found.other])
    may = merging.takeable(spec)
    return [
        {
            "field": name,
            "label": label_of(name, prop),
            "kept": presentation.words(spec, name, found.kept.get(name), places) or "—",
            "other": presentation.words(spec, name, found.other.get(name), places) or "—",
            "may": name in writable and name in may,
            "checked": name in taken,
        }
        for name, prop in spec.fields.items()
        if name in readable and found.kept.get(name) != found.other.get(name)
    ]


def _suggested(request: HttpRequest, opened: reading.Opened, kept: Record) -> list[dict[str, str]]:
    scope = opened.scopes.get(reading.OWN)
    if scope is None:
        return []
    found = merging.suggestions(opened.register, opened.spec, scope, kept)
    persons = looks.numbers_in(opened.spec, [one.data for one in found])
    reading.look(request, opened, persons, {opened.spec.name, opened.spec.key.field} & scope.fields)
    return [
        {
            "key": one.key,
            "name": presentation.name_of(
                opened.spec, {n: v for n, v in one.data.items() if n in scope.fields}, one.key
            ),
        }
        for one in found
    ]


def _undo(actor: Actor, kept: Record, number: str) -> None:
    done = Merge.objects.select_related(
        "kept__register__owner", "other__register__owner", "kept_change", "other_change"
    )
    found = done.filter(kept=kept, pk=int(number)).first() if number.isdecimal() and len(number) < 18 else None
    if found is None:
        raise NotFound(_("Không có việc nhập này."))
    merging.undo(actor, done=found, provenance=Provenance(reason=_("Hoàn tác việc nhập bản ghi trùng.")))


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 else None
