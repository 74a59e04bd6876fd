"""What a page tells the browser: its own questions, what their conditions read, and nothing personal of other pages."""

from __future__ import annotations

import json

from hienluong.capabilities.forms import browser
from hienluong.capabilities.forms.fields import bind

from .sample import FORM, GOOD, Form, Page


def _live(form: Form, page: str, data: dict[str, object]) -> browser.LivePage:
    found = next(each for each in form.pages if each.id == page)
    return browser.live(form, found, bind(found, form, data))


def test_a_question_that_may_come_is_there_without_an_answer() -> None:
    live = _live(FORM, "hon-nhan", {"ngay_sinh": "02/09/1990", "ket_hon": "false", "ngay_ket_hon": "1/1/2015"})
    asked, possible = live.questions
    assert (asked.name, asked.asked, possible.name, possible.asked) == ("ket_hon", True, "ngay_ket_hon", False)
    assert "2015" not in json.dumps(live.sheet)
    assert possible.field is not None
    assert "2015" not in str(possible.field)


def test_earlier_answers_travel_only_when_they_are_read_and_not_personal() -> None:
    form = Form(
        "f", "F",
        {
            "properties": {
                "ma": {"type": "string", "title": "Mã", "x-widget": "personal-id"},
                "ten": {"type": "string", "title": "Tên", "x-prefill": "party.name"},
                "so": {"type": "integer", "title": "Số"},
                "thua": {"type": "string", "title": "Thừa"},
                "a": {"type": "string", "title": "A"},
                "b": {"type": "string", "title": "B", "x-when": "a == 'x' && so > 2"},
                "c": {"type": "string", "title": "C", "x-when": "a == ten"},
                "d": {"type": "string", "title": "D", "x-when": "so > 2"},
            }
        },
        [Page("mot", "Một", ["ma", "ten", "so", "thua"]), Page("hai", "Hai", ["a", "b", "c", "d"])],
        [
            {"when": "a != ma", "field": "a", "message": "Khác mã."},
            {"when": "size(a) < so", "field": "a", "message": "Ngắn hơn số."},
        ],
    )  # fmt: skip
    given = {"ma": "045190012345", "ten": "Trần Văn Bến", "so": "5", "thua": "bí mật"}
    sheet = _live(form, "hai", given).sheet
    assert sheet["known"] == {"so": 5}
    assert [rule["message"] for rule in sheet["rules"]] == ["Ngắn hơn số."]
    assert sheet["partly"] == ["a"]
    conditions = {field["name"]: (field.get("when"), field.get("fixed")) for field in sheet["fields"]}
    assert conditions == {"a": (None, True), "b": ("a == 'x' && so > 2", None), "d": (None, True)}
    written = json.dumps(sheet, ensure_ascii=False)
    assert all(secret not in written for secret in ("045190012345", "Trần Văn Bến", "bí mật"))


def test_messages_are_those_of_the_engine_in_the_language_of_the_person() -> None:
    fields = {field["name"]: field for field in _live(FORM, "viec-lam", GOOD).sheet["fields"]}
    assert fields["von"]["messages"]["minimum"] == "Vốn phải từ 1.000.000 trở lên."
    assert fields["von"]["messages"]["size:maximum"] == "Vốn không được quá 1.000.000.000.000.000."
    assert "messages" not in fields["con"]  # rows are left to the server
    assert fields["thue"]["computed"] == "von / 100 + (nganh == null ? 0 : size(nganh) * 50000)"
