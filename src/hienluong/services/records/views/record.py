"""The page of a record: what it says, what it is bound to, what happened to it; and two moments side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.capabilities.registers import history, looks, migrating, queries, sharing, temporal
from hienluong.capabilities.registers.models import Record, Version
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.schemas.kinds import box_of
from hienluong.foundation.schemas.properties import label_of
from hienluong.ui import asked as typed

from .. import assessing, certifying, charting, filtering, presentation, reading, relations

BEFORE = "truoc"


@require_GET
@officials.only()
def record(request: HttpRequest, code: str, record: int) -> HttpResponse:
    """A record as it is now, or as it was on a day (`ngay`)."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    found, allowed = reading.record_for(actor, opened, record)
    day = typed.day(request, "ngay")
    if found.merged_into_id and day is None and history.at(found, timezone.now()) is None:
        words = _("Bản ghi này được nhập từ bản ghi trùng mà bạn vừa mở.")
        messages.info(request, words)
        return redirect("records:record", code=code, record=found.merged_into_id)
    version = history.at(found, temporal.end_of(day) if day else timezone.now())
    latest = version or history.newest(found)
    spec = opened.spec
    data = _visible(latest, allowed.read)
    before = typed.number(request, BEFORE, 1, 2**62)
    told = history.told(found, spec, allowed.read, before=before)
    reading.look(request, opened, looks.numbers_ever(spec, found), allowed.read)
    outgoing, incoming = relations.outgoing(actor, spec, data, allowed.read), relations.incoming(actor, found)
    relations.write_down(actor, spec, outgoing, incoming)
    places = presentation.named_places(spec, history.said(told))
    acts = certifying.named(spec, found, [one.change.pk for one in told])
    signers = certifying.signed([one.change for one in told])
    context = {
        "code": code,
        "title": presentation.title_of(spec),
        "spec": spec,
        "record": found,
        "key": found.key if not spec.key.field or spec.key.field in allowed.read else "",
        "name": presentation.name_of(spec, data, found.key),
        "lines": _bound(presentation.lines(spec, data, allowed.read, day), outgoing),
        "drawing": charting.alone(data.get(spec.map), presentation.name_of(spec, data, found.key))
        if spec.map
        else None,
        "map_address": _around(opened, data),
        "certificate": None if day else certifying.shown(actor, found, spec, data, allowed.read),
        "day": day,
        "is_over": version is None,
        "organization": latest.organization if latest else opened.register.owner,
        "since": latest.valid.lower if latest else None,
        **_lasts(found, latest),
        "definition": latest.definition_id if latest else None,
        "events": [presentation.happened(spec, one, places, acts, signers) for one in told],
        "older": told[-1].change.pk if len(told) == history.PAGE else None,
        "incoming": incoming,
        "checks": [] if day or version is None else assessing.forms(actor, code),
        "assessments": assessing.past(actor, found),
        "may_write": bool(allowed.write),
        "is_public": bool(spec.readable(spec.access.public)),
    }
    return render(request, "records/record.html", context)


def _lasts(record: Record, latest: Version | None) -> dict[str, Any]:
    """Until when what a record says holds; `turns` are the days from which on it only obeys another version."""
    if latest is None or latest.valid.lower is None:
        return {"until": None, "turns": []}
    passed = migrating.turns(record, latest.valid.lower)
    turns, until = [], latest.valid.upper
    while until is not None and until in passed:
        definition, until = passed[until]
        turns.append({"day": definition.valid.lower, "version": definition.version})
    return {"until": until, "turns": turns}


@require_GET
@officials.only()
def shared(request: HttpRequest, code: str, record: int, agreement: str) -> HttpResponse:
    """What a sharing agreement gives of a record now: no history, no other records that it is bound to."""
    actor = actor_of(request)
    register, spec = reading.register_and_spec(code)
    under = sharing.opened(actor, register, agreement)
    page = sharing.read(actor, register, spec, agreement, Wish(record=min(record, 2**63 - 1), size=1))
    if not page.rows:
        raise NotFound(_("Không có bản ghi này."))
    row, fields = page.rows[0], queries.scope_of(under, spec).fields
    context = {
        "code": code,
        "title": presentation.title_of(spec),
        "key": row.key,
        "name": presentation.name_of(spec, row.data, row.key),
        "lines": presentation.lines(spec, row.data, fields),
        "agreement": under,
        "left": sharing.left_today(under),
        "back": f"?{urlencode({filtering.SCOPE: f'{reading.SHARED}{under.code}'})}",
    }
    return render(request, "records/shared.html", context)


@require_GET
@officials.only()
def compare(request: HttpRequest, code: str, record: int) -> HttpResponse:
    """Two moments of a record side by side: each a day in the world, and the day on which it was known."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    found, allowed = reading.record_for(actor, opened, record)
    today = timezone.localdate()
    moments = []
    for side in ("a", "b"):
        valid = typed.day(request, f"{side}-ngay") or today
        known = typed.day(request, f"{side}-biet")
        version = history.at(found, temporal.end_of(valid), temporal.end_of(known) if known else None)
        moments.append({"side": side, "valid": valid, "known": known, "version": version})
    left, right = (_visible(moment["version"], allowed.read) for moment in moments)  # type: ignore[arg-type]
    places = presentation.named_places(opened.spec, [left, right])
    rows = [
        {
            "label": label_of(name, prop),
            "left": presentation.words(opened.spec, name, left.get(name), places) or "—",
            "right": presentation.words(opened.spec, name, right.get(name), places) or "—",
            "differs": left.get(name) != right.get(name),
        }
        for name, prop in opened.spec.fields.items()
        if name in allowed.read
    ]
    reading.look(request, opened, looks.numbers_ever(opened.spec, found), allowed.read)
    now = _visible(history.newest(found), allowed.read)
    context = {
        "code": code,
        "title": presentation.title_of(opened.spec),
        "record": found,
        "name": presentation.name_of(opened.spec, now, found.key),
        "moments": moments,
        "rows": rows,
        "differ": sum(bool(row["differs"]) for row in rows),
    }
    return render(request, "records/compare.html", context)


def _bound(lines: list[dict[str, Any]], outgoing: list[relations.Bond]) -> list[dict[str, Any]]:
    """The lines of a record; where it names another record, that one's name and the way to it."""
    bonds = {bond.field: bond for bond in outgoing}
    for line in lines:
        if (bond := bonds.get(line["field"])) is None:
            continue
        line["value"], line["beside"] = bond.name, bond.key if bond.key != bond.name else ""
        line["href"] = reverse("records:record", args=[bond.code, bond.record]) if bond.record is not None else ""
        line["ended"] = "1" if bond.ended else ""
    return lines


def _visible(version: Version | None, readable: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in (version.data if version else {}).items() if name in readable}


def _around(opened: reading.Opened, data: dict[str, Any]) -> str:
    """The map of the register around this record; none where its list has no map."""
    spec = opened.spec
    shape = data.get(spec.map) if spec.map else None
    if not shape or not any(spec.map in scope.fields for scope in opened.scopes.values()):
        return ""
    box = charting.said(charting.neighbourhood(box_of(shape)))
    return f"{reverse('records:map', args=[opened.register.code])}?{urlencode({'khung': box})}"
