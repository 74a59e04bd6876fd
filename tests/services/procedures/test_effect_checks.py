"""What a procedure writes into a register is held against the register before the first dossier."""

from __future__ import annotations

from typing import Any

import pytest

from hienluong.services.procedures.effect_checks import effect_problems
from tests.capabilities.registers.certified import with_section
from tests.capabilities.registers.sample import wells

from .samples import spec

FORM: dict[str, Any] = {
    "code": "don",
    "title": "Đơn",
    "schema": {
        "type": "object",
        "required": ["so", "ten"],
        "properties": {
            "so": {"type": "string", "title": "Số giấy"},
            "ten": {"type": "string", "title": "Tên giếng"},
            "biet_danh": {"type": "string", "title": "Tên gọi khác"},
            "sau": {"x-kind": "number", "title": "Độ sâu"},
        },
    },
    "pages": [{"id": "don", "title": "Đơn", "fields": ["so", "ten", "biet_danh", "sau"]}],
}
CREATE = {"register": "thu.gieng", "set": {"code": "so", "name": "ten", "depth": "sau"}}


def told(effect: dict[str, Any], form: dict[str, Any] = FORM, **register: Any) -> list[tuple[Any, ...]]:
    """Place and words of each problem of one effect on the register of wells."""
    return list(effect_problems(spec(form=form, effects=[effect]), [wells(**register)]))


def _asked(**change: Any) -> dict[str, Any]:
    schema = FORM["schema"]
    properties = {**schema["properties"], "ten": {**schema["properties"]["ten"], **change.get("ten", {})}}
    page = {**FORM["pages"][0], **change.get("page", {})}
    required = change.get("required", schema["required"])
    return {**FORM, "schema": {**schema, "required": required, "properties": properties}, "pages": [page]}


def test_what_a_register_can_take_is_no_problem() -> None:
    assert told(CREATE) == []


def test_a_required_field_that_nothing_is_written_to_is_told_before_anybody_files() -> None:
    (place, said), = told({**CREATE, "set": {"code": "so"}})  # fmt: skip
    assert place == ("effects", 0, "set")
    assert "“Giếng khoan”: trường bắt buộc “Tên giếng” chưa lấy từ đâu" in said


@pytest.mark.parametrize(
    "form",
    [
        _asked(required=["so"]),
        _asked(ten={"x-when": "so != ''"}),
        _asked(page={"when": "true"}),
    ],
    ids=["not required", "asked only when", "its page only when"],
)
def test_a_question_that_may_stay_unanswered_does_not_fill_a_required_field(form: dict[str, Any]) -> None:
    problems = told(CREATE, form)
    assert ("effects", 0, "set", "name") in [place for place, _said in problems]
    assert any("lấy từ câu hỏi “Tên giếng” mà người dân có thể không trả lời" in said for _place, said in problems)


def test_a_formula_is_left_to_its_author_and_so_is_a_field_that_may_be_empty() -> None:
    assert told({**CREATE, "set": {"code": "so", "name": "biet_danh == null ? ten : biet_danh", "depth": "sau"}}) == []


@pytest.mark.parametrize("kind", ["change", "end"])
def test_a_record_that_is_there_has_its_required_fields_already(kind: str) -> None:
    written = {"set": {"depth": "sau"}} if kind == "change" else {}
    assert told({"register": "thu.gieng", "kind": kind, "key": "so", **written}) == []


def test_a_new_certificate_needs_its_holder_and_not_what_its_acts_write() -> None:
    register = with_section(holder="address")
    given = {"code": "so", "name": "ten"}
    issue = {"register": register.code, "kind": "issue", "set": given}
    (place, said), = effect_problems(spec(form=FORM, effects=[issue]), [register])  # fmt: skip
    assert (place, "“Địa chỉ” chưa lấy từ đâu" in said) == (("effects", 0, "set"), True)
    whole = {**issue, "set": {**given, "address": "party_name"}}
    assert list(effect_problems(spec(form=FORM, effects=[whole]), [register])) == []


def test_a_register_of_another_pack_is_looked_at_when_it_is_written() -> None:
    assert list(effect_problems(spec(form=FORM, effects=[{**CREATE, "set": {"la": "so"}}]), [])) == []
