"""Fields of forms and registers held against a list on the day on which they are valid, and shown by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation
from pydantic import ValidationError
from pytest_django import DjangoAssertNumQueries

from hienluong.capabilities.forms import sources
from hienluong.capabilities.forms.code_input import CodeInput
from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.checking import check, check_many
from hienluong.capabilities.registers.models import Version
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.codelists import actions, queries, shipped, snapshots
from hienluong.foundation.codelists.models import Code
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.cleaning import clean
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.kinds import expanded
from hienluong.services.procedures import installing, packs
from tests.capabilities.registers.sample import WELLS, official, organization, wells
from tests.factories import TESTER

from .sample import installed, trees, written

TREE: dict[str, Any] = {"x-kind": "code", "x-list": "trees", "title": "Loài cây"}
BEFORE, AFTER = date(2024, 6, 1), date(2026, 1, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _lists(tmp_path: Path) -> None:
    installed(tmp_path)


def prop(**more: Any) -> dict[str, Any]:
    return expanded({**TREE, **more})


@pytest.mark.parametrize(
    ("value", "day", "more", "words"),
    [
        ("G1", AFTER, {}, ""),
        ("G1", BEFORE, {}, ""),
        ("G2", BEFORE, {}, ""),
        ("G2", AFTER, {}, "“G2” (Keo lá tràm) hết hiệu lực từ ngày 01/07/2025"),
        ("G11", BEFORE, {}, "“G11” (Lim xanh rừng trồng) chỉ có từ ngày 01/07/2025"),
        ("T1", date(2023, 12, 31), {}, ""),
        ("T1", date(2024, 1, 1), {}, "“T1” (Luồng) hết hiệu lực từ ngày 01/01/2024"),
        ("Z9", AFTER, {}, "không có mã “Z9” trong danh mục “Cây rừng” vào ngày 01/01/2026"),
        ("100%", AFTER, {}, "không có mã “100%%”"),
        ("Z9", date(2019, 1, 1), {}, ""),  # no edition of that day is held
        ("G1", AFTER, {"x-leaf": True}, "“G1” (Lim xanh) là một nhóm"),
        ("G1", BEFORE, {"x-leaf": True}, ""),
        ("G11", AFTER, {"x-leaf": True, "x-under": "G"}, ""),
        ("T", AFTER, {"x-under": "G"}, "“T” (Tre nứa) không thuộc “Cây lấy gỗ”"),
        ("G", AFTER, {"x-under": "G"}, "không thuộc"),
    ],
)
def test_a_code_is_held_against_its_list_on_the_day(value: str, day: date, more: dict[str, Any], words: str) -> None:
    said = lists.fault(value, prop(**more), day)
    assert words in said if words else said == ""


def test_a_register_holds_codes_against_the_day_from_which_they_are_valid() -> None:
    schema = {**WELLS["schema"], "properties": {**WELLS["schema"]["properties"], "note": prop()}}
    owner = organization("H50.90")
    clerk = official(owner, "define", "read", "write")
    register = registers.install(clerk, spec=wells(schema=schema), owner=owner).register
    sound = {"code": "G001", "name": "Giếng"}
    registers.create(clerk, register=register, data={**sound, "note": "G2"}, since=BEFORE)
    with pytest.raises(InvalidInput, match="hết hiệu lực"):
        registers.create(clerk, register=register, data={**sound, "code": "G002", "note": "G2"}, since=AFTER)
    record = registers.create(
        clerk, register=register, data={**sound, "code": "G003", "note": "Lim xanh"}, since=BEFORE
    )
    assert Version.objects.get(record=record).data["note"] == "G1"  # a name is taken for its code
    with pytest.raises(InvalidInput) as refused:
        registers.change(clerk, record=record, data={"note": "G2"}, since=AFTER)
    assert refused.value.field == "note"


def test_many_are_each_held_against_their_own_day() -> None:
    schema = {**WELLS["schema"], "properties": {**WELLS["schema"]["properties"], "note": prop()}}
    rows = [{"code": f"G00{number}", "name": "Giếng", "note": "G2"} for number in range(2)]
    before, after = check_many(wells(schema=schema), rows, [BEFORE, AFTER])
    assert (before.errors, "note" in after.errors) == ({}, True)


def test_columns_of_a_table_are_held_against_their_list_too() -> None:
    schema = {
        **WELLS["schema"],
        "properties": {
            **WELLS["schema"]["properties"],
            "tests": {
                "x-kind": "table",
                "title": "Cây quanh giếng",
                "items": {"type": "object", "properties": {"tree": {**TREE, "title": "Cây"}}},
            },
        },
    }
    spec = wells(schema=schema)
    data = {"code": "G001", "name": "Giếng", "tests": [{"tree": "G1"}, {"tree": "Z"}]}
    (message,) = check(spec, data).errors["tests"]
    assert "mục 2, Cây: không có mã “Z”" in message


def test_the_label_is_shown_in_the_language_of_the_reader() -> None:
    assert show("G1", prop()) == "Lim xanh"
    assert show("G2", prop()) == "Keo lá tràm"  # of another edition: what it meant last
    assert show("Z9", prop()) == "Z9"
    with lists.as_of(BEFORE):
        assert show("G", prop()) == "Cây gỗ"
    with translation.override("en"):
        assert show("G", prop()) == "Timber"
    assert show(["G1", "G3"], {"type": "array", "items": prop()}) == "Lim xanh, Keo"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("G1", "G1"),
        (" lim   XANH ", "G1"),
        ("G11 - Lim xanh rừng trồng", "G11"),
        ("timber", "G"),
        ("lim", "lim"),
        ("Z9 - Lim xanh", "Z9 - Lim xanh"),
    ],
)
def test_what_is_typed_becomes_the_code_it_means(typed: str, kept: str) -> None:
    assert clean({"properties": {"tree": prop()}}, {"tree": typed}) == {"tree": kept}


def test_a_short_list_is_chosen_from_and_a_long_one_typed_into(tmp_path: Path) -> None:
    assert sources.of_list(prop(**{"x-leaf": True})) == [
        ("G11", "Lim xanh rừng trồng"),
        ("G3", "Keo"),
        ("T", "Tre nứa"),
    ]
    data = trees(code="many", mappings=[], editions=[trees()["editions"][1]])
    data["editions"][0]["codes"] += [{"code": f"X{n}", "parent": "G", "name": f"Cây {n}"} for n in range(30)]
    installed(tmp_path, data)
    many = prop(**{"x-list": "many", "x-leaf": True, "x-under": "G"})
    assert sources.of_list(many) == []
    box = CodeInput(many).render("tree", "X7")
    assert 'value="X7 - Cây 7"' in box
    assert "/api/v1/codelists/many/codes?under=G&amp;leaf=true" in box


def test_thousands_of_values_do_not_ask_the_database_each(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    snapshots.forget()
    with django_assert_max_num_queries(4):
        for _number in range(2000):
            assert lists.fault("G1", prop(), AFTER) == ""


def test_a_change_counts_at_once() -> None:
    snapshots.forget()
    assert lists.fault("T", prop(), AFTER) == ""
    code = Code.objects.get(edition=queries.edition("trees", "2025"), value="T")
    actions.close(TESTER, code=code, on=date(2025, 12, 31), legal_basis="QĐ 9")
    assert "hết hiệu lực từ ngày 31/12/2025" in lists.fault("T", prop(), AFTER)


# -- definitions and packs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"x-list": "bushes"}, "không có danh mục “bushes”"),
        ({"x-under": "Z"}, "không có mã “Z”"),
    ],
)
def test_a_definition_that_names_no_list_is_refused_at_install(changes: dict[str, Any], words: str) -> None:
    schema = {**WELLS["schema"], "properties": {**WELLS["schema"]["properties"], "note": {**TREE, **changes}}}
    owner = organization("H50.90")
    with pytest.raises(InvalidInput, match=words):
        registers.install(official(owner, "define"), spec=wells(schema=schema), owner=owner)


@pytest.mark.parametrize("name", [None, 7])
def test_a_list_is_named_by_a_word(name: Any) -> None:
    schema = {**WELLS["schema"], "properties": {**WELLS["schema"]["properties"], "note": {**TREE, "x-list": name}}}
    with pytest.raises(ValidationError, match="“x-list” phải là chữ"):
        wells(schema=schema)


def pack_of(folder: Path, field: str) -> Path:
    """A pack with a list of its own and a register that names one."""
    (folder / "codelists").mkdir(parents=True)
    (folder / "registers").mkdir()
    (folder / "pack.yaml").write_text("name: thu.rung\ntitle: Rừng\nversion: 1.0.0\n", "utf-8")
    written(folder / "codelists", trees(code="forest-trees"))
    (folder / "registers" / "rung.yaml").write_text(
        "code: thu.rung\ntitle: Rừng\nversion: 1\neffective_from: 2025-07-01\nowner: H50.90\nkey: {field: code}\n"
        "name: code\nschema:\n  type: object\n  required: [code]\n  properties:\n    code: {type: string, title: Số}\n"
        f"    tree:\n      x-kind: code\n      {field}\n      title: Cây\n",
        "utf-8",
    )
    return folder


def test_a_pack_brings_its_own_list(tmp_path: Path) -> None:
    organization("H50.90")
    pack = packs.load(pack_of(tmp_path / "goi", "x-list: forest-trees"))
    assert pack.faults == []
    done = installing.install(TESTER, pack)
    assert (done.new, done.refused) == (["codelists/forest-trees.yaml", "registers/rung.yaml"], [])
    assert queries.label("forest-trees", "G1", AFTER) == "Lim xanh"
    assert installing.install(TESTER, pack).same == ["codelists/forest-trees.yaml", "registers/rung.yaml"]


def test_what_a_pack_would_change_in_its_lists_is_said_before(tmp_path: Path) -> None:
    organization("H50.90")
    folder = pack_of(tmp_path / "goi", "x-list: forest-trees")

    def would() -> list[tuple[str, str]]:
        changes = installing.diff(packs.load(folder))
        return [(each.file, each.kind) for each in changes if each.file.startswith("codelists/")]

    assert would() == [("codelists/forest-trees.yaml", "new")]
    installing.install(TESTER, packs.load(folder))
    assert would() == [("codelists/forest-trees.yaml", "same")]
    data = trees(code="forest-trees")
    data["mappings"][0]["pairs"].pop()
    written(folder / "codelists", data)
    assert would() == [("codelists/forest-trees.yaml", "changed")]
    assert installing.install(TESTER, packs.load(folder)).changed == ["codelists/forest-trees.yaml"]
    data["editions"][1]["codes"][0]["name"] = "Gỗ"
    written(folder / "codelists", data)
    assert would() == [("codelists/forest-trees.yaml", "changed")]


def test_a_pack_names_the_lists_of_others_that_it_uses(tmp_path: Path) -> None:
    organization("H50.90")
    folder = pack_of(tmp_path / "goi", "x-list: bushes")
    assert any("bushes" in fault.message for fault in packs.load(folder).faults)
    with (folder / "pack.yaml").open("a", encoding="utf-8") as manifest:
        manifest.write("uses_codelists: [bushes]\n")
    assert packs.load(folder).faults == []
    with pytest.raises(InvalidInput, match="bushes"):
        installing.install(TESTER, packs.load(folder))
    installed(tmp_path, trees(code="bushes"))
    assert "registers/rung.yaml" in installing.install(TESTER, packs.load(folder)).new


def test_a_pack_that_names_no_list_is_told_with_file_and_line(tmp_path: Path) -> None:
    pack = packs.load(pack_of(tmp_path / "goi", "x-list: bushes"))
    (fault,) = pack.faults
    assert (fault.file, "bushes" in fault.message) == ("registers/rung.yaml", True)
    line = (tmp_path / "goi/registers/rung.yaml").read_text("utf-8").splitlines()[fault.line - 1]
    assert line.strip() == "x-list: bushes"


def test_a_pack_with_a_faulty_list_installs_nothing(tmp_path: Path) -> None:
    folder = pack_of(tmp_path / "goi", "x-list: forest-trees")
    path = folder / "codelists/forest-trees.yaml"
    path.write_text(path.read_text("utf-8").replace("parent: G\n", "parent: Q\n", 1), "utf-8")
    pack = packs.load(folder)
    assert any(fault.file == "codelists/forest-trees.yaml" and "Q" in fault.message for fault in pack.faults)
    with pytest.raises(InvalidInput):
        installing.install(TESTER, pack)


def test_a_pack_does_not_bring_a_list_of_the_product(tmp_path: Path) -> None:
    folder = pack_of(tmp_path / "goi", "x-list: forest-trees")
    written(folder / "codelists", trees(code="countries"))
    assert any("đã đi kèm" in fault.message for fault in packs.load(folder).faults)


def test_a_pack_is_checked_without_a_database(
    tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    folder = pack_of(tmp_path / "goi", "x-list: industries")
    with django_assert_num_queries(0):
        assert packs.load(folder).faults == []
        with lists.reading(shipped.Files()):
            assert lists.label("industries", "01110") == "Trồng lúa"
            assert "là một nhóm" in lists.fault("0111", {"x-list": "industries", "x-leaf": True}, AFTER)


def test_the_lines_of_household_businesses_are_of_the_industries() -> None:
    shipped_pack = {pack.name: pack for pack in map(packs.load, packs.shipped_folders())}["business.household"]
    versions = [spec for _file, spec in shipped_pack.registers if spec.code == "business.household"]
    spec = max(versions, key=lambda version: version.version)
    data = {"lines": [{"code": "4711", "name": "Bán lẻ"}, {"code": "4712", "name": "Bán lẻ"}]}
    with lists.reading(shipped.Files()), lists.as_of(AFTER):
        errors = check(spec, data).errors["lines"]
    assert len(errors) == 1
    assert "mục 2, Mã ngành: không có mã “4712”" in errors[0]


@pytest.mark.once
def test_the_command_installs_the_lists_of_the_product(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    organization("H50.90")
    call_command("pack", "install", str(pack_of(tmp_path / "goi", "x-list: countries")))
    assert queries.label("countries", "LA") == "Lào"
