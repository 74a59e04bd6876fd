"""Pages that a register alone cannot give: the plan of inspections, an outbreak in figures, the way of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from hienluong.capabilities.scoring.permissions import ASSESS
from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.services.oversight import charts
from hienluong.ui import asked

from . import inspected, law, outbreaks, planning, reading, tracing
from .inspected import Inspection
from .outbreaks import Attack, Case, Incubation
from .planning import Premises

_SHIPMENT = ("product", "batch", "made_from", "supplier", "receiver", "quantity", "unit", "sent_on", "recalled_on")

#: What the page of an outbreak shows; the list names those outbreaks of which one may read all of it.
OUTBREAK = ("title", "place_name", "meal_at", "hospitalised", "deaths", "agent", "suspect", "status")
_PREMISES = ("title", "kind", "address", "risk", "opened_on", "status")
#: A list has so many rows a page.
PER_PAGE = 50
#: What a status of an outbreak is called, and the colour of its tag.
STATUSES = {"open": (gettext_lazy("Đang điều tra"), "orange"), "closed": (gettext_lazy("Đã kết luận"), "green")}
#: The check list by which a place that serves meals is inspected.
CHECK = "food.catering_check"
SERVING = ("kitchen", "restaurant", "catering")
#: Quarters are written with Roman numerals.
_QUARTERS = ("I", "II", "III", "IV")
#: So many batches that moved last are offered for tracing.
RECENT = 8


@require_GET
@officials.only()
def home(request: HttpRequest) -> HttpResponse:
    """What there is: the outbreaks that are known, the ways to the plan and to tracing, and which decree applies today."""
    actor, today = actor_of(request), timezone.localdate()
    found = reading.rows(actor, reading.OUTBREAKS, OUTBREAK, _investigating())
    page = _page(request, sorted(found, key=lambda one: str(one["meal_at"]), reverse=True))
    decree = law.governing(law.instruments(), today)
    context = {
        "page": page,
        "outbreaks": [
            {**one, "meal_at": _moment(one["meal_at"]), "tag": STATUSES.get(str(one["status"]))} for one in page
        ],
        "may_trace": reading.may_trace(actor, _SHIPMENT),
        "decree": decree,
        "decree_name": _named(decree.number) if decree else "",
        "suspended": [(_named(one.number), _named(by)) for one in law.instruments() if (by := one.suspended_by(today))],
    }
    return render(request, "food_safety/home.html", context)


@require_GET
@officials.only()
def plan(request: HttpRequest) -> HttpResponse:
    """The inspections that are due in a quarter, with the reasons."""
    actor = actor_of(request)
    today = timezone.localdate()
    day = _quarter_asked(asked.text(request, "quy", 7)) or today
    known = reading.find(actor, reading.PREMISES, _PREMISES, Q(data__status="active"))
    papers = reading.find(actor, reading.CERTIFICATES, ("premises", "expires_on", "status"), Q(data__status="valid"))
    last, certified = inspected.last(actor), _certified(papers.rows)
    premises = [_premises(one, last.get(one["key"]), certified.get(one["key"])) for one in known.rows]
    first, after = planning.quarter(day)
    found = planning.plan(premises, day, planning.rules())
    page = _page(request, found)
    by_key = {one["key"]: one for one in known.rows}
    due = [
        {"it": one, "place": (place := by_key[one.premises.key]), "is_serving": place["kind"] in SERVING}
        for one in page
    ]
    shown = {one.premises.key for one in page}
    known.show(actor, [by_key[key]["record"] for key in shown], inspected.purpose())
    papers.show(actor, [one["record"] for one in papers.rows if one["premises"] in shown], inspected.purpose())
    context = {
        "page": page,
        "due": due,
        "overdue": sum(one.overdue for one in found),
        "register": reading.PREMISES,
        "check": CHECK if actor.paths_with(ASSESS) else "",
        "total": len(premises),
        "first": first,
        "quarter": _QUARTERS[first.month // 3],
        "before": f"{planning.months_after(first, -3):%Y-%m}",
        "after": f"{after:%Y-%m}",
    }
    return render(request, "food_safety/plan.html", context)


def _page(request: HttpRequest, found: Sequence[Any]) -> Page[Any]:
    """The page of a list that was asked for."""
    return Paginator(found, PER_PAGE).get_page(asked.number(request, "page", 1, 10**6) or 1)


def _certified(papers: Iterable[Mapping[str, Any]]) -> dict[str, date]:
    """Until when the certificates of premises hold, by key; of several the last one counts."""
    until: dict[str, date] = {}
    for one in papers:
        if one["expires_on"]:
            day = date.fromisoformat(one["expires_on"])
            until[str(one["premises"])] = max(day, until.get(str(one["premises"]), day))
    return until


def _investigating() -> str:
    return _("Điều tra ngộ độc thực phẩm")


def _named(number: str) -> str:
    """A legal document as it is cited: Nghị định 15/2018/NĐ-CP."""
    kinds = {"NĐ": _("Nghị định %(number)s"), "NQ": _("Nghị quyết %(number)s"), "TT": _("Thông tư %(number)s")}
    return kinds.get(number.rpartition("/")[2].partition("-")[0], "%(number)s") % {"number": number}


def _quarter_asked(text: str) -> date | None:
    """The month asked for as a day; None for anything else."""
    try:
        day = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None


def _premises(data: Mapping[str, Any], last: Inspection | None, until: date | None) -> Premises:
    return Premises(
        key=data["key"],
        name=data["title"],
        risk=data["risk"],
        opened=date.fromisoformat(data["opened_on"]),
        last_inspected=last.day if last else None,
        violations=last.serious if last else 0,
        certified_until=until,
    )


@require_GET
@officials.only()
def outbreak(request: HttpRequest, key: str) -> HttpResponse:
    """One outbreak: its curve and the attack rates by food, from the people who shared the meal."""
    actor = actor_of(request)
    found = reading.rows(actor, reading.OUTBREAKS, OUTBREAK, _investigating(), Q(key=key.replace("\x00", "")))
    if not found:
        raise NotFound(_("Không có vụ này."))
    of_it = Q(data__outbreak=found[0]["key"])
    people = reading.rows(actor, reading.CASES, ("ill", "onset", "foods"), _investigating(), of_it)
    cases, meal_at = [_case(one) for one in people], _moment(found[0]["meal_at"])
    drawn = outbreaks.curve(cases, meal_at)
    pattern = "%Hh %d/%m/%Y" if drawn.step == outbreaks.HOUR else "%d/%m/%Y"
    bars = [(bar.start.strftime(pattern), bar.count) for bar in drawn.bars]
    meal = drawn.place_of(meal_at) if meal_at else None
    context = {
        "outbreak": found[0],
        "tag": STATUSES.get(str(found[0]["status"])),
        "meal_at": meal_at,
        "people": len(cases),
        "ill": sum(case.ill for case in cases),
        "attack": _percent(Fraction(sum(case.ill for case in cases), len(cases)) if cases else None),
        "incubation": _incubation(outbreaks.incubation(cases, meal_at) if meal_at else None),
        "bars": [(label, count) for label, count in bars if count],
        "by_hour": drawn.step == outbreaks.HOUR,
        "left_out": drawn.left_out,
        "chart": charts.histogram(
            bars,
            drawn.ticks,
            _("Số người mắc theo thời điểm khởi phát"),
            (meal, _("Bữa ăn")) if meal is not None else None,
        ),
        "foods": [_in_words(attack) for attack in outbreaks.attacks(cases)],
        "register": reading.OUTBREAKS,
    }
    return render(request, "food_safety/outbreak.html", context)


def _incubation(found: Incubation | None) -> str:
    """The times from meal to onset in hours, as “5–29 giờ, trung vị 12,5 giờ”; empty when nothing is known."""
    if found is None:
        return ""
    shortest, median, longest = (
        number_format(round(time / outbreaks.HOUR, 1), 1) for time in (found.shortest, found.median, found.longest)
    )
    return _("%(shortest)s–%(longest)s giờ, trung vị %(median)s giờ") % {
        "shortest": shortest,
        "longest": longest,
        "median": median,
    }


def _case(data: Mapping[str, Any]) -> Case:
    foods = {
        str(food.get("name")): bool(food.get("ate")) for food in data["foods"] or () if food.get("ate") is not None
    }
    return Case(bool(data["ill"]), _moment(data["onset"]), foods)


def _moment(text: Any) -> datetime | None:
    """A day and an hour as the registers keep them; None for one that no calendar has (31 April): no page falls over it."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _in_words(attack: Attack) -> dict[str, Any]:
    ratio = _("vô hạn") if attack.unbounded else _decimal(attack.ratio)
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
    actor = actor_of(request)
    register = reading.whole(actor, reading.SHIPMENTS, _SHIPMENT)
    batch = asked.text(request, "lo", 60).strip()
    found = tracing.trace(register, batch) if batch else None
    context = {
        "batch": batch,
        "register": reading.SHIPMENTS,
        "trace": found,
        "onward": [_step(step) for step in found.onward] if found else [],
        "back": [_step(step) for step in found.back] if found else [],
        "most": tracing.MOST,
        "recent": [] if batch else tracing.recent(register, RECENT),
    }
    return render(request, "food_safety/trace.html", context)


def _step(step: tracing.Step) -> dict[str, Any]:
    """A shipment of a trace with its days as days and its quantity in words."""
    data = step.data
    quantity = data.get("quantity")
    return {
        **data,
        "distance": step.distance + 1,
        "sent_on": _date(data.get("sent_on")),
        "recalled_on": _date(data.get("recalled_on")),
        "quantity": f"{number_format(quantity)} {data.get('unit') or ''}".strip() if quantity is not None else "",
    }


def _date(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None
