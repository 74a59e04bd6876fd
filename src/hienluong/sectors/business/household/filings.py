"""A household business is what its filings make of it: the fold of them, on any day (Nghị định 168/2025/NĐ-CP).

Pure functions over lists. The register holds the same as a history of stretches, written filing by filing by the effects of
the procedures; :func:`history` is that way of writing as a model, :func:`fold` says what the law means by it. That both
agree on every day is tested over random filings; that the register agrees, over some.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from hienluong.services.procedures.sector_checks import Finding

#: Shorter pauses need not be registered; a longer one must be registered again (Điều 103 khoản 1).
SHORTEST_PAUSE_DAYS = 15
#: Working days before the pause, or before going on early, by which it must be filed (Điều 103 khoản 1).
NOTICE_WORKING_DAYS = 3
#: Days within which a change must be filed (Điều 100 khoản 1).
CHANGE_DAYS = 10
_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What a filing is for; the procedure of each."""

    REGISTER = "register"  # 1.001612, Điều 99
    CHANGE = "change"  # 2.000720, Điều 100
    PAUSE = "pause"  # 1.001570, Điều 103
    RESUME = "resume"  # 1.001570, Điều 103
    DISSOLVE = "dissolve"  # 1.001266, Điều 104


@dataclass(frozen=True)
class Filing:
    """A granted filing: the day of the signature, what it changes; for a pause its first and last day (`since`,
    `through`), for going on early its first day (`since`)."""

    kind: Kind
    on: date
    changes: Mapping[str, Any] = field(default_factory=dict)
    since: date | None = None
    through: date | None = None


@dataclass(frozen=True)
class Stretch:
    """What the register says from `since` up to and without `until`; None is the end of all times."""

    since: date
    until: date | None
    data: Mapping[str, Any]


def fold(filings: Iterable[Filing], on: date) -> dict[str, Any] | None:
    """What the household business is on a day, from its filings in the order of their signatures; None before the first.

    ``status`` is ``active``, ``suspended`` or ``dissolved``; ``suspended`` the pause that the day lies in. A filing
    counts from its signature on; a pause from its first day to its last, unless going on early ends it before.
    """
    said: dict[str, Any] | None = None
    pauses: list[tuple[date, date, dict[str, str]]] = []
    dissolved = False
    for filing in filings:
        if filing.kind == Kind.RESUME and filing.since:
            before = filing.since - _DAY
            pauses = [(first, min(last, before), words) for first, last, words in pauses if first <= before]
        elif filing.kind == Kind.PAUSE and filing.since and filing.through:
            pauses.append((filing.since, filing.through, period(filing.since, filing.through)))
        if filing.on <= on:
            said = {**(said or {}), **filing.changes}
            dissolved = dissolved or filing.kind == Kind.DISSOLVE
    if said is None:
        return None
    current = next((words for first, last, words in pauses if first <= on <= last), None)
    if dissolved:
        return {**said, "status": "dissolved", "suspended": None}
    return {**said, "status": "suspended" if current else "active", "suspended": current}


def period(first: date, last: date) -> dict[str, str]:
    """A pause as it was registered; that it ended early is told by where it ends in the history, not by other words."""
    return {"from": first.isoformat(), "to": last.isoformat()}


def history(filings: Iterable[Filing]) -> list[Stretch]:
    """The stretches that the effects of the procedures leave in the register, in order of time."""
    stretches: list[Stretch] = []
    for filing in filings:
        if filing.kind == Kind.REGISTER:
            stretches = [Stretch(filing.on, None, {**filing.changes, "status": "active", "suspended": None})]
        elif filing.kind == Kind.CHANGE:
            stretches = _written(stretches, filing.on, None, filing.changes)
        elif filing.kind == Kind.DISSOLVE:
            stretches = _written(stretches, filing.on, None, {"status": "dissolved", "suspended": None})
        elif filing.kind == Kind.RESUME and filing.since:
            stretches = _written(stretches, filing.since, None, {"status": "active", "suspended": None})
        elif filing.kind == Kind.PAUSE and filing.since and filing.through:
            said = {"status": "suspended", "suspended": period(filing.since, filing.through)}
            stretches = _written(stretches, filing.since, filing.through + _DAY, said)
    return stretches


def _written(
    stretches: Sequence[Stretch], since: date, until: date | None, changes: Mapping[str, Any]
) -> list[Stretch]:
    found: list[Stretch] = []
    for one in stretches:
        begins = max(one.since, since)
        ends = min((day for day in (one.until, until) if day), default=None)
        if ends is not None and begins >= ends:
            found.append(one)
            continue
        if one.since < begins:
            found.append(replace(one, until=begins))
        found.append(Stretch(begins, ends, {**one.data, **changes}))
        if ends is not None and (one.until is None or ends < one.until):
            found.append(replace(one, since=ends))
    return found


def pause_faults(
    *, since: date, through: date, notice: int, status: str, pauses: Iterable[tuple[date, date]]
) -> list[Finding]:
    """What Điều 103 says of a wish to pause: `notice` is the number of working days from filing to its first day,
    `status` and `pauses` what the register holds for the days from now on."""
    found: list[Finding] = []
    if through < since:
        return [Finding(_("Ngày cuối phải sau ngày đầu."), "suspend_to")]
    if status == "dissolved":
        return [Finding(_("Hộ kinh doanh đã chấm dứt hoạt động."), "household_code")]
    if notice < NOTICE_WORKING_DAYS:
        found.append(
            Finding(
                _("Phải nộp chậm nhất %(days)d ngày làm việc trước ngày tạm ngừng (khoản 1 Điều 103).")
                % {"days": NOTICE_WORKING_DAYS},
                "suspend_from",
            )
        )
    if (through - since).days + 1 < SHORTEST_PAUSE_DAYS:
        found.append(
            Finding(
                _("Tạm ngừng dưới %(days)d ngày không phải đăng ký (khoản 1 Điều 103).")
                % {"days": SHORTEST_PAUSE_DAYS},
                "suspend_to",
            )
        )
    if through >= a_year_after(since):
        found.append(Finding(_("Mỗi lần tạm ngừng không quá một năm (khoản 1 Điều 103)."), "suspend_to"))
    if any(first <= through and since <= last for first, last in pauses):
        found.append(
            Finding(
                _("Đã đăng ký tạm ngừng trong thời gian này; lần tiếp theo bắt đầu sau khi hết hạn."), "suspend_from"
            )
        )
    return found


def resume_faults(*, since: date, notice: int, pauses: Iterable[tuple[date, date]]) -> list[Finding]:
    """What Điều 103 says of a wish to go on before the registered pause is over."""
    if not any(first < since <= last for first, last in pauses):
        return [
            Finding(
                _("Vào ngày này hộ kinh doanh không đang tạm ngừng; hết thời hạn thì không phải đăng ký."), "resume_on"
            )
        ]
    if notice < NOTICE_WORKING_DAYS:
        return [
            Finding(
                _("Phải nộp chậm nhất %(days)d ngày làm việc trước ngày kinh doanh lại (khoản 1 Điều 103).")
                % {"days": NOTICE_WORKING_DAYS},
                "resume_on",
            )
        ]
    return []


def a_year_after(day: date) -> date:
    """The same day of the next year; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
