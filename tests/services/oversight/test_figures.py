"""Period, field and area touch every figure; ageing counts working days; sums by day and month agree."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.calendars import deadlines, schedule
from hienluong.foundation.calendars.models import SpecialDay
from hienluong.services.dossiers.models import OPEN_STATES, Dossier, State
from hienluong.services.oversight import ageing, areas, figures
from hienluong.services.oversight.models import Figure
from hienluong.services.oversight.tasks import refresh_recent
from tests.services.oversight.picture import Picture, client_of


def scope(picture: Picture, **more: Any) -> figures.Scope:
    today = timezone.localdate()
    settled: dict[str, Any] = {"since": today - timedelta(days=364), "until": today}
    return figures.scope_of(picture.overseer, **{**settled, **more})


def counted(scope: figures.Scope) -> dict[str, int]:
    """The sums of the scope, counted one by one from the dossiers."""
    found = list(figures.filed_dossiers(scope))
    return {
        "filed": len(found),
        "finished": sum(d.finished_at is not None for d in found),
        "on_time": sum(d.finished_at is not None and not d.is_late for d in found),
        "late": sum(d.finished_at is not None and d.is_late for d in found),
        "online": sum(d.channel in figures.ONLINE for d in found),
    }


@pytest.mark.parametrize(
    ("back_from", "back_to"), [(364, 0), (3, 3), (33, 33), (40, 5), (66, 64), (100, 66), (90, 20), (65, 0), (200, 101)]
)
def test_sums_of_any_two_days_are_what_the_dossiers_say(picture: Picture, back_from: int, back_to: int) -> None:
    picture.everything()
    today = timezone.localdate()
    asked = scope(picture, since=today - timedelta(days=back_from), until=today - timedelta(days=back_to))
    total = figures.summary(asked).total
    assert {name: getattr(total, name) for name in counted(asked)} == counted(asked)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 1, 15), date(2026, 1, 20)),
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 1, 2), date(2026, 4, 29)),
        (date(2025, 12, 31), date(2026, 3, 1)),
        (date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_a_period_reads_each_day_once(db: None, since: date, until: date) -> None:
    from hienluong.foundation.organisations.models import Organization

    place = Organization.objects.create(
        code="H50", kind="province", name="Tỉnh", path="/1/", valid=("2020-01-01", None)
    )
    day, rows = date(2025, 11, 1), []
    while day < date(2026, 6, 1):
        rows.append(Figure(grain="day", day=day, organization=place, field_code="A", channel="post", filed=1))
        if day.day == 1:
            days = ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - day).days
            rows.append(Figure(grain="month", day=day, organization=place, field_code="A", channel="post", filed=days))
        day += timedelta(days=1)
    Figure.objects.bulk_create(rows)
    found = Figure.objects.filter(figures._in_period(since, until))
    assert sum(found.values_list("filed", flat=True)) == (until - since).days + 1


def test_the_field_touches_every_figure(picture: Picture) -> None:
    picture.everything()
    asked = scope(picture, field="KT-KHAC")
    assert figures.summary(asked).total.filed == 2
    in_hand = figures.in_hand(asked)
    assert (in_hand.total.open, in_hand.total.overdue) == (1, 1)
    assert [line.key for line in in_hand.officials] == [picture.two.code]


def test_the_period_touches_what_is_in_hand_and_the_officials(picture: Picture) -> None:
    picture.everything()
    today = timezone.localdate()
    asked = scope(picture, since=today - timedelta(days=31), until=today - timedelta(days=29))
    in_hand = figures.in_hand(asked)
    assert (in_hand.total.open, in_hand.total.overdue) == (1, 1)
    assert [line.key for line in in_hand.officials] == [picture.two.code]


def test_a_commune_takes_in_what_it_was_made_of_and_a_district_its_heirs(picture: Picture) -> None:
    district = picture.former_district()
    old = picture.dossier(300, competent=picture.old_commune)
    new = picture.dossier(10, other=True)
    elsewhere = picture.dossier(10)
    figures.refresh()
    for code in (picture.province.other_commune.code, district.code):
        asked = scope(picture, area=areas.paths_of(code))
        assert set(figures.filed_dossiers(asked)) == {old, new}
        assert figures.summary(asked).total.filed == 2
        assert elsewhere not in figures.open_dossiers(asked)


def test_an_area_cannot_widen_what_a_leader_may_oversee(picture: Picture) -> None:
    picture.everything()
    today = timezone.localdate()
    area = areas.paths_of(picture.province.other_commune.code)
    asked = figures.scope_of(picture.actor_of_commune(), today - timedelta(days=364), today, "", area)
    assert figures.summary(asked).total.filed == 0
    assert figures.in_hand(asked).total.open == 0
    shown = {code for group in areas.groups(picture.actor_of_commune()) for code, _name in group.areas}
    assert shown == {picture.province.commune.code}


def test_an_unknown_area_is_nowhere(picture: Picture) -> None:
    picture.everything()
    page = client_of(picture.overseer).get("/dieu-hanh?khu-vuc=H99.99")
    assert page.status_code == 200
    assert page.context["stats"][2].cell.text == "0"


def test_ageing_counts_working_days_of_the_agency(picture: Picture) -> None:
    picture.everything()
    now = timezone.now()
    expected = dict.fromkeys(ageing.ALL_BUCKETS, 0)
    for dossier in Dossier.objects.filter(state__in=OPEN_STATES).exclude(state=State.SUPPLEMENT):
        if dossier.due_at and dossier.due_at < now:
            late = deadlines.working_days_between(
                timezone.localdate(dossier.due_at), timezone.localdate(), dossier.competent
            )
            expected["1-5" if late <= 5 else "6-30" if late <= 30 else "tren-30"] += 1
    assert figures.in_hand(scope(picture)).total.late == expected
    assert all(expected.values())


def test_a_closure_of_one_agency_makes_its_dossiers_younger(picture: Picture) -> None:
    due = picture.late_by(6)
    picture.overdue(6)
    picture.dossier(120, other=True, state=State.IN_PROGRESS, due_at=due)
    day = timezone.localdate()
    while not schedule.schedule_of(picture.province.commune.path).plan(day).is_working:
        day -= timedelta(days=1)
    SpecialDay.objects.create(
        date=day, kind=SpecialDay.Kind.CLOSURE, name="Bão", organization=picture.province.other_commune
    )
    schedule.changed()
    by_key = {line.key: line for line in figures.in_hand(scope(picture)).organizations}
    assert by_key["H50.31"].late["6-30"] == 1
    assert by_key["H50.32"].late["1-5"] == 1


def test_due_earlier_today_is_late_and_due_later_is_not(picture: Picture) -> None:
    now = timezone.now()
    picture.dossier(9, state=State.IN_PROGRESS, due_at=now - timedelta(minutes=1))
    picture.dossier(9, state=State.IN_PROGRESS, due_at=now + timedelta(minutes=5))
    total = figures.in_hand(scope(picture)).total
    assert (total.overdue, total.late["1-5"]) == (1, 1)


def test_boundaries_are_whole_days(picture: Picture) -> None:
    plan = schedule.schedule_of(picture.province.commune.path)
    monday = date(2026, 11, 16)
    assert ageing.boundary(plan, monday, 5) == timezone.make_aware(datetime.combine(date(2026, 11, 9), time()))


def test_after_the_update_the_sums_by_day_are_made_once(picture: Picture) -> None:
    picture.everything()
    Figure.objects.filter(grain="day").delete()
    refresh_recent(0)
    assert Figure.objects.filter(grain="day").exists()
    assert figures.summary(scope(picture)).total.filed == Dossier.objects.count()


def test_nonsense_in_the_period_is_said_and_kept(picture: Picture) -> None:
    page = client_of(picture.overseer).get("/dieu-hanh?tu=31/02/2026&den=x")
    text = page.content.decode()
    assert page.status_code == 200
    assert 'value="31/02/2026"' in text
    assert "Hãy gõ ngày dạng ngày/tháng/năm" in text


def test_the_page_costs_at_most_fifteen_queries(picture: Picture, django_assert_max_num_queries: Any) -> None:
    picture.everything()
    client = client_of(picture.overseer)
    client.get("/dieu-hanh")
    for asked in ("", "?khu-vuc=H50.32&linh-vuc=KT-TEST&tu=05/10/2026&den=20/11/2026"):
        with django_assert_max_num_queries(15):
            client.get(f"/dieu-hanh{asked}")
