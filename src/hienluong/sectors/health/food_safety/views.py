"""Pages that a register alone cannot give: the plan of inspections, an outbreak in figures, the way of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.services.oversight import charts
from hienluong.ui import asked

from . import law, outbreaks, planning, reading, tracing
from .outbreaks import Attack, Case
from .planning import Premises

_SHIPMENT = ("product", "batch", "made_from", "supplier", "receiver", "quantity", "unit", "sent_on", "recalled_on")

#: What the page of an outbreak shows; the list names those outbreaks of which one may read all of it.
OUTBREAK = ("title", "place_name", "meal_at", "hospitalised", "deaths", "agent", "suspect", "status")


@require_GET
@officials.only()
def home(request: HttpRequest) -> HttpResponse:
    """What there is: the outbreaks that are known, the ways to the plan and to tracing, and which decree applies today."""
    found = reading.rows(actor_of(request), reading.OUTBREAKS, OUTBREAK)
    today = timezone.localdate()
    context = {
        "outbreaks": sorted(found, key=lambda one: str(one["meal_at"]), reverse=True),
        "decree": law.governing(law.instruments(), today),
        "suspended": [(one, by) for one in law.instruments() if (by := one.suspended_by(today))],
    }
    return render(request, "food_safety/home.html", context)


@require_GET
@officials.only()
def plan(request: HttpRequest) -> HttpResponse:
    """The inspections that are due in a quarter, with the reasons."""
    actor = actor_of(request)
    today = timezone.localdate()
    day = _quarter_asked(asked.text(request, "quy", 7)) or today
    known = reading.rows(actor, reading.PREMISES, ("title", "address", "risk", "opened_on", "status"))
    inspected: dict[str, dict[str, Any]] = {}
    for one in reading.rows(actor, reading.INSPECTIONS, ("premises", "inspected_on", "serious")):
        before = inspected.get(str(one["premises"]))
        if before is None or before["inspected_on"] < one["inspected_on"]:
            inspected[str(one["premises"])] = one
    certified = {
        str(one["premises"]): date.fromisoformat(one["expires_on"])
        for one in reading.rows(actor, reading.CERTIFICATES, ("premises", "expires_on", "status"))
        if one["status"] == "valid"
    }
    premises = [
        _premises(one, inspected.get(one["key"]), certified.get(one["key"]))
        for one in known
        if one["status"] == "active"
    ]
    first, after = planning.quarter(day)
    addresses = {one["key"]: one["address"] for one in known}
    due = [(one, addresses[one.premises.key]) for one in planning.plan(premises, day, planning.rules())]
    context = {
        "due": due,
        "total": len(premises),
        "first": first,
        "quarter": (first.month + 2) // 3,
        "before": f"{planning.months_after(first, -3):%Y-%m}",
        "after": f"{after:%Y-%m}",
    }
    return render(request, "food_safety/plan.html", context)


def _quarter_asked(text: str) -> date | None:
    """The month asked for as a day; None for anything else."""
    try:
        day = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _premises(data: Mapping[str, Any], last: Mapping[str, Any] | None, until: date | None) -> Premises:
    return Premises(
        key=data["key"],
        name=data["title"],
        risk=data["risk"],
        opened=date.fromisoformat(data["opened_on"]),
        last_inspected=date.fromisoformat(last["inspected_on"]) if last else None,
        violations=int(last["serious"] or 0) if last else 0,
        certified_until=until,
    )


@require_GET
@officials.only()
def outbreak(request: HttpRequest, key: str) -> HttpResponse:
    """One outbreak: its curve and the attack rates by food, from the people who shared the meal."""
    actor = actor_of(request)
    found = reading.rows(actor, reading.OUTBREAKS, OUTBREAK, Q(key=key.replace("\x00", "")))
    if not found:
        raise NotFound(_("Không có vụ này."))
    people = reading.rows(actor, reading.CASES, ("ill", "onset", "foods"), Q(data__outbreak=found[0]["key"]))
    cases = [_case(one) for one in people]
    drawn = outbreaks.curve(cases)
    pattern = "%Hh %d/%m" if drawn.step == outbreaks.HOUR else "%d/%m"
    bars = [(bar.start.strftime(pattern), bar.count) for bar in drawn.bars]
    context = {
        "outbreak": found[0],
        "meal_at": datetime.fromisoformat(found[0]["meal_at"]),
        "people": len(cases),
        "ill": sum(case.ill for case in cases),
        "bars": bars,
        "left_out": drawn.left_out,
        "chart": charts.bars(bars, _("Số người mắc theo thời điểm khởi phát")),
        "foods": [_in_words(attack) for attack in outbreaks.attacks(cases)],
    }
    return render(request, "food_safety/outbreak.html", context)


def _case(data: Mapping[str, Any]) -> Case:
    foods = {
        str(food.get("name")): bool(food.get("ate")) for food in data["foods"] or () if food.get("ate") is not None
    }
    onset = datetime.fromisoformat(data["onset"]) if data["onset"] else None
    return Case(bool(data["ill"]), onset, foods)


def _in_words(attack: Attack) -> dict[str, Any]:
    ratio = _("không giới hạn") if attack.unbounded else _decimal(attack.ratio)
    return {
        "table": attack,
        "ate": _percent(attack.rate_ate),
        "left": _percent(attack.rate_left),
        "ratio": ratio,
        "difference": _percent(attack.difference),
    }


def _percent(share: Fraction | None) -> str:
    return "—" if share is None else f"{number_format(round(float(share * 100), 1), 1)}%"


def _decimal(value: Fraction | None) -> str:
    return "—" if value is None else number_format(round(float(value), 2), 2)


@require_GET
@officials.only()
def trace(request: HttpRequest) -> HttpResponse:
    """The way of a batch: where it came from and where it went."""
    register = reading.whole(actor_of(request), reading.SHIPMENTS, _SHIPMENT)
    batch = asked.text(request, "lo", 60).strip()
    found = tracing.trace(register, batch) if batch else None
    return render(request, "food_safety/trace.html", {"batch": batch, "trace": found, "most": tracing.MOST})
