"""The registers, and the list of one: narrowed, sorted, with the columns one chose, as it is or was on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.capabilities.registers import looks, queries, sharing
from hienluong.capabilities.registers.actions import all_on
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Agreement
from hienluong.capabilities.registers.queries import Page, Row, Scope
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.identity.saved import EVERYTHING, first_query
from hienluong.foundation.schemas.properties import label_of
from hienluong.ui import asked as typed

from .. import filtering, presentation, reading
from ..exporting import actions as exporting
from ..filtering import Asked
from . import saved

#: A list that is longer is not counted further.
COUNT_CAP = 10_000


@require_GET
@officials.only()
def registers(request: HttpRequest) -> HttpResponse:
    """The registers of which this official may read something."""
    actor = actor_of(request)
    rows = [
        {
            "code": register.code,
            "title": presentation.title_of(spec),
            "description": spec.description,
            "owner": register.owner.name,
        }
        for register, spec in reading.listable(actor)
    ]
    rows.sort(key=lambda row: row["title"])
    is_hidden = not rows and bool(all_on(timezone.localdate()))
    return render(request, "records/registers.html", {"registers": rows, "is_hidden": is_hidden})


@require_GET
@officials.only()
def records(request: HttpRequest, code: str) -> HttpResponse:
    """One page of a register's list."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    views = saved.views_of(request, code)
    if query := first_query(request, views):
        return redirect(f"{request.path}?{query}")
    chosen, agreement, scope = _chosen(request, opened)
    spec = opened.spec
    asked = filtering.ask(request, spec, scope)
    page, total = Page([], ""), 0
    if asked.form.is_valid():
        try:
            if agreement:
                shown = {spec.name, *asked.columns}
                page = sharing.read(actor, opened.register, spec, agreement.code, asked.wish, shown)
            else:
                page = queries.find(opened.register, spec, scope, asked.wish)
            # An agreement gives records, as many a day as it says; how many there would be more, it does not.
            total = len(page.rows) if agreement else queries.count(opened.register, spec, scope, asked.wish, COUNT_CAP)
        except InvalidInput as error:
            complain(asked, error)
    if not agreement:
        reading.look(request, opened, looks.persons(page.rows), {spec.name, *asked.columns} & scope.fields)
    places = presentation.named_places(spec, [row.data for row in page.rows])
    rows = [
        {
            "record": row.record,
            "href": _address(code, row.record, agreement, asked.wish.valid),
            "name": presentation.name_of(spec, row.data, row.key),
            "number": row.key if spec.key.series and row.data.get(spec.name) else "",
            "cells": _cells(spec, scope, asked, row, places),
        }
        for row in page.rows
    ]
    context = {
        "code": code,
        "title": presentation.title_of(spec),
        "spec": spec,
        "owner": opened.register.owner,
        "asked": asked,
        "rows": rows,
        "total": min(total, COUNT_CAP),
        "is_open": total > COUNT_CAP or (agreement is not None and bool(page.after)),
        "next": address_with(request, **{filtering.AFTER: page.after}) if page.after else "",
        "first": address_with(request, **{filtering.AFTER: ""}) if asked.wish.after else "",
        "headings": _headings(request, spec, scope, asked),
        "scopes": scope_choices(
            request, [*opened.scopes, *(f"{reading.SHARED}{code}" for code in opened.shared)], chosen
        ),
        "lists": _views(request, spec, asked),
        "views": views,
        "everything": EVERYTHING,
        "reset": f"?{EVERYTHING}=1",
        "elsewhere": _elsewhere(request, opened, asked, chosen) if not rows else None,
        "map_address": _map_address(request, opened, scope) if agreement is None else "",
        "save_address": reverse("records:save_view", args=(code,)),
        "columns": _column_choices(spec, scope, asked),
        "kept_parts": _kept(request),
        "agreement": agreement,
        "left": sharing.left_today(agreement) if agreement else None,
        "ticks": chosen == reading.OWN and not asked.wish.valid and bool(actor.paths_with("registers.write")),
        "may_write": bool(actor.paths_with("registers.write")),
        "export": f"?{request.GET.urlencode()}" if chosen in exporting.scopes(actor, opened) else "",
        "may_import": bool(actor.paths_with("registers.import")),
    }
    return render(request, "records/records.html", context)


def _cells(
    spec: RegisterSpec, scope: Scope, asked: Asked, row: Row, places: Mapping[str, str]
) -> list[presentation.Cell]:
    """The cells of a row; a certificate stands as it does on the day of the list."""
    day = timezone.localdate(asked.wish.valid)
    standing = presentation.certificate(spec, row.data, scope.fields, day) if spec.certificate else None
    own = spec.certificate.standing if spec.certificate and standing else ""
    return [
        standing if standing and name == own else presentation.cell(spec, name, row.data.get(name), places)
        for name in asked.columns
    ]


def _chosen(request: HttpRequest, opened: reading.Opened) -> tuple[str, Agreement | None, Scope]:
    """The scope that is asked for, else the first; with its agreement when it is one, which must be in force."""
    chosen = typed.text(request, filtering.SCOPE, 60)
    if chosen.startswith(reading.SHARED):
        code = chosen.removeprefix(reading.SHARED)
        agreement = sharing.opened(actor_of(request), opened.register, code)
        return chosen, agreement, queries.scope_of(agreement, opened.spec)
    if chosen in opened.scopes or opened.scopes:
        chosen = chosen if chosen in opened.scopes else opened.first
        return chosen, None, opened.scopes[chosen]
    code = next(iter(opened.shared))
    return f"{reading.SHARED}{code}", sharing.opened(actor_of(request), opened.register, code), opened.shared[code]


def _elsewhere(request: HttpRequest, opened: reading.Opened, asked: Asked, chosen: str) -> dict[str, Any] | None:
    """Where one's own agency has no such record how many the province has, and where they are; None without any."""
    whole = opened.scopes.get(reading.WHOLE)
    if chosen != reading.OWN or whole is None or not asked.form.is_valid():
        return None
    try:
        count = queries.count(opened.register, opened.spec, whole, asked.wish, COUNT_CAP)
    except InvalidInput:  # what is asked for may not be read of others' records
        return None
    href = address_with(request, **{filtering.SCOPE: reading.WHOLE, filtering.AFTER: ""})
    return {"count": min(count, COUNT_CAP), "is_open": count > COUNT_CAP, "href": href} if count else None


def _address(code: str, record: int, agreement: Agreement | None, moment: datetime | None) -> str:
    """The page of a record, as it was on the day of the list; an agreement gives it as it is now only."""
    if agreement:
        return reverse("records:shared", args=[code, record, agreement.code])
    query = f"?{urlencode({filtering.DAY: timezone.localdate(moment).isoformat()})}" if moment else ""
    return reverse("records:record", args=[code, record]) + query


@dataclass(frozen=True)
class Heading:
    """A column's heading; with an address when the list can be put in its order."""

    label: str
    href: str
    aria: str
    is_number: bool


def _headings(request: HttpRequest, spec: RegisterSpec, scope: Scope, asked: Asked) -> list[Heading]:
    current, down = asked.wish.sort.removeprefix("-"), asked.wish.sort.startswith("-")
    found = []
    for name in (spec.name, *asked.columns):
        prop = spec.fields[name]
        href, aria = "", ""
        if spec.puts_in_order(name) and name in scope.fields:
            turned = f"-{name}" if name == current and not down else name
            href = address_with(request, **{filtering.SORT: turned, filtering.AFTER: ""})
            aria = ("descending" if down else "ascending") if name == current else "none"
        is_number = presentation.is_number(prop)
        found.append(Heading(label_of(name, prop), href, aria, is_number))
    return found


def address_with(request: HttpRequest, **parts: str) -> str:
    """This address with other parts; empty ones go."""
    query: QueryDict = request.GET.copy()
    for name, value in parts.items():
        if value:
            query[name] = value
        else:
            query.pop(name, None)
    return f"?{query.urlencode()}"


def _map_address(request: HttpRequest, opened: reading.Opened, scope: Scope) -> str:
    """Where the same list is shown on a map; nowhere when one may not read where its records are."""
    if not opened.spec.map or opened.spec.map not in scope.fields:
        return ""
    return f"{reverse('records:map', args=[opened.register.code])}{address_with(request, **{filtering.AFTER: ''})}"


def scope_choices(request: HttpRequest, names: Sequence[str], chosen: str) -> list[dict[str, Any]]:
    """The scopes of these names as links; none when there is nothing to choose."""
    words = {reading.OWN: _("Cơ quan tôi quản lý"), reading.WHOLE: _("Toàn tỉnh")}
    for name in names:
        if name.startswith(reading.SHARED):
            words[name] = _("Theo thỏa thuận chia sẻ %(code)s") % {"code": name.removeprefix(reading.SHARED)}
    if len(names) < 2:
        return []
    return [
        {
            "label": words[name],
            "href": address_with(request, **{filtering.SCOPE: name, filtering.AFTER: ""}),
            "current": name == chosen,
        }
        for name in names
    ]


def _views(request: HttpRequest, spec: RegisterSpec, asked: Asked) -> list[dict[str, Any]]:
    if len(spec.lists) < 2:
        return []
    return [
        {
            "label": view.title or presentation.title_of(spec),
            "href": f"?{filtering.VIEW}={number}",
            "current": view is asked.view,
        }
        for number, view in enumerate(spec.lists)
    ]


def _column_choices(spec: RegisterSpec, scope: Scope, asked: Asked) -> list[dict[str, Any]]:
    return [
        {"name": name, "label": label_of(name, prop), "checked": name in asked.columns}
        for name, prop in spec.fields.items()
        if name in scope.fields
        and name != spec.name
        and prop.get("x-widget") not in ("map", "file", "photo", "signature")
    ]


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """What the forms of the page hand on: order, columns, scope, view."""
    names = (filtering.SORT, filtering.COLUMNS, filtering.SCOPE, filtering.VIEW)
    return [(name, value) for name in names for value in request.GET.getlist(name)[:40]]


def complain(asked: Asked, error: InvalidInput) -> None:
    """What the register refuses to be asked, beside the box it was typed in."""
    name = f"{filtering.PREFIX}{error.field}" if error.field else ""
    place = name if name in asked.form.fields else "q" if error.field == "text" else None
    asked.form.add_error(place, str(error.message))
