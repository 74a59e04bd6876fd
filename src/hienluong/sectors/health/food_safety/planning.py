"""Which premises are due for an inspection, in which quarter and why: a pure function of what is known of them.

How often is a decision of the province within the law: no more than twice a year for premises that hold the certificate
(Thông tư 16/2012/TT-BYT, Điều 14 khoản 1). The months by risk are data (``inspection_plan.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Rules:
    """Months between inspections by risk group, how a violation shortens them, and the shortest there may be."""

    months: dict[str, int]
    after_violation: int
    shortest_certified: int
    before_expiry: int


@dataclass(frozen=True)
class Premises:
    """What the plan looks at; `violations` are serious ones found by the last inspection."""

    key: str
    name: str
    risk: str
    opened: date
    last_inspected: date | None = None
    violations: int = 0
    certified_until: date | None = None


@dataclass(frozen=True)
class Due:
    """An inspection that is due: the day by which, whether that day is over, and the reasons in words."""

    premises: Premises
    by: date
    overdue: bool
    reasons: tuple[str, ...]


def quarter(day: date) -> tuple[date, date]:
    """The first day of the quarter of a day, and the first day of the next one."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    return first, months_after(first, 3)


def plan(premises: Iterable[Premises], day: date, rules: Rules) -> list[Due]:
    """What is due in the quarter of `day`, the most urgent first; what was due before is due now."""
    _first, after = quarter(day)
    found = [due for one in premises if (due := due_of(one, rules, day)).by < after]
    return sorted(found, key=lambda due: (due.by, due.premises.key))


def due_of(premises: Premises, rules: Rules, today: date) -> Due:
    """When the next inspection of these premises is due."""
    months = rules.months.get(premises.risk, max(rules.months.values()))
    reasons = [_("Nhóm nguy cơ %(risk)s: %(months)d tháng một lần.") % {"risk": _risk(premises.risk), "months": months}]
    if premises.violations:
        months = min(months, rules.after_violation)
        reasons.append(
            _("%(count)d vi phạm nặng ở lần kiểm tra trước: kiểm tra lại sau %(months)d tháng.")
            % {"count": premises.violations, "months": months}
        )
    holds = premises.certified_until is not None and premises.certified_until >= today
    if holds and months < rules.shortest_certified:
        months = rules.shortest_certified
        reasons.append(_("Cơ sở có giấy chứng nhận: không quá hai lần một năm (Điều 14 Thông tư 16/2012/TT-BYT)."))
    if premises.last_inspected is None:
        by = months_after(premises.opened, months)
        reasons.append(_("Chưa được kiểm tra lần nào."))
    else:
        by = months_after(premises.last_inspected, months)
    if holds and premises.certified_until:
        renewal = months_after(premises.certified_until, -rules.before_expiry)
        seen = premises.last_inspected is not None and premises.last_inspected >= renewal
        if not seen and renewal < by:
            by = renewal
            reasons.append(_("Giấy chứng nhận sắp hết hạn."))
    return Due(premises, by, by < today, tuple(reasons))


def _risk(code: str) -> str:
    return {"high": _("cao"), "medium": _("trung bình"), "low": _("thấp")}.get(code, code)


def months_after(day: date, months: int) -> date:
    """The same day some months later (or earlier), the last of the month when there is no such day."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise ValueError(f"no such month: {year}-{month + 1}")


@cache
def rules() -> Rules:
    """The rules of the pack."""
    content = yaml.safe_load((Path(__file__).parent / "inspection_plan.yaml").read_text("utf-8"))
    return Rules(
        months=content["months"],
        after_violation=content["after_violation"],
        shortest_certified=content["shortest_certified"],
        before_expiry=content["before_expiry"],
    )
