"""Hours for a season: before it, in it, after it."""

from datetime import date, time

import pytest

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.calendars import actions
from hienluong.foundation.calendars.models import WorkingCalendar
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER, make_org

pytestmark = pytest.mark.django_db

SPRING, AUTUMN = date(2026, 4, 15), date(2026, 10, 15)
USUAL = {day: [(time(7, 30), time(11, 30)), (time(13, 30), time(17))] for day in range(5)}
SUMMER = {day: [(time(7), time(11)), (time(14), time(17))] for day in range(5)}


@pytest.fixture
def org() -> Organization:
    return make_org("UBND xã Cam Lộ", code="H50", kind="commune")


def _usual(org: Organization | None, since: date | None = date(2025, 7, 1)) -> WorkingCalendar:
    return actions.set_working_week(TESTER, name="Giờ thường", week=USUAL, valid_from=since, organization=org)


def _summer(org: Organization | None, since: date = SPRING, until: date | None = AUTUMN) -> WorkingCalendar:
    return actions.set_working_week(
        TESTER, name="Giờ hè", week=SUMMER, valid_from=since, valid_to=until, organization=org
    )


def _opens(org: Organization | None, day: date) -> tuple[str, time] | None:
    """The name of the week in force on a day and when it opens on Monday."""
    found = WorkingCalendar.objects.filter(organization=org, valid__contains=day).first()
    return (found.name, found.hours.filter(weekday=0).order_by("opens")[0].opens) if found else None


@pytest.mark.parametrize("whose", ["own", "everybody"])
def test_after_the_summer_the_usual_hours_hold_again(org: Organization, whose: str) -> None:
    owner = org if whose == "own" else None
    _usual(owner, None if owner is None else date(2025, 7, 1))
    _summer(owner)
    assert _opens(owner, date(2026, 4, 14)) == ("Giờ thường", time(7, 30))
    assert _opens(owner, SPRING) == ("Giờ hè", time(7))
    assert _opens(owner, date(2026, 10, 14)) == ("Giờ hè", time(7))
    assert _opens(owner, AUTUMN) == ("Giờ thường", time(7, 30))
    assert _opens(owner, date(2030, 1, 7)) == ("Giờ thường", time(7, 30))
    assert Entry.objects.filter(verb="calendars.hold_again").count() == 1


def test_two_summers_one_after_the_other(org: Organization) -> None:
    _usual(org)
    _summer(org)
    _summer(org, date(2027, 4, 15), date(2027, 10, 15))
    names = [_opens(org, date(year, month, 1)) for year in (2026, 2027) for month in (1, 7, 12)]
    assert [name[0] for name in names if name] == ["Giờ thường", "Giờ hè", "Giờ thường"] * 2


def test_a_summer_from_the_first_day_on(org: Organization) -> None:
    _usual(org, SPRING)
    _summer(org)
    assert _opens(org, SPRING) == ("Giờ hè", time(7))
    assert _opens(org, AUTUMN) == ("Giờ thường", time(7, 30))
    assert WorkingCalendar.objects.count() == 2


def test_other_hours_for_good_end_those_before(org: Organization) -> None:
    _usual(org)
    _summer(org, until=None)
    assert _opens(org, date(2030, 1, 7)) == ("Giờ hè", time(7))
    assert WorkingCalendar.objects.count() == 2


def test_a_summer_into_another_week_is_refused_and_cuts_nothing(org: Organization) -> None:
    _usual(org)
    _summer(org)
    before = sorted(WorkingCalendar.objects.values_list("pk", "valid"))
    with pytest.raises(InvalidInput):
        _summer(org, date(2026, 9, 1), date(2026, 12, 1))
    assert sorted(WorkingCalendar.objects.values_list("pk", "valid")) == before
