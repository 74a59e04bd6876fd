"""A change with a day to come: nothing of it shows, and nothing may be done by it, before that day."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import ANONYMOUS, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations import actions, queries
from hienluong.foundation.organisations.actions import effect
from hienluong.foundation.organisations.models import Organization, OrganizationVersion, Succession
from hienluong.foundation.organisations.tasks import take_effect
from tests.factories import TESTER, actor_for_role, make_org

pytestmark = pytest.mark.django_db

LAW = "Nghị quyết 09/NQ-HĐND"


@pytest.fixture
def province() -> Organization:
    return make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")


@pytest.fixture
def soon() -> date:
    return timezone.localdate() + timedelta(days=20)


def _fresh(org: Organization) -> Organization:
    return Organization.objects.get(pk=org.pk)


def _arrive(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """It is that day now, and the hourly job has run."""
    monkeypatch.setattr(timezone, "localdate", lambda *_a: day)
    take_effect(0)


def test_a_name_to_come_waits_for_its_day(province: Organization, soon: date, monkeypatch: pytest.MonkeyPatch) -> None:
    org = make_org("Sở Xây dựng", parent=province)
    actions.rename(TESTER, org=org, name="Sở Xây dựng và Giao thông", on=soon, legal_basis=LAW)
    assert (org.name, _fresh(org).name) == ("Sở Xây dựng", "Sở Xây dựng")
    assert not Event.objects.filter(type="organization.renamed").exists()
    _arrive(monkeypatch, soon - timedelta(days=1))
    assert _fresh(org).name == "Sở Xây dựng"
    _arrive(monkeypatch, soon)
    assert _fresh(org).name == "Sở Xây dựng và Giao thông"
    assert Event.objects.filter(type="organization.renamed").count() == 1
    _arrive(monkeypatch, soon)
    assert Event.objects.filter(type="organization.renamed").count() == 1


def test_powers_over_what_will_be_moved_come_with_the_day(
    province: Organization, soon: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = make_org(parent=province), make_org(parent=province)
    division = make_org(parent=here, kind="division")
    room = make_org(parent=division, kind="division")
    admin = actor_for_role("admin", there)
    actions.move(TESTER, org=division, parent=there, on=soon, legal_basis=LAW)
    assert not admin.can(actions.MANAGE, _fresh(room).path)
    with pytest.raises(NotAllowed):
        actions.rename(admin, org=_fresh(room), name="Của tôi", on=soon, legal_basis=LAW)
    _arrive(monkeypatch, soon)
    assert _fresh(room).path == f"/{province.pk}/{there.pk}/{division.pk}/{room.pk}/"
    assert admin.can(actions.MANAGE, _fresh(room).path)
    moved = Event.objects.get(type="organization.moved")
    assert (moved.data["old_path"], moved.data["path"]) == (division.path, _fresh(division).path)


def test_work_is_handed_over_on_the_day_once(
    province: Organization, soon: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = make_org(parent=province), make_org(parent=province)
    (step,) = actions.succeed(TESTER, kind="merge", predecessors=[old], successors=[new], on=soon, legal_basis=LAW)
    assert step.work_moved_at is None
    _arrive(monkeypatch, soon - timedelta(days=1))
    assert not Event.objects.filter(type="organization.succeeded").exists()
    assert queries.in_force(soon - timedelta(days=1)).filter(pk=old.pk).exists()
    for _n in range(2):
        _arrive(monkeypatch, soon)
    assert Event.objects.get(type="organization.succeeded").data["successor_id"] == new.pk
    assert Succession.objects.get(pk=step.pk).work_moved_at is not None
    assert Entry.objects.filter(verb="organisations.hand_over_work").count() == 1


def test_a_hand_over_of_today_happens_now(province: Organization) -> None:
    old, new = make_org(parent=province), make_org(parent=province)
    (step,) = actions.succeed(
        TESTER, kind="merge", predecessors=[old], successors=[new], on=timezone.localdate(), legal_basis=LAW
    )
    assert step.work_moved_at is not None
    assert Event.objects.filter(type="organization.succeeded").count() == 1
    assert not effect.is_due()


def test_what_was_moved_away_by_the_day_does_not_end_with_it(province: Organization, soon: date) -> None:
    old, new = make_org(parent=province), make_org(parent=province)
    stays, ends = make_org(parent=old, kind="division"), make_org(parent=old, kind="division")
    actions.move(TESTER, org=stays, parent=new, on=soon, legal_basis=LAW)
    actions.succeed(TESTER, kind="merge", predecessors=[old], successors=[new], on=soon, legal_basis=LAW)
    assert _fresh(stays).valid.upper is None
    assert _fresh(ends).valid.upper == soon


def test_contacts_changed_today_stay_after_a_name_to_come(province: Organization, soon: date) -> None:
    org = make_org("Sở Xây dựng", parent=province, address="01 Hùng Vương")
    actions.rename(TESTER, org=org, name="Sở Xây dựng và Giao thông", on=soon, legal_basis=LAW)
    actions.change_contacts(
        TESTER, org=org, on=timezone.localdate(), address="02 Trần Hưng Đạo", phone="", email="", opening_hours={}
    )
    said = [(v.name, v.address) for v in OrganizationVersion.objects.filter(organization=org).order_by("valid")]
    assert said == [
        ("Sở Xây dựng", "01 Hùng Vương"),
        ("Sở Xây dựng", "02 Trần Hưng Đạo"),
        ("Sở Xây dựng và Giao thông", "02 Trần Hưng Đạo"),
    ]


@pytest.mark.parametrize("later_first", [True, False])
def test_two_moves_of_different_days_cannot_close_a_circle(
    province: Organization, soon: date, later_first: bool
) -> None:
    one, two = make_org(parent=province), make_org(parent=province)
    days = (soon + timedelta(days=5), soon) if later_first else (soon, soon + timedelta(days=5))
    actions.move(TESTER, org=one, parent=two, on=days[0], legal_basis=LAW)
    with pytest.raises(InvalidInput, match="trực thuộc"):
        actions.move(TESTER, org=two, parent=one, on=days[1], legal_basis=LAW)


def test_only_the_background_takes_changes_into_effect(province: Organization, soon: date) -> None:
    for actor in (ANONYMOUS, actor_for_role("admin", province)):
        with pytest.raises(NotAllowed):
            effect.take_effect(actor, on=soon)


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("rename", lambda org, other: {"org": org, "name": "Khác", "legal_basis": " "}),
        ("rename", lambda org, other: {"org": org, "name": " ", "legal_basis": LAW}),
        ("rename", lambda org, other: {"org": org, "name": "Khác", "legal_basis": LAW, "on": date(1, 1, 1)}),
        ("rename", lambda org, other: {"org": org, "name": "Khác", "legal_basis": LAW, "on": date(1990, 1, 1)}),
        ("move", lambda org, other: {"org": org, "parent": other, "legal_basis": ""}),
        ("move", lambda org, other: {"org": org, "parent": other, "legal_basis": LAW, "on": date(2019, 1, 1)}),
    ],
)
def test_what_is_wrong_is_refused(
    province: Organization, soon: date, verb: str, given: Callable[[Organization, Organization], dict[str, object]]
) -> None:
    org, other = make_org(parent=province), make_org(parent=province)
    with pytest.raises(InvalidInput):
        getattr(actions, verb)(TESTER, **{"on": soon, **given(org, other)})


def test_a_successor_that_is_not_there_on_the_day_is_refused(province: Organization, soon: date) -> None:
    old = make_org(parent=province)
    late = make_org(parent=province, valid_from=soon + timedelta(days=1))
    with pytest.raises(InvalidInput, match="không tồn tại"):
        actions.succeed(TESTER, kind="merge", predecessors=[old], successors=[late], on=soon, legal_basis=LAW)
    with pytest.raises(InvalidInput, match="hình thức"):
        actions.succeed(TESTER, kind="xyz", predecessors=[old], successors=[province], on=soon, legal_basis=LAW)


def test_the_trail_of_a_past_day_is_that_of_the_day(client: Client, province: Organization) -> None:
    district = make_org("UBND huyện Cam Lộ", parent=province, kind="district")
    commune = make_org("UBND xã Cam Hiếu", parent=district, kind="commune")
    day = date(2025, 7, 1)
    actions.move(TESTER, org=commune, parent=province, on=day, legal_basis=LAW)
    actions.rename(TESTER, org=commune, name="UBND xã Hiếu Giang", on=day, legal_basis=LAW)
    before = client.get(f"/quan-tri/co-quan/{commune.code}?ngay=30/06/2025").context["breadcrumbs"]
    after = client.get(f"/quan-tri/co-quan/{commune.code}?ngay=01/07/2025").context["breadcrumbs"]
    assert [label for label, _href in before[1:]] == ["UBND tỉnh Quảng Trị", "UBND huyện Cam Lộ", "UBND xã Cam Hiếu"]
    assert [label for label, _href in after[1:]] == ["UBND tỉnh Quảng Trị", "UBND xã Hiếu Giang"]
