"""Operations on definitions: pure, undone by keeping what was, and every product passes or names its fault."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers.definition import RegisterSpec, problems
from hienluong.foundation.actions import DomainError
from hienluong.foundation.schemas.positions import parse, validated
from hienluong.foundation.schemas.properties import properties
from hienluong.services.building import certificate_operations, renaming, yaml_text
from hienluong.services.building import register_operations as ops
from hienluong.services.building.labels import kind_label
from hienluong.services.building.schema_operations import CHOICE, PALETTE

pytestmark = pytest.mark.once

SECTORS = Path(__file__).parents[3] / "src/hienluong/sectors"
HOUSEHOLD = SECTORS / "business/household/registers/household_business.yaml"
NAMES = st.sampled_from(["name", "a", "b", "ten_cho", "owner_number", "place", "lines", "status", "Sai Tên", ""])
PLACES = st.integers(-3, 30)
OPERATION = st.one_of(
    st.builds(lambda kind, title, at: (ops.add_field, {"kind": kind, "title": title, "at": at}),
              st.sampled_from([*PALETTE, "lạ"]), st.sampled_from(["Tên chợ", "A", "", "123", "*"]), PLACES),
    st.builds(lambda name, to: (ops.move_field, {"name": name, "to": to}), NAMES, PLACES),
    st.builds(lambda name, by: (ops.step_field, {"name": name, "by": by}), NAMES, st.sampled_from([-1, 1])),
    st.builds(lambda name, to: (ops.rename_field, {"name": name, "to": to}), NAMES, NAMES),
    st.builds(lambda name: (ops.remove_field, {"name": name}), NAMES),
    st.builds(lambda name, how: (ops.set_computed, {"name": name, "expression": how}), NAMES, st.sampled_from(["", "a + 1", ")"])),
    st.builds(lambda names: (ops.set_access, {"read": {"public": names}, "write": {"responsible": names}}), st.lists(NAMES, max_size=4)),
    st.builds(lambda names: (ops.put_list, {"number": None, "title": "D", "columns": names, "filters": [], "sort": ""}), st.lists(NAMES, max_size=3)),
)  # fmt: skip


def read(text: str) -> Any:
    return parse(text, "registers/x.yaml").value


def verdict(text: str) -> list[str]:
    """Every fault of a definition; empty when it would be installed."""
    document = parse(text, "registers/x.yaml")
    spec = validated(document, RegisterSpec)
    return [str(fault) for fault in document.faults] if spec is None else [said for _place, said in problems(spec)]


@settings(max_examples=25, deadline=None)
@given(st.lists(OPERATION, max_size=5), st.booleans())
def test_operations_change_nothing_they_were_given_and_write_what_they_say(steps: list[Any], rich: bool) -> None:
    definition = read(HOUSEHOLD.read_text("utf-8")) if rich else ops.new_register("a.b", "Chợ", "Sở", date(2026, 1, 1))
    texts = [yaml_text.dump(definition)]
    for operation, given_ in steps:
        before = copy.deepcopy(definition)
        try:
            changed = operation(definition, **given_)
        except DomainError:
            changed = definition
        assert definition == before  # what was is whole, so undo is to look at it again
        definition = changed
        text = yaml_text.dump(definition)
        assert read(text) == definition
        assert list(properties(read(text)["schema"])) == list(properties(definition["schema"]))
        assert yaml_text.dump(read(text)) == text
        verdict(text)  # passes, or says what is wrong; never raises
        texts.append(text)


def test_what_the_palette_makes_is_right_but_for_what_only_a_person_knows() -> None:
    definition = ops.new_register("a.b", "Chợ", "Sở", date(2026, 1, 1))
    for kind in PALETTE:
        definition = ops.add_field(definition, kind=kind)
    assert len(properties(definition["schema"])) == len(PALETTE) + 1
    told = verdict(yaml_text.dump(definition))
    assert sorted(told) == sorted(
        [
            f"“{kind_label(CHOICE)}”: chưa ghi các lựa chọn",
            "“Số có đơn vị”: chưa ghi đơn vị",
            "“Mã của danh mục”: chưa chọn danh mục",
            "“Bản ghi của cơ sở dữ liệu khác”: chưa chọn cơ sở dữ liệu được chỉ tới",
        ]
    )


def test_a_certificate_is_begun_with_its_fields_and_follows_their_names() -> None:
    definition = ops.new_register("a.b", "Chợ", "Sở", date(2026, 1, 1))
    certificate = {"title": "Giấy chứng nhận", "holder": "name", "series": "{n:04}/{year}/GCN", "years": 3}
    definition = certificate_operations.begin_certificate(definition, **certificate)
    assert verdict(yaml_text.dump(definition)) == []
    assert definition["access"]["public"]["read"] == list(properties(definition["schema"]))
    for name in list(properties(definition["schema"])):
        definition = ops.rename_field(definition, name=name, to=f"new_{name}")
    assert verdict(yaml_text.dump(definition)) == []
    definition = ops.remove_field(definition, name=definition["certificate"]["suspended"])
    assert verdict(yaml_text.dump(definition)) == []
    assert verdict(yaml_text.dump(certificate_operations.remove_certificate(definition))) == []


def test_a_field_is_renamed_wherever_it_is_named() -> None:
    definition = read(HOUSEHOLD.read_text("utf-8"))
    for name in list(properties(definition["schema"])):
        definition = ops.rename_field(definition, name=name, to=f"new_{name}")
    assert verdict(yaml_text.dump(definition)) == []
    assert definition["rules"][0]["when"].startswith("new_founder != 'person' || new_members == null")
    assert definition["lists"][0]["sort"] == "-new_registered_on"
    there = read(HOUSEHOLD.read_text("utf-8"))
    for name in list(properties(definition["schema"])):
        definition = ops.rename_field(definition, name=name, to=name.removeprefix("new_"))
    assert definition == there


def test_only_the_variable_is_renamed_in_an_expression() -> None:
    before = "size(size) > 1 && size.size == 'size' && [size].exists(x, x == size) || r\"size\" != sizes"
    after = "size(dai) > 1 && dai.size == 'size' && [dai].exists(x, x == dai) || r\"size\" != sizes"
    assert renaming.renamed(before, "size", "dai") == after


def test_a_shipped_file_written_again_says_the_same() -> None:
    for path in [*sorted(SECTORS.glob("*/household/*/*.yaml")), *sorted(SECTORS.glob("*/*/pack.yaml"))]:
        text = path.read_text("utf-8")
        written = yaml_text.dump(read(text), yaml_text.leading_comment(text))
        assert read(written) == read(text), path
        assert not yaml_text.has_inner_comments(text), path


def test_registers_are_written_as_an_engineer_wrote_them() -> None:
    for path in sorted(SECTORS.glob("business/household/registers/*.yaml")):
        text = path.read_text("utf-8")  # but for where a long line is folded
        assert yaml_text.dump(read(text), yaml_text.leading_comment(text)).split() == text.split(), path
