"""Operations on forms: whatever is done, the definition loads or its faults are named; a renamed field judges as before."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.forms.engine import validate
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.positions import parse, validated
from hienluong.services.building import form_operations as forms
from hienluong.services.building import procedure_operations as procedures
from hienluong.services.building import process_sequence, result_lines, yaml_text
from hienluong.services.building.form_names import used_by
from hienluong.services.building.form_shape import fields_of, pages_of, schema_of
from hienluong.services.building.process_sequence import Step
from hienluong.services.procedures.checks import problems
from hienluong.services.procedures.packs import shipped_folders
from hienluong.services.procedures.result_templates import faults
from hienluong.services.procedures.spec import Form, ProcedureSpec


def procedure() -> dict[str, Any]:
    """A procedure as the builder begins it."""
    return procedures.new_procedure(
        code="8.000001", name="Cấp giấy chứng nhận chợ", field_code="CHO", field_name="Chợ", sector="industry",
        level="commune", key="", basis="01/2026/QĐ-UBND", basis_title="Quản lý chợ", effective_from=date(2026, 1, 1),
    )  # fmt: skip


@cache
def text_of(code: str) -> Any:
    folder = next(path for path in shipped_folders() if path.name == "household")
    return parse((folder / "procedures" / f"{code}.yaml").read_text("utf-8"), code).value


def shipped(code: str = "1.001612") -> dict[str, Any]:
    """A procedure that came with the product, as its file says it."""
    found: dict[str, Any] = copy.deepcopy(text_of(code))
    return found


def told(definition: Mapping[str, Any]) -> list[str]:
    """What is wrong with a definition, after it was written and read again; raises for nothing."""
    document = parse(yaml_text.dump(definition), "procedure.yaml")
    spec = validated(document, ProcedureSpec)
    shape = [fault.message for fault in document.faults]
    return shape + [message for _place, message in problems(spec)] if spec else shape


def test_what_is_begun_is_sound() -> None:
    assert told(procedure()) == []


OPERATIONS = st.one_of(
    st.tuples(st.just("add_field"), st.sampled_from(forms.PALETTE), st.integers(0, 9), st.integers(0, 5)),
    st.tuples(st.just("add_page"), st.just(""), st.integers(0, 9), st.integers(0, 5)),
    st.tuples(st.sampled_from(("move_field", "step", "remove_field", "rename", "when", "rule")), st.just(""), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.sampled_from(("move_page", "remove_page", "put_page")), st.just(""), st.integers(0, 9), st.integers(0, 9)),
)  # fmt: skip


def done(definition: dict[str, Any], operation: tuple[str, str, int, int]) -> dict[str, Any]:
    """One operation at the field and the page of these numbers."""
    verb, kind, first, second = operation
    pages = [page["id"] for page in pages_of(definition)]
    names = list(fields_of(definition))
    page, name, other = (
        pages[first % len(pages)],
        names[first % len(names)] if names else "x",
        names[second % len(names)] if names else "x",
    )
    if verb == "add_field":
        return forms.add_field(definition, kind=kind, page=page, at=second)
    if verb == "add_page":
        return forms.add_page(definition, title="Trang mới", at=second)
    if verb == "move_field":
        return forms.move_field(definition, name=name, page=pages[second % len(pages)], to=second)
    if verb == "step":
        return forms.step_field(definition, name=name, by=1 if second % 2 else -1)
    if verb == "remove_field":
        return forms.remove_field(definition, name=name)
    if verb == "rename":
        return forms.rename_field(definition, name=name, to=f"ten_moi_{second}")
    if verb == "when":
        prop = {**schema_of(definition)["properties"][name], "x-when": f"{other} != null"}
        return forms.put_field(definition, name=name, prop=prop, required=bool(second % 2))
    if verb == "rule":
        return forms.put_rule(
            definition, number=None, when=f"{name} != {other}", field=name, message="Hai trường giống nhau"
        )
    if verb == "move_page":
        return forms.move_page(definition, page=page, to=second)
    if verb == "put_page":
        return forms.put_page(definition, page=page, title="Đổi tên", help="Giúp", when=f"{other} != null")
    return forms.remove_page(definition, page=page)


KNOWN_FAULTS = (
    "hỏi sau",
    "fields",
    "phải nói",
    "không có danh mục",
    "thiếu",
    "thuộc",
    "trang",
    "chưa ghi",
    "chưa chọn",
)


@given(st.lists(OPERATIONS, max_size=12))
@settings(max_examples=25, deadline=None)
def test_whatever_is_done_loads_or_names_its_fault(operations: list[tuple[str, str, int, int]]) -> None:
    definition = procedure()
    for operation in operations:
        kept = copy.deepcopy(definition)
        try:
            changed = done(definition, operation)
        except InvalidInput:
            changed = definition
        assert definition == kept  # nothing given is changed
        definition = changed
        placed = [name for page in pages_of(definition) for name in page["fields"]]
        assert sorted(placed) == sorted(fields_of(definition))  # every field stands on one page
        assert placed == list(schema_of(definition)["properties"])  # and the schema has them in that order
    assert all(any(words in message for words in KNOWN_FAULTS) for message in told(definition)), told(definition)


@given(st.sampled_from(sorted(shipped()["form"]["schema"]["properties"])), st.data())
@settings(max_examples=10, deadline=None)
def test_a_renamed_field_leaves_every_verdict_as_it_was(name: str, data: st.DataObject) -> None:
    before = shipped()
    after = forms.rename_field(before, name=name, to="ten_khac")
    assert told(after) == []
    answers = {
        field: data.draw(
            st.sampled_from(
                ("", "abc", "Công ty Hoa", "0912345678", "045190001234", "family", "person", "2020-01-01", 5)
            )
        )
        for field in before["form"]["schema"]["properties"]
    }
    new = {("ten_khac" if field == name else field): value for field, value in answers.items()}
    old_verdict = validate(Form.model_validate(before["form"]), answers)
    new_verdict = validate(Form.model_validate(after["form"]), new)
    called = {("ten_khac" if field == name else field): said for field, said in old_verdict.errors.items()}
    assert new_verdict.errors == called
    assert str(after).count(name) <= str(before).count(name)


def test_conditions_of_who_may_follow_a_field_and_hold_it() -> None:
    row = {"when": "capital < 5", "then": {"eligible": False, "reason": "Ít vốn", "field": "capital"}}
    table = {"inputs": ["capital"], "rows": [row], "default": {"eligible": True}}
    before = {**shipped(), "eligibility": {"table": table}}
    after = forms.rename_field(before, name="capital", to="von")["eligibility"]["table"]
    assert (after["inputs"], after["rows"][0]["when"]) == (["von"], "von < 5")
    assert after["rows"][0]["then"] == {"eligible": False, "reason": "Ít vốn", "field": "von"}
    assert "điều kiện được giải quyết" in used_by(before, "capital")


def test_questions_to_national_systems_follow_a_field_and_hold_it() -> None:
    household = shipped()
    assert any("tới hệ thống quốc gia" in words for words in used_by(household, "filer_dob"))
    asked = {**household["enquiries"][0], "when": "filer_dob != ''", "agrees": "answer.name == filer_dob"}
    after = forms.rename_field({**household, "enquiries": [asked]}, name="filer_dob", to="sinh")["enquiries"][0]
    assert (after["when"], after["agrees"]) == ("sinh != ''", "answer.name == sinh")
    assert after["question"]["birth_date"] == "sinh"
    assert "sinh" in [pair["field"] for pair in after["compare"]]
    assert "filer_dob" not in str(after)


def test_a_field_that_is_read_is_not_removed_and_its_readers_are_named() -> None:
    household = shipped()
    with pytest.raises(InvalidInput, match="Các thành viên hộ gia đình"):
        forms.remove_field(household, name="founder")
    assert any("thành phần hồ sơ" in words for words in used_by(household, "founder"))
    assert any("ghi vào" in words for words in used_by(household, "capital"))
    assert "workers" not in fields_of(forms.remove_field(household, name="workers"))


def test_a_condition_may_not_read_its_own_field_nor_what_is_not_there() -> None:
    definition = procedure()
    prop = {"x-kind": "phone", "title": "Điện thoại"}
    for text in ("filer_phone != null", "nothing == 1", "((("):
        with pytest.raises(InvalidInput) as refused:
            forms.put_field(definition, name="filer_phone", prop={**prop, "x-when": text}, required=False)
        assert refused.value.field == "x-when"


def test_a_sequence_is_a_process_that_comes_back_as_it_was() -> None:
    from hienluong.capabilities.workflow import engine
    from hienluong.services.procedures.process_steps import model_problems

    for tasks in (
        ("receive", "review", "sign", "return_result"),
        ("receive", "inspect", "review", "approve", "sign", "return_result"),
        ("receive", "review", "inspect", "sign", "return_result"),
    ):
        steps = tuple(
            Step(step.task, step.name + " & “khác”", step.lane, "trong 2 ngày")
            for step in process_sequence.usual(*tasks)
        )
        xml = process_sequence.bpmn("cho", "Cấp giấy", steps)
        model = engine.load(xml)
        assert list(model_problems(model)) == []
        assert process_sequence.read(xml) == steps
        history: list[dict[str, str]] = []
        for task, outcome in [(task, "accept" if task == "receive" else "propose" if task == "review" else "sign" if task == "sign" else "forward" if task == "approve" else "done" if task == "inspect" else "returned") for task in tasks]:  # fmt: skip
            history, standing = engine.advance(model, {}, history, task, outcome)
        assert standing.completed
    for wrong in (("receive", "sign", "return_result"), ("review", "receive", "sign", "return_result"), ("receive", "approve", "review", "sign", "return_result")):  # fmt: skip
        with pytest.raises(InvalidInput):
            process_sequence.bpmn("cho", "Cấp giấy", process_sequence.usual(*wrong))
    assert process_sequence.read(xml.replace("&amp;", "+", 1)) is None or process_sequence.read("<a>") is None


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), max_size=5),
    st.sampled_from(("", "# ", "? ")),
)
@settings(max_examples=40, deadline=None)
def test_lines_of_a_paper_are_a_template_that_may_be_run_and_come_back(texts: list[str], mark: str) -> None:
    fields = ["filer_name", "stalls"]
    lines = tuple(f"{mark}{text.strip()} {{filer_name}}" for text in texts)
    try:
        template = result_lines.written(result_lines.Paper("Giấy chứng nhận", lines), fields)
    except InvalidInput:
        assert any(set(text) & set("{}\ue000") for text in texts)
        return
    assert faults(template, fields) == []
    again = result_lines.read(template, fields)
    assert again is None or result_lines.written(again, fields) == template


@pytest.mark.parametrize(
    "passage",
    [
        "<script>alert(1)</script>", '<img src="x">', '<p style="color:red">x</p>', "{% include 'x' %}", "{% load i18n %}",
        "{{ settings.SECRET_KEY }}", "{{ data.name|safe }}", "{{ data.__class__ }}", "{{ dossier.delete }}", "{% if dossier %}x{% endif %}",
        '<p class="{{ data.name }}">x</p>', "{% for a in data %}{% endfor %}", "{{ data.other }}", "{{ data.name", "<!-- x -->",
        '{{ data.name|default:"<b>" }}', "{% endblock %}{% block qr %}", "{% if data.name == spec %}x{% endif %}",
    ],
)  # fmt: skip
def test_a_template_of_a_pack_prints_fields_and_does_no_more(passage: str) -> None:
    frame = '{% extends "sectors/results/base.html" %}\n{% block body %}\n<p>{{ data.name }}</p>\n%s\n{% endblock %}\n'
    assert faults(frame.replace("%s", ""), ["name"]) == []
    assert faults(frame.replace("%s", passage), ["name"])


def test_terms_papers_charges_and_effects_stay_sound() -> None:
    definition = procedures.set_ways(procedure(), terms={"counter": (5, "working_day"), "online": (3, "working_day")})
    definition = procedures.put_item(definition, "papers", number=None, item={"code": "map", "name": "Bản vẽ", "copies": 1, "required": False, "when": "filer_name != null"})  # fmt: skip
    free = procedures.charge(code="phi", name="Phí", kind="fee", due="on_filing", amount=50_000, exempt_when="filer_name == 'A'", legal_basis="01/2026")  # fmt: skip
    definition = procedures.put_item(definition, "charges", number=None, item=free)
    definition = procedures.put_effect(definition, number=None, register="cho.cho", kind="create", values={"name": "filer_name", "agency": "competent", "note": " "})  # fmt: skip
    assert told(definition) == []
    assert definition["effects"] == [{"register": "cho.cho", "set": {"name": "filer_name", "agency": "competent"}}]
    with pytest.raises(InvalidInput):
        procedures.put_effect(definition, number=None, register="cho.cho", kind="change", values={"name": "filer_name"})
    with pytest.raises(InvalidInput) as refused:
        procedures.put_effect(definition, number=None, register="cho.cho", kind="create", values={"name": "nothing"})
    assert refused.value.field == "name"
