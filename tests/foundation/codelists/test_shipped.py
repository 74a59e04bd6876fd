"""The lists that come with the product: whole, of the size that their source says, and true where we can tell."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from hienluong.capabilities.forms.fields import bind
from hienluong.foundation.codelists import queries, shipped
from hienluong.foundation.codelists.models import Code, Edition, Mapping
from hienluong.foundation.codelists.reading import shipped_names
from hienluong.foundation.codelists.rows import CodeRow, Pair
from hienluong.foundation.organisations import units
from hienluong.foundation.schemas import kinds, lists
from hienluong.foundation.schemas.cleaning import clean
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.kinds import expanded
from hienluong.services.procedures.spec import Form
from tests.factories import TESTER

BEFORE, AFTER = "2025-06", "2025-07"


def rows(name: str, edition: str) -> dict[str, CodeRow]:
    return {row.value: row for row in shipped.load(name).rows[edition]}


def became() -> list[Pair]:
    return list(shipped.load("administrative-units").pairs[BEFORE, AFTER])


def test_every_list_reads_without_a_fault_and_says_its_source() -> None:
    assert shipped_names() == {
        *("administrative-units", "countries", "document-types", "ethnic-groups", "industries"),
        *("legal-forms", "occupations"),
    }
    for name in shipped_names():
        spec = shipped.load(name).spec
        assert spec is not None
        assert all(edition.source and edition.legal_basis for edition in spec.editions)


def test_industries_have_the_numbers_that_the_decision_sums_up() -> None:
    """Quyết định 36/2025/QĐ-TTg, Phụ lục I: 22, 87, 259, 495 and 743 codes of level 1 to 5."""
    found = rows("industries", "vsic-2025")
    assert Counter(1 if value.isalpha() else len(value) for value in found) == {1: 22, 2: 87, 3: 259, 4: 495, 5: 743}
    for value, row in found.items():
        assert row.parent == ("" if value.isalpha() else row.parent if len(value) == 2 else value[:-1])
        assert "  " not in row.name
    assert found["01110"].name == "Trồng lúa"
    assert found["47"].parent == "G"
    assert not {row.parent for row in found.values()} & {value for value in found if len(value) == 5}


def test_small_lists_have_their_numbers() -> None:
    groups = rows("ethnic-groups", "tctk-1979")
    assert list(groups) == [f"{number:02d}" for number in range(1, 55)]
    assert (groups["01"].name, groups["23"].name, groups["31"].name) == ("Kinh", "Bru - Vân Kiều", "Ta-ôi")
    assert len({row.name for row in groups.values()}) == 54
    types = rows("document-types", "nd-30-2020")
    assert len(types) == 29
    assert dict(types["02"].attributes) == {"notation": "QĐ"}
    assert dict(types["18"].attributes) == {}  # an official letter has no abbreviation
    countries = rows("countries", "iso-3166-1")
    assert len(countries) == 249
    assert (countries["VN"].name, countries["LA"].name_en) == ("Việt Nam", "Laos")
    occupations = rows("occupations", "vsco-2020")
    assert Counter(len(value) for value in occupations) == {1: 10, 2: 48}


def test_the_country_before_and_after() -> None:
    before, after = rows("administrative-units", BEFORE), rows("administrative-units", AFTER)
    assert Counter(len(value) for value in before) == {2: 63, 3: 696, 5: 10_035}
    assert Counter(len(value) for value in after) == {2: 34, 5: 3321}
    kinds = Counter(dict(row.attributes)["kind"] for value, row in after.items() if len(value) == 5)
    assert kinds == {"Xã": 2621, "Phường": 687, "Đặc khu": 13}


def test_quang_tri_before_and_after() -> None:
    before, after = rows("administrative-units", BEFORE), rows("administrative-units", AFTER)

    def communes(province: str) -> set[str]:
        districts = {value for value, row in before.items() if row.parent == province}
        return {value for value, row in before.items() if row.parent in districts}

    assert (before["45"].name, before["44"].name) == ("Tỉnh Quảng Trị", "Tỉnh Quảng Bình")
    assert sum(row.parent == "45" for row in before.values()) == 10
    assert sum(row.parent == "44" for row in before.values()) == 8
    assert (len(communes("45")), len(communes("44"))) == (119, 145)
    now = {value: row for value, row in after.items() if row.parent == "44"}
    assert after["44"].name == "Tỉnh Quảng Trị"
    assert len(now) == 78
    assert Counter(row.name.split()[0] for row in now.values()) == {"Xã": 69, "Phường": 8, "Đặc": 1}
    assert (now["19333"].name, now["19742"].name) == ("Phường Đông Hà", "Đặc khu Cồn Cỏ")
    assert before["467"].name == "Huyện Đakrông"
    assert before["450"].name == "Thành phố Đồng Hới"


def test_every_commune_of_before_became_something_and_the_organisations_agree() -> None:
    before, after = rows("administrative-units", BEFORE), rows("administrative-units", AFTER)
    pairs = became()
    sources, targets = {pair.source for pair in pairs}, {pair.target for pair in pairs}
    assert {value for value in before if len(value) in (2, 5)} <= sources
    assert targets == set(after)
    primary = Counter(pair.source for pair in pairs if pair.is_primary)
    assert set(primary) == sources
    assert set(primary.values()) == {1}
    told = units.successors()
    ours = {pair.source: pair for pair in pairs if pair.source in told}
    assert {source: pair.target for source, pair in ours.items()} == told
    assert {pair.kind for pair in ours.values()} <= {"same", "merged"}  # none of ours was divided
    islands = {pair.source for pair in pairs if len(pair.source) == 3}
    assert {before[value].name for value in islands} == {
        *("Huyện Cồn Cỏ", "Huyện Hoàng Sa", "Huyện Lý Sơn", "Huyện Côn Đảo", "Huyện Bạch Long Vĩ"),
    }


def test_divided_communes_say_where_their_parts_went() -> None:
    divided = Counter(pair.source for pair in became())
    assert sum(count > 1 for count in divided.values()) >= 400
    assert {pair.kind for pair in became() if divided[pair.source] > 1} <= {"split", "part"}


@pytest.mark.django_db
@pytest.mark.once
def test_all_of_them_are_installed_once() -> None:
    done = shipped.install_all(TESTER)
    assert len(done.new) == Edition.objects.count() == 8
    assert Code.objects.filter(edition__codelist__code="administrative-units").count() == 10_794 + 3355
    assert Mapping.objects.count() == len(became())
    (dong_ha, *rest) = queries.successors("administrative-units", "19333", BEFORE, AFTER)
    assert rest == []
    assert (dong_ha.code.value, dong_ha.kind) == ("19333", "merged")
    commune = Code.objects.get(edition__code=AFTER, value="19333")
    assert [step.name for step in queries.path(commune)] == ["Tỉnh Quảng Trị", "Phường Đông Hà"]
    day = date(2025, 6, 30)
    old = queries.search(queries.edition("administrative-units", BEFORE), "dakrong", day)
    assert "Huyện Đakrông" in {code.name for code in old}
    again = shipped.install_all(TESTER)
    assert (again.new, again.changed, len(again.same)) == ([], [], 8)


def test_an_address_names_a_unit_of_its_day() -> None:
    prop = expanded({"x-kind": "address", "title": "Địa chỉ"})

    def said(unit: str, day: date) -> tuple[str, str]:
        with lists.reading(shipped.Files([], [])), lists.as_of(day):
            typed = {"a": {"street": " 12  Trần Hưng Đạo", "unit": unit}}
            value = clean({"type": "object", "properties": {"a": prop}}, typed)["a"]
            return show(value, prop), "".join(message for _place, message in kinds.faults(prop, value))

    now, before = date(2026, 1, 1), date(2025, 5, 1)
    assert said("Phường Đông Hà", now) == ("12 Trần Hưng Đạo, Phường Đông Hà, Tỉnh Quảng Trị", "")
    assert said("19330", before) == ("12 Trần Hưng Đạo, Phường Đông Giang, Thành phố Đông Hà, Tỉnh Quảng Trị", "")
    assert "hết hiệu lực từ ngày 01/07/2025" in said("19330", now)[1]
    assert "là một nhóm" in said("45", before)[1]
    form = Form.model_validate(
        {
            "code": "a",
            "title": "a",
            "schema": {"type": "object", "properties": {"a": prop}},
            "pages": [{"id": "a", "title": "a", "fields": ["a"]}],
        }
    )
    with lists.reading(shipped.Files([], [])):
        html = str(bind(form.pages[0], form, {"a": {"unit": "19333"}})["a"])
    assert "/api/v1/codelists/administrative-units/codes?leaf=true" in html
