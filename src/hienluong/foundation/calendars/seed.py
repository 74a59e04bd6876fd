"""The calendar of Việt Nam: office hours, public holidays and swapped days. Idempotent; edited days are kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time
from importlib.resources import files
from typing import Any

import holidays
import yaml

from hienluong.foundation.actions import Act, action, system

from . import schedule
from .models import Revision, SpecialDay, WorkingCalendar, WorkingHours

YEARS = range(2022, 2028)
_NOTICE = "Thông báo hoán đổi ngày làm việc của năm (theo gói dữ liệu holidays)"


def load_viet_nam(years: Sequence[int] = YEARS) -> int:
    """Add office hours and the special days of `years`; returns how many days were new.

    A day already on record is left as it is, so that an administrator's correction stays.
    """
    return _load(system("nạp lịch làm việc"), years=years)


@action("calendars.load_viet_nam")
def _load(act: Act, *, years: Sequence[int]) -> int:
    data = yaml.safe_load(files(__package__).joinpath("data/viet_nam.yaml").read_text(encoding="utf-8"))
    _office_hours(data["office_hours"])
    present = set(SpecialDay.objects.filter(organization=None).values_list("date", flat=True))
    wanted = {special.date: special for special in special_days(data, years)}
    fresh = [special for day, special in wanted.items() if day not in present]
    SpecialDay.objects.bulk_create(fresh)
    schedule.changed()
    act.record(
        Revision.objects.get(pk=1), after={"years": list(years), "new_days": len(fresh)}, note="holidays, viet_nam.yaml"
    )
    return len(fresh)


def special_days(data: dict[str, Any], years: Sequence[int]) -> Iterator[SpecialDay]:
    """The special days of the whole country; where two sources name one day, the later one holds."""
    calendar = holidays.country_holidays("VN", years=list(years), language="vi")
    for day, name in sorted(calendar.items()):
        swapped = _swapped_to(name, calendar)
        yield SpecialDay(
            date=day,
            kind=SpecialDay.Kind.HOLIDAY,
            name=f"nghỉ hoán đổi, làm bù ngày {swapped:%d/%m/%Y}" if swapped else name,
            legal_basis=_NOTICE if swapped else _law(data, day),
        )
    for day in sorted(calendar.weekend_workdays):
        if day.year in years:  # the package also keeps days of other years here
            yield SpecialDay(
                date=day,
                kind=SpecialDay.Kind.WORKDAY,
                name=f"làm bù ngày {_given_up(day, calendar):%d/%m/%Y}",
                legal_basis=_NOTICE,
                like_weekday=_given_up(day, calendar).weekday(),
            )
    for swap in data["swaps"]:
        if swap["given_up"].year in years:
            yield SpecialDay(
                date=swap["given_up"],
                kind=SpecialDay.Kind.HOLIDAY,
                name=f"nghỉ hoán đổi, làm bù ngày {swap['worked']:%d/%m/%Y}",
                legal_basis=swap["law"],
            )
            yield SpecialDay(
                date=swap["worked"],
                kind=SpecialDay.Kind.WORKDAY,
                name=f"làm bù ngày {swap['given_up']:%d/%m/%Y}",
                legal_basis=swap["law"],
                like_weekday=swap["given_up"].weekday(),
            )


def _given_up(work: date, calendar: Any) -> date:
    """The working day for which `work` stands in."""
    return next((day for day, name in calendar.items() if _swapped_to(name, calendar) == work), work)


def _swapped_to(name: str, calendar: Any) -> date | None:
    """The day worked instead of a holiday made by a swap: the package says it in the holiday's name."""
    forms = {form: work for work in calendar.weekend_workdays for form in (f"{work:%d/%m/%Y}", f"{work:%m/%d/%Y}")}
    return next((work for form, work in forms.items() if form in name), None)


def _law(data: dict[str, Any], day: date) -> str:
    own = data["law_by_date"].get(f"{day:%m-%d}")
    if own:
        return str(own)
    return str(data["forecast"] if day.year >= data["forecast_from"] else data["labour_code"])


def _office_hours(spec: dict[str, Any]) -> None:
    if WorkingCalendar.objects.filter(organization=None).exists():
        return
    calendar = WorkingCalendar.objects.create(
        name=spec["name"],
        valid=(None, None),
        legal_basis="Quyết định 188/1999/QĐ-TTg; giờ cụ thể do UBND tỉnh quy định",
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(
            calendar=calendar, weekday=weekday, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
        )
        for weekday in spec["weekdays"]
        for opens, closes in spec["stretches"]
    )
