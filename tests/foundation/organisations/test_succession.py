from datetime import date

import pytest
from django.utils import timezone

from hienluong.foundation.actions import ANONYMOUS, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations import actions, queries
from hienluong.foundation.organisations.models import Organization, OrganizationVersion, Position
from tests.factories import TESTER, actor_for_role, make_official, make_org

MERGER = date(2025, 7, 1)
LAW = "Nghị quyết 202/2025/QH15"

pytestmark = pytest.mark.django_db


@pytest.fixture
def province() -> Organization:
    return make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")


def _merge(old: list[Organization], new: list[Organization], on: date = MERGER, kind: str = "merge") -> None:
    actions.succeed(TESTER, kind=kind, predecessors=old, successors=new, on=on, legal_basis=LAW)


def test_a_renamed_organisation_keeps_its_old_name_for_the_days_before(province: Organization) -> None:
    org = make_org("Sở Thông tin", parent=province)
    actions.rename(TESTER, org=org, name="Sở Khoa học", on=MERGER, legal_basis=LAW)
    before = queries.version_on(org, date(2025, 6, 30))
    after = queries.version_on(org, MERGER)
    assert before
    assert before.name == "Sở Thông tin"
    assert after
    assert after.name == "Sở Khoa học"
    assert after.legal_basis == LAW
    assert org.name == "Sở Khoa học"


def test_moving_takes_everything_below_along(province: Organization) -> None:
    district = make_org(parent=province, kind="district")
    commune = make_org(parent=district, kind="commune")
    division = make_org(parent=commune, kind="division")
    actions.move(TESTER, org=commune, parent=province, on=MERGER, legal_basis=LAW)
    division.refresh_from_db()
    assert division.path == f"/{province.pk}/{commune.pk}/{division.pk}/"
    before, after = queries.tree_on(date(2025, 6, 30)), queries.tree_on(MERGER)
    assert [node.depth for node in before[0].walk() if node.id == division.pk] == [3]
    assert [node.depth for node in after[0].walk() if node.id == division.pk] == [2]


def test_an_organisation_cannot_move_below_itself(province: Organization) -> None:
    district = make_org(parent=province, kind="district")
    commune = make_org(parent=district, kind="commune")
    with pytest.raises(InvalidInput, match="trực thuộc"):
        actions.move(TESTER, org=district, parent=commune, on=MERGER, legal_basis=LAW)


def test_a_merge_ends_the_old_and_their_divisions_and_posts(province: Organization) -> None:
    old, new = make_org(parent=province, kind="commune"), make_org(parent=province, kind="commune")
    division = make_org(parent=old, kind="division")
    clerk = make_official(role="clerk", org=division)
    _merge([old], [new])
    assert not queries.in_force(MERGER).filter(pk__in=(old.pk, division.pk)).exists()
    assert queries.in_force(date(2025, 6, 30)).filter(pk__in=(old.pk, division.pk)).count() == 2
    assert not Position.objects.filter(official=clerk, valid__contains=MERGER).exists()
    assert not OrganizationVersion.objects.filter(organization=division, valid__contains=MERGER).exists()
    assert Event.objects.get(type="organization.succeeded").data["successor_id"] == new.pk


def test_a_merge_into_one_of_the_merging_lets_that_one_go_on(province: Organization) -> None:
    stays, goes = make_org(parent=province), make_org(parent=province)
    _merge([stays, goes], [stays])
    assert queries.in_force(MERGER).filter(pk=stays.pk).exists()
    assert queries.resolve_successor(goes, MERGER) == stays


def test_the_successor_is_followed_from_hand_over_to_hand_over(province: Organization) -> None:
    first, second, third = (make_org(parent=province) for _ in range(3))
    _merge([first], [second], on=date(2023, 1, 1))
    _merge([second], [third], on=MERGER)
    assert queries.resolve_successor(first, date(2022, 12, 31)) == first
    assert queries.resolve_successor(first, date(2025, 6, 30)) == second
    assert queries.resolve_successor(first, MERGER) == third


def test_of_several_successors_the_first_takes_the_work(province: Organization) -> None:
    old, a, b = (make_org(parent=province) for _ in range(3))
    _merge([old], [b, a], kind="split")
    assert queries.resolve_successor(old, MERGER) == b


def test_a_cycle_of_hand_overs_is_refused(province: Organization) -> None:
    a, b, c = (make_org(parent=province) for _ in range(3))
    _merge([a], [b], on=date(2023, 1, 1))
    _merge([b], [c], on=date(2024, 1, 1))
    with pytest.raises(InvalidInput, match="vòng"):
        _merge([c], [a])


def test_a_hand_over_without_a_law_is_refused(province: Organization) -> None:
    with pytest.raises(InvalidInput, match="căn cứ"):
        actions.succeed(
            TESTER,
            kind="abolish",
            predecessors=[make_org(parent=province)],
            successors=[province],
            on=MERGER,
            legal_basis=" ",
        )


def test_strangers_and_clerks_may_not_touch_the_government(province: Organization) -> None:
    clerk = actor_for_role("clerk", province)
    for actor in (ANONYMOUS, clerk):
        with pytest.raises(NotAllowed):
            actions.rename(actor, org=province, name="Khác", on=timezone.localdate(), legal_basis=LAW)
    actions.rename(actor_for_role("admin", province), org=province, name="Khác", on=MERGER, legal_basis=LAW)
    assert Entry.objects.filter(verb="organisations.rename", actor_kind="account").count() == 1


def test_a_code_is_used_once_and_has_its_legacy_form(province: Organization) -> None:
    org = make_org(code="H50.08.12", parent=province)
    assert org.legacy_code == "000.12.08.H50"
    with pytest.raises(InvalidInput, match="khác dùng"):
        make_org(code="H50.08.12", parent=province)


def test_the_tree_is_one_query(province: Organization, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    for _ in range(3):
        make_org(parent=make_org(parent=province))
    with django_assert_num_queries(1):
        (root,) = queries.tree_on(MERGER)
    assert len(list(root.walk())) == 7
    assert queries.tree_on(date(1990, 1, 1)) == []


def test_the_nearest_counter_receives(province: Organization) -> None:
    centre = make_org(parent=province, kind="service_centre")
    commune = make_org(parent=province, kind="commune")
    division = make_org(parent=commune, kind="division")
    assert queries.counter_of(division) == centre
    own = make_org(parent=commune, kind="service_centre")
    assert queries.counter_of(division) == own
    assert queries.counter_of(own) == own
