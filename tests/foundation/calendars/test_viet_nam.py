from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.calendars import actions, seed
from hienluong.foundation.calendars.deadlines import compute, is_working_day, working_days_between
from hienluong.foundation.calendars.models import SpecialDay, WorkingCalendar
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER, actor_for_role, make_org
from tests.snapshots import ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def province() -> Organization:
    ready(seed.load_viet_nam)
    return make_org(code="H50", kind="province")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ((2026, 1, 1), False),
        ((2026, 1, 2), False),  # swapped with the Saturday of the week after
        ((2026, 1, 10), True),
        ((2026, 2, 16), False),
        ((2026, 2, 20), False),
        ((2026, 2, 23), True),
        ((2026, 4, 27), False),  # Hùng Kings' day fell on a Sunday
        ((2026, 8, 22), True),
        ((2026, 8, 31), False),
        ((2026, 11, 24), False),  # a public holiday from 2026 on
        ((2025, 11, 24), True),
        ((2025, 4, 26), True),
        ((2025, 5, 2), False),
        ((2024, 5, 4), True),
        ((2022, 9, 1), False),
    ],
)
def test_the_working_days_the_government_announced(
    province: Organization, day: tuple[int, int, int], works: bool
) -> None:
    assert is_working_day(date(*day), province) is works


def test_each_year_has_about_250_working_days(province: Organization) -> None:
    for year in seed.YEARS:
        assert 248 <= working_days_between(date(year - 1, 12, 31), date(year, 12, 31), province) <= 252


def test_names_are_vietnamese_and_each_day_has_its_law(province: Organization) -> None:
    assert not SpecialDay.objects.filter(legal_basis="").exists()
    names = " ".join(SpecialDay.objects.values_list("name", flat=True))
    assert "Giỗ Tổ Hùng Vương" in names
    for english in ("Day", "observed", "substituted", "Lunar"):
        assert english not in names


def test_loading_again_keeps_what_an_administrator_changed(province: Organization) -> None:
    actions.remove_special_day(TESTER, special=SpecialDay.objects.get(date="2027-11-24"))
    actions.add_special_day(TESTER, day=date(2027, 11, 24), kind="workday", name="Đi làm", legal_basis="Kiểm thử")
    assert seed.load_viet_nam() == 0
    assert is_working_day(date(2027, 11, 24), province)
    assert WorkingCalendar.objects.count() == 1


def test_a_local_closure_moves_deadlines_of_that_place_only(province: Organization) -> None:
    commune, other = make_org(parent=province, kind="commune"), make_org(parent=province, kind="commune")
    start = datetime(2026, 10, 5, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    due = compute(start, 2, "working_day", commune).due
    admin = actor_for_role("admin", commune)
    actions.add_special_day(admin, day=date(2026, 10, 6), kind="closure", name="Bão số 9", organization=commune)
    assert compute(start, 2, "working_day", commune).due > due
    assert compute(start, 2, "working_day", other).due == due
    with pytest.raises(NotAllowed):
        actions.add_special_day(admin, day=date(2026, 10, 7), kind="closure", name="Bão", organization=other)
    with pytest.raises(NotAllowed):
        actions.add_special_day(admin, day=date(2026, 10, 7), kind="holiday", name="Nghỉ", legal_basis="X")


def test_a_new_week_ends_the_one_before(province: Organization) -> None:
    week = {day: [(time(7), time(11)), (time(13), time(17))] for day in range(5)}
    made = actions.set_working_week(TESTER, name="Giờ mùa hè", week=week, valid_from=date(2026, 4, 15))
    before = WorkingCalendar.objects.exclude(pk=made.pk).get()
    assert before.valid.upper == date(2026, 4, 15)
    start = datetime(2026, 4, 15, 9, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert len(compute(start, 8, "working_hour", province).lines) == 2
    assert compute(start, 1, "working_day", province).due.hour == 10  # 17:00 in Việt Nam


@pytest.mark.parametrize(
    ("kind", "organized", "law", "field"),
    [("holiday", False, "", "legal_basis"), ("closure", False, "", "organization"), ("holiday", False, "X", "day")],
)
def test_wrong_days_are_refused_at_their_field(
    province: Organization, kind: str, organized: bool, law: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        actions.add_special_day(TESTER, day=date(2026, 1, 1), kind=kind, name="Nghỉ", legal_basis=law)
    assert caught.value.field == field


@pytest.mark.parametrize("stretches", [[(time(9), time(8))], [(time(7), time(12)), (time(11), time(17))], []])
def test_wrong_weeks_are_refused(province: Organization, stretches: list[tuple[time, time]]) -> None:
    with pytest.raises(InvalidInput):
        actions.set_working_week(TESTER, name="Sai", week={0: stretches}, valid_from=date(2026, 1, 5))
