"""Lists, filters and counts, at a constant number of queries."""

from __future__ import annotations

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from hienluong.foundation.search.slips import one_slip_apart
from hienluong.services.procedures import queries, rules
from hienluong.services.procedures.queries import CatalogueFilter

from .samples import published

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _some_procedures() -> None:
    published("1.000001")
    published(
        "1.000002",
        name="Âm nhạc: cấp phép biểu diễn",
        life_events=[],
        keywords=[],
        online_level="partial",
        level_2022=3,
    )
    published(
        "1.000003",
        name="Đăng ký hộ kinh doanh",
        keywords=[],
        field={"code": "HKD", "name": "Hộ kinh doanh"},
        applicants=["household", "citizen"],
        life_events=["starting-business"],
        agency={"level": "department", "key": "STC"},
        complete=True,
    )


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (CatalogueFilter(text="dang ky khai sinh"), ["1.000001"]),
        (CatalogueFilter(text="GIẤY khai SINH"), ["1.000001"]),
        (CatalogueFilter(text="kinh doanh đăng ký"), ["1.000003"]),
        (CatalogueFilter(text="dang ky khai sihn"), ["1.000001"]),
        (CatalogueFilter(text="kinh doanhh"), ["1.000003"]),
        (CatalogueFilter(text="bieu diên nhac"), ["1.000002"]),
        (CatalogueFilter(text="1.000002"), ["1.000002"]),
        (CatalogueFilter(text="không có gì như thế\x00"), []),
        (CatalogueFilter(field="HKD"), ["1.000003"]),
        (CatalogueFilter(online_level="partial"), ["1.000002"]),
        (CatalogueFilter(level_2022=3), ["1.000002"]),
        (CatalogueFilter(life_event="birth"), ["1.000001"]),
        (CatalogueFilter(applicant="household"), ["1.000003"]),
        (CatalogueFilter(agency_level="department", agency_key="STC"), ["1.000003"]),
        (CatalogueFilter(complete=True), ["1.000003"]),
    ],
)
def test_filters(wanted: CatalogueFilter, codes: list[str]) -> None:
    assert [procedure.code for procedure in queries.catalogue(wanted)] == codes


def test_names_sort_as_in_a_vietnamese_dictionary() -> None:
    names = [procedure.name for procedure in queries.catalogue()]
    assert names == ["Âm nhạc: cấp phép biểu diễn", "Đăng ký hộ kinh doanh", "Đăng ký khai sinh"]


def test_counts() -> None:
    assert [(c.code, c.count) for c in queries.fields_with_counts()] == [("HKD", 1), ("HT", 2)]
    assert [(c.code, c.count) for c in queries.life_events_with_counts()] == [("birth", 1), ("starting-business", 1)]
    assert queries.levels_2022() == {3: 1, 4: 2}
    assert {c.code: c.count for c in queries.online_levels()} == {"full": 2, "partial": 1, "information": 0}


def test_lists_cost_the_same_however_long(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(4):
        assert [procedure.field.name for procedure in queries.catalogue()]
        queries.fields_with_counts()
        queries.life_events_with_counts()
        queries.online_levels()
    with django_assert_num_queries(3):
        procedure = queries.with_versions("1.000001")
        assert list(procedure.versions.all())
        assert not list(procedure.suspensions.all())


def test_rule_sets_load_once_and_hold_on_their_days() -> None:
    assert rules.load() == len(rules.shipped())
    assert rules.load() == 0
    assert queries.rule_set_on(date(2024, 5, 6)).code == "2022"
    assert queries.rule_set_on(date(2026, 11, 23)).code == "2025"


def test_each_rule_set_has_its_own_papers_with_their_forms() -> None:
    old, new = rules.shipped()
    assert [len(old.papers), len(new.papers)] == [6, 7]
    assert old.paper("stop") is None
    assert new.paper("stop") is not None
    for spec in (old, new):
        assert {rule.stage for rule in spec.supplements} == {"reception", "review"}
        assert all(rule.legal_basis for rule in spec.supplements)
        assert spec.notes  # what was read and what was not is said


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("sinh", "sihn", True), ("sinh", "sin", True), ("sin", "sinh", True), ("sinh", "sính", True),
        ("sinh", "snih", True), ("sinh", "sinh", False), ("sinh", "hsin", False), ("sinh", "s", False),
        ("ab", "ba", True), ("abc", "cba", False), ("", "a", True),
    ],
)  # fmt: skip
def test_one_slip(left: str, right: str, near: bool) -> None:
    assert one_slip_apart(left, right) is near
    assert one_slip_apart(right, left) is near


def test_words_as_typed_come_first() -> None:
    published("1.000004", name="Đăng ký lại việc khai sinh", keywords=[])
    found = queries.catalogue(CatalogueFilter(text="đăng ký khai sinh"))
    assert [procedure.code for procedure in found] == ["1.000001", "1.000004"]


@pytest.mark.parametrize("typed", ["sanh", "binh", "sin", "sinhh", "snih", "khia binh", "ho kinh doan", "am nhat"])
def test_a_slip_finds_the_procedure_even_when_it_makes_another_word(typed: str) -> None:
    published("1.000009", name="Cấp phép khu vực thanh bình", keywords=[])
    wanted = {"ho kinh doan": "Đăng ký hộ kinh doanh", "am nhat": "Âm nhạc: cấp phép biểu diễn"}
    names = [procedure.name for procedure in queries.catalogue(CatalogueFilter(text=typed))]
    assert wanted.get(typed, "Đăng ký khai sinh") in names


def test_a_word_is_not_looked_for_inside_another() -> None:
    published("1.000010", name="Cấp giấy phép xây nhà yến", keywords=[])
    published("1.000011", name="Chứng nhận chuyển quyền sử dụng đất", keywords=[])
    assert [one.code for one in queries.catalogue(CatalogueFilter(text="nhà yến"))] == ["1.000010"]
    assert [one.code for one in queries.catalogue(CatalogueFilter(text="nha ye"))] == ["1.000010"], "still being typed"


def test_some_of_the_words_are_enough_when_asked_for_so() -> None:
    published("1.000010", name="Cấp giấy phép xây nhà yến", keywords=[])
    wanted = CatalogueFilter(text="xây nhà yến sáu tầng")
    assert not queries.catalogue(wanted).exists()
    assert [one.code for one in queries.catalogue(wanted, some_words=True)] == ["1.000010"]
