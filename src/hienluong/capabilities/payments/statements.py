"""The provider's statement of one day: asked over its signed door, taken in, compared with our books."""

from __future__ import annotations

from datetime import date
from typing import Any, TypedDict

from django.utils import timezone

from hienluong.foundation.actions import Act, NotAllowed, action, system
from hienluong.ui import asked

from . import doors, matching
from .models import Statement, StatementLine
from .notices import MOST_MONEY, moment, word


class Line(TypedDict):
    """One line of a statement."""

    transaction: str
    direction: str
    amount: int
    content: str
    booked_at: Any


def fetch(provider: str, day: date) -> Statement:
    """Ask for the statement of a day and take it in. Raises :class:`doors.Away` when it cannot be had or read."""
    told = doors.ask(provider, "/api/statement", {"day": day.isoformat()})
    if told.get("day") != day.isoformat() or not isinstance(told.get("lines"), list):
        raise doors.Away("answer: not the statement of that day")
    try:
        lines = [_line(item) for item in told["lines"]]
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise doors.Away("answer: malformed") from error
    return take_statement(system(f"Sao kê: {provider}"), provider=provider, day=day, lines=lines)


def _line(item: Any) -> Line:
    if item["direction"] not in StatementLine.Direction.values:
        raise ValueError(item["direction"])
    amount = int(item["amount"])
    if not 0 < amount < MOST_MONEY:
        raise ValueError(amount)
    return {
        "transaction": word(item["transaction"], 80),
        "direction": item["direction"],
        "amount": amount,
        "content": word(item.get("content", ""), 100),
        "booked_at": moment(item["paid_at"]),
    }


@action("payments.take_statement")
def take_statement(act: Act, *, provider: str, day: date, lines: list[Line]) -> Statement:
    """Keep the lines of a day (a line is known by its transaction and replaced when told differently) and compare."""
    if act.actor.kind != "system":
        raise NotAllowed("only the provider's door brings statements")
    for line in lines:
        StatementLine.objects.update_or_create(
            provider=provider,
            transaction=line["transaction"],
            direction=line["direction"],
            defaults={
                "amount": line["amount"],
                "content": line["content"],
                "booked_at": line["booked_at"],
                "day": day,
            },
        )
    sums = {way: sum(line["amount"] for line in lines if line["direction"] == way) for way in ("in", "out")}
    statement, _made = Statement.objects.update_or_create(
        provider=provider,
        day=day,
        defaults={
            "fetched_at": timezone.now(),
            "count": len(lines),
            "came_in": sums["in"],
            "went_out": sums["out"],
        },
    )
    still_open = matching.keep(provider, day, matching.compare(provider, day))
    act.record(statement, after={"day": day, "lines": len(lines), **sums, "open": still_open})
    return statement


def lawful_day(day: date) -> bool:
    """Whether a statement of that day can be asked for."""
    return asked.FIRST_DAY <= day <= timezone.localdate()
