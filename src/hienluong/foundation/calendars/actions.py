"""Changing working time: always from a day on, always with who and why in the audit log."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import date, time

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, NotFound, action
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization

from . import schedule
from .models import SpecialDay, WorkingCalendar, WorkingHours

MANAGE = "calendars.manage"

#: Working time of a week: weekday (0 is Monday) → stretches of (opens, closes).
Week = Mapping[int, Sequence[tuple[time, time]]]


@action("calendars.add_special_day")
def add_special_day(
    act: Act,
    *,
    day: date,
    kind: str,
    name: str,
    organization: Organization | None = None,
    legal_basis: str = "",
    like_weekday: int = 0,
) -> SpecialDay:
    """Make `day` a holiday, a swapped working day or a local closure; without organisation, for everybody."""
    act.require(MANAGE, reach(organization))
    if not name.strip():
        raise InvalidInput(_("Phải nêu lý do."), code="calendars.no_name", field="name")
    if kind == SpecialDay.Kind.CLOSURE and organization is None:
        raise InvalidInput(
            _("Đóng cửa tại chỗ phải ghi cơ quan nào đóng cửa."),
            code="calendars.closure_of_nobody",
            field="organization",
        )
    if kind != SpecialDay.Kind.CLOSURE and not legal_basis.strip():
        raise InvalidInput(_("Phải nêu căn cứ pháp lý."), code="calendars.no_legal_basis", field="legal_basis")
    try:
        with transaction.atomic():
            special = SpecialDay.objects.create(
                date=day,
                kind=SpecialDay.Kind(kind),
                name=name.strip(),
                organization=organization,
                legal_basis=legal_basis.strip(),
                like_weekday=like_weekday,
            )
    except IntegrityError:
        raise InvalidInput(
            _("Ngày này đã được ghi cho cơ quan đó. Hãy xóa dòng cũ trước."), code="calendars.day_taken", field="day"
        ) from None
    schedule.changed()
    act.record(special, after={"date": day.isoformat(), "kind": kind, "organization": _code(organization)})
    act.emit("calendar.changed", special, {"date": day.isoformat()})
    return special


@action("calendars.remove_special_day")
def remove_special_day(act: Act, *, special: SpecialDay) -> None:
    """Make the day what its weekday says again."""
    act.require(MANAGE, reach(special.organization))
    before = {"date": special.date.isoformat(), "kind": special.kind, "name": special.name}
    act.record(special, before={**before, "organization": _code(special.organization)})
    act.emit("calendar.changed", special, {"date": special.date.isoformat()})
    special.delete()
    schedule.changed()


@action("calendars.set_working_week")
def set_working_week(
    act: Act,
    *,
    name: str,
    week: Week,
    valid_from: date | None,
    valid_to: date | None = None,
    organization: Organization | None = None,
    legal_basis: str = "",
) -> WorkingCalendar:
    """Give an organisation (or everybody) other weekly working time from a day on; the one before ends that day.

    With `valid_to`, the first day without it (summer hours), the one before holds again from then on.
    """
    act.require(MANAGE, reach(organization))
    if not any(week.values()):
        raise InvalidInput(_("Tuần làm việc phải có ít nhất một buổi."), code="calendars.empty_week", field="week")
    for stretches in week.values():
        _check_stretches(stretches)
    if valid_from and valid_to and valid_to <= valid_from:
        raise InvalidInput(_("Ngày kết thúc phải sau ngày bắt đầu."), code="calendars.bad_range", field="valid_to")
    _make_room(act, organization, valid_from, valid_to)
    try:
        with transaction.atomic():
            made = WorkingCalendar.objects.create(
                organization=organization,
                name=name.strip(),
                valid=DateRange(valid_from, valid_to),
                legal_basis=legal_basis.strip(),
            )
    except IntegrityError:
        raise InvalidInput(
            _("Đã có lịch khác trong thời gian đó."), code="calendars.week_overlaps", field="valid_from"
        ) from None
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=made, weekday=weekday, opens=opens, closes=closes)
        for weekday, stretches in week.items()
        for opens, closes in stretches
    )
    schedule.changed()
    hours = {str(day): [f"{o:%H:%M}-{c:%H:%M}" for o, c in stretches] for day, stretches in week.items()}
    act.record(made, after={"organization": _code(organization), "hours": hours}, note=legal_basis)
    act.emit("calendar.changed", made, {"calendar_id": made.pk})
    return made


def _make_room(act: Act, organization: Organization | None, valid_from: date | None, valid_to: date | None) -> None:
    """End the week that holds on the first day; when the new one has a last day, open it again after that.

    A week that is followed by another on record, before the new one ends, is left: the overlap is refused.
    """
    if valid_from is None:
        return
    before = WorkingCalendar.objects.filter(organization=organization, valid__contains=valid_from).first()
    if before is None:
        return
    lower, upper = before.valid.lower, before.valid.upper
    holds_again = valid_to is not None and (upper is None or upper > valid_to)
    if holds_again and lower == valid_from:
        _hold(before, DateRange(valid_to, upper))
    elif holds_again:
        _hold(before, DateRange(lower, valid_from))
        _open_again(act, before, DateRange(valid_to, upper))
    elif upper is None and lower != valid_from:
        _hold(before, DateRange(lower, valid_from))


def _hold(calendar: WorkingCalendar, valid: DateRange) -> None:
    calendar.valid = valid
    calendar.save(update_fields=["valid"])


def _open_again(act: Act, calendar: WorkingCalendar, valid: DateRange) -> None:
    """A copy of `calendar` for the days after the exception."""
    again = WorkingCalendar.objects.create(
        organization=calendar.organization, name=calendar.name, valid=valid, legal_basis=calendar.legal_basis
    )
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar=again, weekday=each.weekday, opens=each.opens, closes=each.closes)
        for each in calendar.hours.all()
    )
    began: date = valid.lower
    act.record(again, verb="calendars.hold_again", after={"from": began.isoformat()}, note=calendar.legal_basis)


def _check_stretches(stretches: Sequence[tuple[time, time]]) -> None:
    ordered = sorted(stretches)
    if any(opens >= closes for opens, closes in ordered):
        raise InvalidInput(_("Giờ đóng cửa phải sau giờ mở cửa."), code="calendars.bad_hours", field="week")
    if any(before[1] > after[0] for before, after in itertools.pairwise(ordered)):
        raise InvalidInput(_("Các buổi trong ngày chồng lên nhau."), code="calendars.hours_overlap", field="week")


def reach(organization: Organization | None) -> str:
    """The path at which the permission must hold: what is for everybody belongs to the province."""
    if organization is not None:
        return organization.path
    try:
        return organisations.province().path
    except NotFound:
        return "/"


def _code(organization: Organization | None) -> str | None:
    return organization.code if organization else None
