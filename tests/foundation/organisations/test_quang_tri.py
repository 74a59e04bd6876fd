"""The province as data: counts that the law names, and hand-overs that lead somewhere."""

import time
from collections import Counter
from datetime import date

import pytest
from django.db.models import Q

from hienluong.foundation.organisations import codes, queries, seed
from hienluong.foundation.organisations.models import Organization, OrganizationVersion, Succession
from tests.snapshots import ready

BEFORE, AFTER = date(2025, 6, 30), date(2025, 7, 1)
IN_2022 = date(2022, 6, 1)

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def loaded() -> seed.Loaded:
    return ready(seed.load_quang_tri)


def _kinds(on: date, root: str) -> Counter[str]:
    (found,) = [node for node in queries.tree_on(on) if node.code == root]
    return Counter(node.kind for node in found.walk())


def test_quang_tri_before_the_merger(loaded: seed.Loaded) -> None:
    kinds = _kinds(IN_2022, "H50")
    assert (kinds["department"], kinds["district"], kinds["commune"]) == (20, 10, 119)
    assert _kinds(BEFORE, "H46")["commune"] == 145
    assert _kinds(BEFORE, "H46")["district"] == 8


def test_quang_tri_after_the_merger(loaded: seed.Loaded) -> None:
    assert [node.code for node in queries.tree_on(AFTER)] == ["H50"]
    kinds = _kinds(AFTER, "H50")
    assert kinds["district"] == 0
    assert kinds["commune"] == 78
    assert kinds["service_centre"] == 79
    assert kinds["department"] == 17  # 14 departments, the economic zone authority, the provincial police, the taxes
    names = [node.name for node in queries.tree_on(AFTER)[0].walk() if node.kind == "commune"]
    assert sum(name.startswith("UBND phường") for name in names) == 8
    assert sum(name.startswith("UBND xã") for name in names) == 69
    assert sum(name.startswith("UBND đặc khu") for name in names) == 1


def test_agencies_are_known_by_the_initials_that_procedures_name(loaded: seed.Loaded) -> None:
    short = {
        on: set(OrganizationVersion.objects.filter(valid__contains=on).values_list("short_name", flat=True))
        for on in (IN_2022, AFTER)
    }
    assert {"STNMT", "SNNPTNT", "SGTVT", "SKHDT", "TCKH", "LDTBXH"} <= short[IN_2022]
    assert {"SNNMT", "STC", "SXD", "SGDDT", "SVHTTDL", "CAT", "KT", "VHXH"} <= short[AFTER]


def test_loading_twice_changes_nothing(loaded: seed.Loaded) -> None:
    assert seed.load_quang_tri() == seed.Loaded(0, 0, 0)


def test_loading_is_fast() -> None:
    start = time.perf_counter()
    loaded = seed.load_quang_tri()
    assert loaded.organisations > 1000
    assert time.perf_counter() - start < 5


def test_whatever_ended_has_somebody_in_force_to_take_its_work(loaded: seed.Loaded) -> None:
    ended = Organization.objects.filter(valid__endswith__lte=AFTER)
    assert ended.count() > 400
    for org in ended.select_related("parent"):
        heir = queries.resolve_successor(org, AFTER)
        assert heir.valid.upper is None, org.code


def test_old_communes_went_whole_into_one_new_commune(loaded: seed.Loaded) -> None:
    old = Organization.objects.filter(kind="commune", valid__endswith=AFTER)
    steps = Succession.objects.filter(predecessor__in=old)
    assert old.count() == steps.count() == 264
    assert {step.successor.kind for step in steps.select_related("successor")} == {"commune"}
    dong_ha = Organization.objects.get(name="UBND phường Đông Hà")
    assert "UBND phường 1" in {step.predecessor.name for step in dong_ha.successions_in.filter(kind="merge")}


def test_departments_were_merged_twice(loaded: seed.Loaded) -> None:
    planning = queries.current("H46.04")
    assert queries.resolve_successor(planning, date(2025, 2, 28)).name == "Sở Kế hoạch và Đầu tư"
    assert queries.resolve_successor(planning, BEFORE).code == "H46.05"
    assert queries.resolve_successor(planning, AFTER).code == "H50.05"


def test_a_division_of_a_district_follows_the_district(loaded: seed.Loaded) -> None:
    division = Organization.objects.get(code__startswith="H50.31.", name="Phòng Tư pháp")
    assert queries.resolve_successor(division, BEFORE) == division
    assert queries.resolve_successor(division, AFTER).name == "UBND phường Đông Hà"


def test_a_counter_hands_over_to_a_service_centre(loaded: seed.Loaded) -> None:
    for counter in Organization.objects.filter(kind="counter"):
        assert queries.resolve_successor(counter, AFTER).kind == "service_centre"


def test_no_sub_code_is_passed_off_as_official(loaded: seed.Loaded) -> None:
    assert set(Organization.objects.filter(code_is_official=True).values_list("code", flat=True)) == {"H50", "H46"}
    for org in Organization.objects.exclude(legacy_code=""):
        assert codes.from_legacy(org.legacy_code) == org.code


def test_each_change_names_its_law(loaded: seed.Loaded) -> None:
    assert not Succession.objects.filter(legal_basis="").exists()
    assert not OrganizationVersion.objects.filter(Q(valid__startswith=AFTER) & Q(legal_basis="")).exists()
    assert Succession.objects.filter(legal_basis__contains="1680/NQ-UBTVQH15").count() == 264
