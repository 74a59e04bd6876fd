"""What people type becomes data or a message; never an error page."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.forms import display, pages, prefill
from hienluong.capabilities.forms.engine import asked_fields, validate, validate_page
from hienluong.foundation.schemas import expressions, masks
from hienluong.foundation.schemas.checking import schema_fault
from hienluong.foundation.schemas.cleaning import clean
from tests.thorough import examples

from .sample import FORM, GOOD, HANGING


def test_good_answers_become_typed_data() -> None:
    outcome = validate(FORM, GOOD)
    assert outcome.ok, outcome.errors
    assert outcome.data["ngay_sinh"] == "1990-09-02"
    assert outcome.data["cccd"] == "045190012345"
    assert outcome.data["dien_thoai"] == "0912345678"
    assert outcome.data["von"] == 15_000_000
    assert outcome.data["dien_tich"] == 12.5
    assert outcome.data["ket_hon"] is True


def test_every_missing_answer_is_named_in_vietnamese() -> None:
    errors = validate(FORM, {}).errors
    assert errors["ho_ten"] == ["Nhập họ và tên."]
    assert errors["gioi_tinh"] == ["Chọn giới tính."]
    assert "ngay_ket_hon" not in errors  # not asked for: the age is not known


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("ngay_sinh", "31/02/1990", "Ngày sinh phải là ngày có thật, ví dụ 23/11/2026."),
        ("ngay_sinh", "hôm qua", "Ngày sinh phải là ngày có thật, ví dụ 23/11/2026."),
        ("cccd", "12345", "Số định danh phải gồm 12 chữ số."),
        ("cccd", "٠٤٥١٩٠٠١٢٣٤٥", "Số định danh phải gồm 12 chữ số."),
        ("dien_thoai", "12", "Điện thoại phải là số điện thoại 10 chữ số, ví dụ 0912 345 678."),
        ("thu", "a@", "Thư điện tử phải là địa chỉ thư điện tử, ví dụ ten@vidu.vn."),
        ("von", "10", "Vốn phải từ 1.000.000 trở lên."),
        ("von", "mười đồng", "Vốn phải là số nguyên, ví dụ 1.500.000."),
        ("von", "9" * 30, "Vốn không được quá 1.000.000.000.000.000."),
        ("dien_tich", "0", "Diện tích phải lớn hơn 0."),
        ("gioi_tinh", "khac", "Giới tính: hãy chọn một trong các mục đã cho."),
        ("ho_ten", "x" * 61, "Họ và tên không được dài quá 60 ký tự."),
        ("cam_doan", "off", "Tôi cam đoan: hãy đồng ý để tiếp tục."),
        ("ngay_ket_hon", "1/1/1980", "Ngày kết hôn phải sau ngày sinh."),
        ("con", [{"ten": "An"}, {}], "Con, mục 2: Nhập tên."),
        ("nganh", ["an", "an"], "Ngành nghề: có mục bị lặp."),
    ],
)
def test_each_fault_says_what_is_wrong(field: str, typed: Any, message: str) -> None:
    assert validate(FORM, {**GOOD, field: typed}).errors == {field: [message]}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"so_nguoi": 20, "da_nop": 100}, {"da_nop": ["Nộp chưa đủ tiền."]}),
        ({"so_nguoi": 20, "da_nop": 99_999}, {"so_nguoi": ["Nộp quá tổng."]}),
        # neither the rules nor the demand nor the limit of what is computed speak of a number that is wrong itself
        ({"so_nguoi": 60, "da_nop": 100}, {"so_nguoi": ["Số người không được quá 50."]}),
        ({"so_nguoi": -1, "da_nop": 100}, {"so_nguoi": ["Số người phải từ 1 trở lên."]}),
        ({"so_nguoi": "mười", "da_nop": "99999"}, {"so_nguoi": ["Số người phải là số nguyên, ví dụ 1.500.000."]}),
        ({"so_nguoi": 20, "muc": "cao"}, {"giay": ["Nhập số giấy."]}),
        ({"so_nguoi": 20, "muc": "khac"}, {"muc": ["Mức: hãy chọn một trong các mục đã cho."]}),
        ({"so_nguoi": 20, "muc": "cao", "giay": "x" * 20_001}, {"giay": ["Số giấy không được dài quá 5 ký tự."]}),
        ({"so_nguoi": 5}, {"ly_do": ["Nhập lý do."]}),
        ({"so_nguoi": 45}, {"tong": ["Tổng không được quá 40.000."]}),
    ],
)
def test_a_field_that_is_wrong_itself_is_told_and_what_hangs_on_it_is_not(given: Any, told: Any) -> None:
    assert validate(HANGING, given).errors == told


def test_decomposed_vietnamese_is_stored_composed() -> None:
    typed = unicodedata.normalize("NFD", "  Nguyễn   Thị Hiền ")
    assert validate(FORM, {**GOOD, "ho_ten": typed}).data["ho_ten"] == "Nguyễn Thị Hiền"


def test_control_characters_and_hidden_marks_do_not_reach_the_data() -> None:
    outcome = validate(FORM, {**GOOD, "ho_ten": "Nguyễn\x00 Thị\u202e Hiền\ufeff\ud800"})
    assert outcome.data["ho_ten"] == "Nguyễn Thị Hiền?"
    json.dumps(outcome.data).encode()


def test_answers_to_questions_that_went_away_are_dropped() -> None:
    outcome = validate(FORM, {**GOOD, "ket_hon": "false"})
    assert outcome.ok
    assert "ngay_ket_hon" not in outcome.data
    child = validate(FORM, {**GOOD, "ngay_sinh": "01/01/2024"})
    assert child.ok
    assert "ket_hon" not in child.data


def test_what_is_computed_is_computed_whatever_was_given_for_it() -> None:
    outcome = validate(FORM, {**GOOD, "thue": "1", "lon": "true"})
    assert outcome.ok
    assert outcome.data["thue"] == 15_000_000 // 100 + 2 * 50_000
    assert outcome.data["dong_gop"] == 1_200_000.0
    assert outcome.data["lon"] is False
    nothing = validate(FORM, {**GOOD, "von": ""}).data
    assert {"thue", "lon", "dong_gop"} & set(nothing) == set()


def test_a_computed_value_is_judged_when_what_it_comes_from_is_right() -> None:
    assert validate(FORM, {**GOOD, "von": "900000000000"}).errors == {
        "thue": ["Lệ phí môn bài không được quá 1.000.000.000."]
    }
    assert list(validate(FORM, {**GOOD, "von": "9" * 30}).errors) == ["von"]


def test_unknown_answers_are_never_kept() -> None:
    assert "la" not in validate(FORM, {**GOOD, "la": "<script>"}).data


def test_pages_follow_the_answers() -> None:
    assert [page.id for page in pages.visible_pages(FORM, GOOD)] == ["ban-than", "hon-nhan", "viec-lam", "cam-doan"]
    child = {**GOOD, "ngay_sinh": "01/01/2024"}
    following = pages.next_page(FORM, "ban-than", child)
    assert following is not None
    assert following.id == "viec-lam"
    before = pages.previous_page(FORM, "viec-lam", child)
    assert before is not None
    assert before.id == "ban-than"
    assert pages.next_page(FORM, "cam-doan", child) is None
    assert pages.previous_page(FORM, "ban-than", child) is None
    assert pages.first_incomplete(FORM, GOOD) is None
    incomplete = pages.first_incomplete(FORM, {**GOOD, "ket_hon": ""})
    assert incomplete is not None
    assert incomplete.id == "hon-nhan"


def test_a_page_is_judged_alone_but_sees_the_other_answers() -> None:
    page = FORM.pages[1]
    outcome = validate_page(FORM, page, {"ngay_sinh": "02/09/1990", "ket_hon": "true", "ngay_ket_hon": "1/1/1980"})
    assert outcome.errors == {"ngay_ket_hon": ["Ngày kết hôn phải sau ngày sinh."]}
    assert set(outcome.data) == {"ket_hon", "ngay_ket_hon"}


def test_prefill_takes_what_the_government_holds() -> None:
    known = {"party": {"name": "Trần Văn Bến", "identifier": "045090000001", "phone": None, "sex": "nam"}}
    assert prefill.prefill(FORM, known) == {"ho_ten": "Trần Văn Bến", "cccd": "045090000001"}


def test_answers_read_back_in_words() -> None:
    shown = {answer.field: answer.text for answer in display.answers(FORM, GOOD)}
    assert shown["ngay_sinh"] == "02/09/1990"
    assert shown["von"] == "15.000.000 đồng"
    assert shown["gioi_tinh"] == "Nữ"
    assert shown["nganh"] == "Ăn uống, Lưu trú"
    assert shown["ket_hon"] == "Có"
    assert shown["dien_tich"] == "12,5"


def test_masks_show_just_enough() -> None:
    assert masks.personal_id("044199012345") == "044••••••345"
    assert masks.email("nguyenvan@vidu.vn") == "n••••••••@vidu.vn"
    assert masks.mask("abc", {"type": "string"}) == "abc"


def test_expressions_are_checked_against_the_fields() -> None:
    assert expressions.check("age(ngay_sinh) >= 18 && today > ngay_sinh", ["ngay_sinh"]) == ""
    assert "tuoi" in expressions.check("tuoi > 3", ["ngay_sinh"])
    assert expressions.check("tuoi >", ["tuoi"])
    assert "evil" in expressions.check("evil(tuoi)", ["tuoi"])


def test_a_broken_schema_is_told() -> None:
    assert schema_fault({"type": "objekt"})
    assert schema_fault({"properties": {"a": {"pattern": "("}}})
    assert schema_fault(FORM.data_schema) == ""


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
    | st.sampled_from(
        ["<script>alert(1)</script>", "' OR 1=1 --", "🇻🇳👩‍👩‍👧", "a" * 100_000, "31/02/2020", "1.2.3", "-0"]
    )
    | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
NAMES = sorted(FORM.data_schema["properties"])


@settings(
    max_examples=examples(400, 1600),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.dictionaries(st.sampled_from([*NAMES, "la"]), ANYTHING))
def test_no_input_breaks_the_engine(data: dict[str, Any]) -> None:
    outcome = validate(FORM, data)
    json.dumps(outcome.data, allow_nan=False).encode()
    assert set(outcome.errors) <= set(NAMES)
    assert all(message for found in outcome.errors.values() for message in found)
    for page in FORM.pages:
        validate_page(FORM, page, data)
    display.answers(FORM, data)


@settings(max_examples=examples(200, 800), deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40) | st.integers() | st.booleans()))
def test_cleaning_twice_changes_nothing(data: dict[str, Any]) -> None:
    once = clean(FORM.data_schema, data)
    assert clean(FORM.data_schema, once) == once


@settings(max_examples=examples(100, 400), deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20)))
def test_walking_forward_visits_each_visible_page_once(data: dict[str, str]) -> None:
    visited = []
    page = pages.next_page(FORM, "", data)
    while page:
        visited.append(page.id)
        page = pages.next_page(FORM, page.id, data)
    assert visited == [page.id for page in pages.visible_pages(FORM, data)]
    assert set(asked_fields(FORM, clean(FORM.data_schema, data))) <= set(NAMES)
