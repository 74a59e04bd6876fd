from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.foundation.calendars import schedule
from hienluong.foundation.calendars.deadlines import (
    compute,
    extend,
    is_working_day,
    next_working_day,
    working_days_between,
    working_time_between,
)
from hienluong.foundation.calendars.models import SpecialDay, WorkingCalendar, WorkingHours
from hienluong.foundation.organisations.models import Organization
from tests.factories import make_org
from tests.thorough import examples

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
pytestmark = pytest.mark.django_db


def at(day: int, hour: int = 9, minute: int = 0, month: int = 9) -> datetime:
    """A moment of 2026 in Quảng Trị; 7 September is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=HERE)


@pytest.fixture
def org() -> Organization:
    for day, kind, name in (
        (date(2026, 9, 1), "holiday", "Quốc khánh"),
        (date(2026, 9, 2), "holiday", "Quốc khánh"),
        (date(2026, 8, 31), "holiday", "Nghỉ hoán đổi"),
        (date(2026, 8, 22), "workday", "Làm bù ngày 31/8"),
    ):
        SpecialDay.objects.create(date=day, kind=kind, name=name)
    schedule.changed()
    return make_org(parent=make_org(kind="province", code="H50"))


def test_the_day_of_receipt_is_not_counted_and_the_last_day_ends_at_closing_time(org: Organization) -> None:
    deadline = compute(at(7), 3, "working_day", org)
    assert deadline.due == at(10, 17)
    assert deadline.due.tzinfo is UTC
    assert [(line.day.day, line.counted) for line in deadline.lines] == [(7, False), (8, True), (9, True), (10, True)]


def test_weekends_holidays_and_swapped_days_explain_themselves(org: Organization) -> None:
    deadline = compute(at(20, month=8), 8, "working_day", org)  # a Thursday
    assert deadline.due == at(3, 17)
    reasons = {line.day: (line.counted, line.reason) for line in deadline.lines}
    assert reasons[date(2026, 8, 22)] == (True, "Ngày làm việc: Làm bù ngày 31/8")
    assert reasons[date(2026, 8, 23)] == (False, "Nghỉ hằng tuần")
    assert reasons[date(2026, 8, 31)] == (False, "Ngày nghỉ: Nghỉ hoán đổi")
    assert reasons[date(2026, 9, 1)] == (False, "Ngày nghỉ: Quốc khánh")
    assert sum(line.counted for line in deadline.lines) == 8


def test_received_after_the_cutoff_counts_from_the_next_working_day(org: Organization) -> None:
    cutoff = time(15)
    assert compute(at(11, 15), 1, "working_day", org, cutoff).due == at(14, 17)
    late = compute(at(11, 15, 1), 1, "working_day", org, cutoff)
    assert late.due == at(15, 17)
    assert "15:00" in late.lines[0].reason
    assert compute(at(12, 10), 1, "working_day", org, cutoff).due == at(15, 17)
    assert compute(at(11, 16), 0, "working_day", org, cutoff).due == at(14, 17)
    assert compute(at(11, 16), 2, "working_hour", org, cutoff).due == at(14, 9, 30)


def test_zero_days_means_the_same_working_day(org: Organization) -> None:
    assert compute(at(7, 8), 0, "working_day", org).due == at(7, 17)
    assert compute(at(12, 8), 0, "working_day", org).due == at(14, 17)
    assert compute(at(7, 20), 0, "working_day", org).due == at(8, 17)


def test_working_hours_count_minutes_inside_opening_hours(org: Organization) -> None:
    assert compute(at(7, 10, 45), 4, "working_hour", org).due == at(7, 16, 45)
    assert compute(at(7, 11), 8, "working_hour", org).due == at(8, 11, 30)
    assert compute(at(5, 9), 1, "working_hour", org).due == at(7, 8, 30)
    lines = compute(at(7, 11), 8, "working_hour", org).lines
    assert [float(line.hours) for line in lines] == [4.0, 4.0]


def test_calendar_days_end_on_a_working_day(org: Organization) -> None:
    assert compute(at(7), 3, "calendar_day", org).due == at(10, 17)
    moved = compute(at(7), 5, "calendar_day", org)
    assert moved.due == at(14, 17)
    assert [line.counted for line in moved.lines] == [False, *[True] * 5, False, False]


def test_local_closures_reach_what_is_below_and_nothing_else(org: Organization) -> None:
    below, elsewhere = make_org(parent=org), make_org(kind="department")
    SpecialDay.objects.create(date=date(2026, 9, 9), kind="closure", name="Bão số 7", organization=org)
    schedule.changed()
    for closed in (org, below):
        assert not is_working_day(date(2026, 9, 9), closed)
        assert compute(at(8), 1, "working_day", closed).due == at(10, 17)
    assert compute(at(8), 1, "working_day", elsewhere).due == at(9, 17)
    assert "Bão số 7" in compute(at(8), 1, "working_day", below).lines[1].reason


def test_the_nearest_calendar_in_force_is_used(org: Organization) -> None:
    own = WorkingCalendar.objects.create(
        organization=org, name="Giờ mùa hè", valid=DateRange(date(2026, 9, 1), date(2026, 9, 9))
    )
    for weekday in range(6):
        WorkingHours.objects.create(calendar=own, weekday=weekday, opens=time(7), closes=time(11))
    schedule.changed()
    below = make_org(parent=org)
    assert compute(at(7), 1, "working_day", below).due == at(8, 11)
    assert compute(at(7), 2, "working_day", below).due == at(9, 17)
    assert compute(at(4), 1, "working_day", below).due == at(5, 11)


def test_a_pause_moves_the_deadline_by_the_days_it_lasted(org: Organization) -> None:
    due = compute(at(7), 5, "working_day", org).due
    assert due == at(14, 17)
    assert extend(due, at(9), at(16), org).due == at(21, 17)
    assert extend(due, at(9, 8), at(9, 16), org).due == due
    assert extend(due, at(15), at(20), org).due == due
    hours = compute(at(7, 8), 8, "working_hour", org).due
    assert extend(hours, at(7, 9), at(8, 9), org, "working_hour").due - hours == timedelta(days=1)


def test_a_calendar_without_working_days_is_an_error_not_a_hang(org: Organization) -> None:
    WorkingCalendar.objects.create(organization=org, name="Không làm", valid=DateRange(None, None))
    schedule.changed()
    for unit in ("working_day", "working_hour", "calendar_day"):
        with pytest.raises(DomainError):
            compute(at(7), 3, unit, org)  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", [-1, 100_000])
def test_absurd_amounts_are_refused(org: Organization, amount: int) -> None:
    with pytest.raises(InvalidInput):
        compute(at(7), amount, "working_day", org)


def test_another_process_sees_a_change_by_its_revision(org: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "LOOK_AGAIN_AFTER", -1.0)
    assert is_working_day(date(2026, 9, 9), org)
    monkeypatch.setattr(schedule._copy, "clear", lambda: None)  # the change is made elsewhere
    SpecialDay.objects.create(date=date(2026, 9, 9), kind="closure", name="Mất điện", organization=org)
    schedule.changed()
    monkeypatch.undo()
    schedule._copy.looked_at = -100.0
    assert not is_working_day(date(2026, 9, 9), org)


def test_the_calendar_costs_no_query_once_it_is_read(org: Organization, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(3):
        compute(at(7), 10, "working_day", org)
    with django_assert_num_queries(0):
        for _ in range(100):
            compute(at(7), 10, "working_day", org)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(HERE))
amounts = st.integers(1, 40)
units = st.sampled_from(("working_day", "working_hour", "calendar_day"))
cutoffs = st.sampled_from((None, time(15)))
relaxed = settings(
    max_examples=examples(150, 600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(moments, moments, amounts, units, cutoffs)
def test_who_comes_later_is_never_due_earlier(org, a, b, amount, unit, cutoff) -> None:  # type: ignore[no-untyped-def]
    first, second = sorted((a, b))
    assert compute(first, amount, unit, org, cutoff).due <= compute(second, amount, unit, org, cutoff).due


@relaxed
@given(moments, st.integers(0, 40), st.integers(0, 40), units, cutoffs)
def test_a_longer_period_is_never_due_earlier(org, start, a, b, unit, cutoff) -> None:  # type: ignore[no-untyped-def]
    shorter, longer = sorted((a, b))
    assert compute(start, shorter, unit, org, cutoff).due <= compute(start, longer, unit, org, cutoff).due


@relaxed
@given(moments, st.integers(0, 40), units, cutoffs)
def test_nothing_is_due_on_a_day_off_or_before_it_began(org, start, amount, unit, cutoff) -> None:  # type: ignore[no-untyped-def]
    deadline = compute(start, amount, unit, org, cutoff)
    due = deadline.due.astimezone(HERE)
    assert is_working_day(due.date(), org)
    assert due >= start
    assert [line.day for line in deadline.lines] == sorted({line.day for line in deadline.lines})
    assert deadline.lines[-1].day == due.date()
    if unit == "working_day" and amount:
        assert sum(line.counted for line in deadline.lines) == amount
    if unit == "working_hour":
        assert abs(float(sum(line.hours for line in deadline.lines)) - amount) < 0.1


@relaxed
@given(moments, amounts, amounts, st.sampled_from(("working_day", "working_hour")))
def test_two_periods_in_a_row_are_one_long_period(org, start, a, b, unit) -> None:  # type: ignore[no-untyped-def]
    once = compute(start, a + b, unit, org).due
    assert compute(compute(start, a, unit, org).due, b, unit, org).due == once


@relaxed
@given(moments, amounts)
def test_hours_to_the_deadline_are_the_hours_that_were_given(org, start, amount) -> None:  # type: ignore[no-untyped-def]
    due = compute(start, amount, "working_hour", org).due
    assert working_time_between(start, due, org) == timedelta(hours=amount)


@relaxed
@given(moments, moments, moments)
def test_working_time_adds_up(org, a, b, c) -> None:  # type: ignore[no-untyped-def]
    parts = working_time_between(a, b, org) + working_time_between(b, c, org)
    assert parts == working_time_between(a, c, org)


@relaxed
@given(moments, amounts, st.integers(0, 60), st.integers(0, 60))
def test_a_pause_costs_exactly_its_working_days(org, start, amount, wait, length) -> None:  # type: ignore[no-untyped-def]
    due = compute(start, amount, "working_day", org).due
    stopped = start + timedelta(days=wait)
    resumed = stopped + timedelta(days=length)
    moved = extend(due, stopped, resumed, org).due
    assert moved >= due
    if stopped < due:
        days = (stopped.date(), resumed.date(), due.astimezone(HERE).date(), moved.astimezone(HERE).date())
        left = working_days_between(days[0], days[2], org)
        assert left == 0 or working_days_between(days[1], days[3], org) == left
    else:
        assert moved == due


@relaxed
@given(moments)
def test_the_next_working_day_is_the_first_one(org, start) -> None:  # type: ignore[no-untyped-def]
    following = next_working_day(start.date(), org)
    assert working_days_between(start.date(), following, org) == 1
