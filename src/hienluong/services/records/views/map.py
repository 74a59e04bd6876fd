"""The map of a register: the records of a list where they are, closer by box, with the same records as a list below."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.capabilities.registers import looks, places, queries
from hienluong.capabilities.registers.places import Chart, Spot
from hienluong.capabilities.registers.queries import Row, Scope, Wish
from hienluong.foundation.actions import InvalidInput, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.ui import asked as typed

from .. import charting, filtering, presentation, reading
from .lists import address_with, complain, scope_choices

#: Which part of the world is shown: west, south, east and north in degrees.
BOX = "khung"
#: Records that are named beside the map.
LISTED = 50


@require_GET
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """The records of a list on a map. What is read under a sharing agreement is counted record by record: it has none."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    charted = {name: scope for name, scope in opened.scopes.items() if opened.spec.map in scope.fields}
    if not charted:
        raise NotFound(_("Cơ sở dữ liệu này không có bản đồ."))
    wanted = typed.text(request, filtering.SCOPE, 60)
    usual = opened.first if opened.first in charted else next(iter(charted))
    chosen = wanted if wanted in charted else usual
    scope = charted[chosen]
    asked = filtering.ask(request, opened.spec, scope)
    text = typed.text(request, BOX, 200)
    box = charting.box_in(text) if text else None
    fault = _("Khung bản đồ gồm bốn số: tây, nam, đông, bắc.") if text and box is None else ""
    wish = replace(asked.wish, box=box, after="", size=LISTED)
    chart, rows = None, []
    if asked.form.is_valid():
        try:
            chart = places.chart(opened.register, opened.spec, scope, wish, charting.RATIO)
            if chart:
                rows = queries.find(opened.register, opened.spec, scope, replace(wish, box=chart.box)).rows
        except InvalidInput as error:
            complain(asked, error)
    named = _named(opened, scope, wish, chart, rows)
    shown = [row for row in named.values() if row in rows or (chart and _is_alone(chart, row.record))]
    fields = {opened.spec.name, opened.spec.map} & scope.fields
    reading.look(request, opened, looks.persons(shown), fields)
    context = {
        "code": code,
        "title": presentation.title_of(opened.spec),
        "asked": asked,
        "chips": _chips(request, asked),
        "kept_parts": [
            (name, value) for name in (filtering.SCOPE, filtering.VIEW, BOX) for value in request.GET.getlist(name)[:1]
        ],
        "scopes": scope_choices(request, [name for name in opened.scopes if name in charted], chosen),
        "list_address": f"{reverse('records:records', args=[code])}{address_with(request, **{BOX: ''})}",
        "fault": fault,
        "chart": chart,
        "is_box": box is not None,
        "most": places.MOST,
        "whole": address_with(request, **{BOX: ""}),
        "reset": f"?{urlencode({filtering.SCOPE: chosen})}",
        "steps": _steps(request, chart),
        "drawing": _drawing(request, opened, chart, named) if chart else None,
        "rows": [_listed(opened, row) for row in rows],
        "more": max(0, chart.total - len(rows)) if chart else 0,
    }
    return render(request, "records/chart.html", context)


def _chips(request: HttpRequest, asked: filtering.Asked) -> list[dict[str, str]]:
    """Each condition in use once, with the address of the map without it."""
    said = filtering.conditions(asked)
    return [
        {
            "words": " · ".join(other.words for other in said if other.names == one.names),
            "href": address_with(request, **dict.fromkeys(one.names, "")),
        }
        for place, one in enumerate(said)
        if one.names not in [other.names for other in said[:place]]
    ]


def _is_alone(chart: Chart, record: int) -> bool:
    return any(spot.records == [record] for spot in chart.spots)


def _named(opened: reading.Opened, scope: Scope, wish: Wish, chart: Chart | None, rows: list[Row]) -> dict[int, Row]:
    """The records that the page names: those listed, and those that have a mark of their own."""
    known = {row.record: row for row in rows}
    alone = [spot.records[0] for spot in chart.spots if len(spot.records) == 1] if chart else []
    missing = [record for record in alone if record not in known]
    if missing:
        found = queries.as_of(opened.register, wish.valid).filter(scope.rows, record_id__in=missing)
        for record, key, version, data in found.values_list("record_id", "key", "id", "data"):
            known[record] = queries.shown(opened.spec, scope, record, key, version, data)
    return known


def _name(opened: reading.Opened, row: Row | None) -> str:
    return presentation.name_of(opened.spec, row.data, row.key) if row else _("Bản ghi")


def _listed(opened: reading.Opened, row: Row) -> dict[str, Any]:
    address = reverse("records:record", args=[opened.register.code, row.record])
    return {
        "name": _name(opened, row),
        "href": address,
        "place": presentation.words(opened.spec, opened.spec.map, row.data.get(opened.spec.map), {}),
    }


def _drawing(request: HttpRequest, opened: reading.Opened, chart: Chart, named: dict[int, Row]) -> dict[str, Any]:
    def title(spot: Spot) -> str:
        return _name(opened, named.get(spot.records[0]))

    def href(spot: Spot) -> str:
        if len(spot.records) == 1:
            return reverse("records:record", args=[opened.register.code, spot.records[0]])
        return f"{address_with(request, **{BOX: charting.said(charting.beside(spot.box))})}#ban-do"

    return charting.draw(chart, title, href)


def _steps(request: HttpRequest, chart: Chart | None) -> list[tuple[str, str, str]]:
    """Buttons beside the map: sign, words, address."""
    if chart is None:
        return []
    moves: list[tuple[str, str, dict[str, float]]] = [
        ("+", _("Phóng to"), {"zoom": 0.5}),
        ("−", _("Thu nhỏ"), {"zoom": 2.0}),
        ("↑", _("Lên phía bắc"), {"up": 0.5}),
        ("↓", _("Xuống phía nam"), {"up": -0.5}),
        ("←", _("Sang phía tây"), {"across": -0.5}),
        ("→", _("Sang phía đông"), {"across": 0.5}),
    ]
    return [
        (sign, words, f"{address_with(request, **{BOX: charting.moved(chart.box, **how)})}#ban-do")
        for sign, words, how in moves
    ]
