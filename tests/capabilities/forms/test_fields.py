"""A page as a Django form: what is shown, what is kept, what is refused."""

from __future__ import annotations

import re
from typing import ClassVar

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.utils import translation

from hienluong.capabilities.forms import sources
from hienluong.capabilities.forms.fields import SHOWN, bind, typed
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.properties import label_of, properties

from .sample import FORM, Form, Page


def _page(identifier: str) -> Page:
    return next(page for page in FORM.pages if page.id == identifier)


def test_a_page_with_dates_in_boxes_is_taken() -> None:
    post = QueryDict(
        "ho_ten=An+Nguyễn&ngay_sinh_day=2&ngay_sinh_month=9&ngay_sinh_year=1990&gioi_tinh=nam&cccd=045090000001"
    )
    form = bind(_page("ban-than"), FORM, {}, post)
    assert form.is_valid(), form.errors
    assert form.outcome.data["ngay_sinh"] == "1990-09-02"
    assert form.outcome.data["ho_ten"] == "An Nguyễn"


def test_what_was_typed_wrongly_is_kept_and_shown_again() -> None:
    post = QueryDict("ho_ten=A&ngay_sinh_day=31&ngay_sinh_month=2&ngay_sinh_year=1990&cccd=khong+nho")
    form = bind(_page("ban-than"), FORM, {}, post)
    assert not form.is_valid()
    kept = typed(_page("ban-than"), FORM, post)
    assert kept["cccd"] == "khong nho"
    assert kept["ngay_sinh"] == "31/2/1990"
    again = bind(_page("ban-than"), FORM, kept)
    html = Template("{% for field in form %}{% ui_field field %}{% endfor %}").render(Context({"form": again}))
    assert 'value="khong nho"' in html
    assert 'value="31"' in html


def test_an_answer_reveals_a_question_on_the_same_page() -> None:
    data = {"ngay_sinh": "1990-09-02"}
    assert list(bind(_page("hon-nhan"), FORM, data).fields) == ["ket_hon"]
    form = bind(_page("hon-nhan"), FORM, data, QueryDict("ket_hon=true"))
    assert not form.is_valid()
    assert form.errors == {"ngay_ket_hon": ["Nhập ngày kết hôn."]}


def test_every_widget_shows_with_its_error() -> None:
    for page in FORM.pages:
        form = bind(page, FORM, {"ngay_sinh": "1990-09-02", "ket_hon": "true"}, QueryDict("von=x&ngay_ket_hon=y"))
        form.is_valid()
        template = "{% ui_error_summary form %}{% for field in form %}{% ui_field field %}{% endfor %}"
        html = Template(template).render(Context({"form": form}))
        for name in form.errors:
            assert f'name="{name}' in html


def test_a_boolean_answer_is_shown_again_as_chosen() -> None:
    form = bind(_page("hon-nhan"), FORM, {"ngay_sinh": "1990-09-02", "ket_hon": True, "ngay_ket_hon": "2015-01-01"})
    html = Template("{% ui_field form.ket_hon %}").render(Context({"form": form}))
    assert html.count("checked") == 1
    assert html.index('value="true"') < html.index("checked") < html.index('value="false"')


def test_choices_come_from_their_owner() -> None:
    sources.register("thu-nghiem", lambda: [("Phường Đông Hà", "Phường Đông Hà")])
    assert sources.choices("thu-nghiem") == [("Phường Đông Hà", "Phường Đông Hà")]
    assert sources.choices("khong-ai") == []
    form = Form(
        "f", "F", {"properties": {"xa": {"type": "string", "title": "Xã", "x-widget": "select", "enum": ["A", "B"]}}},
        [Page("p", "P", ["xa"])],
    )  # fmt: skip
    assert 'value="B"' in str(bind(form.pages[0], form, {})["xa"])


def test_a_computed_field_has_no_box_and_its_fault_is_told_above() -> None:
    form = bind(_page("viec-lam"), FORM, {}, QueryDict("von=900000000000&thue=5"))
    assert "thue" not in form.fields
    assert not form.is_valid()
    assert form.non_field_errors() == ["Lệ phí môn bài không được quá 1.000.000.000."]
    assert "thue" not in typed(_page("viec-lam"), FORM, QueryDict("thue=5"))


def test_a_row_says_yes_no_or_neither() -> None:
    """Who did not eat is counted, who does not remember is not: a box that is not ticked would tell no difference."""
    row = {"name": {"x-kind": "text", "title": "Món"}, "ate": {"x-kind": "flag", "title": "Có ăn"}}
    table = {"x-kind": "table", "title": "Món", "items": {"type": "object", "required": ["name"], "properties": row}}
    form = Form("f", "F", expanded({"properties": {"foods": table}}), [Page("p", "P", ["foods"])])
    post = (
        "foods__rows=3&foods__0__name=Chả&foods__0__ate=false&foods__1__name=Cơm&foods__1__ate=true&foods__2__name=Canh"
    )
    page = bind(form.pages[0], form, {}, QueryDict(post))
    assert page.is_valid()
    eaten = [{"name": "Chả", "ate": False}, {"name": "Cơm", "ate": True}, {"name": "Canh"}]
    assert page.outcome.data == {"foods": eaten}
    shown = str(bind(form.pages[0], form, {"foods": eaten})["foods"])
    assert [part.split('"')[0] for part in shown.split('option value="')[1:] if " selected" in part.split(">")[0]] == [
        "false", "true", "", "",
    ]  # fmt: skip


def test_the_parts_of_a_kind_are_named_in_the_language_of_the_page() -> None:
    whole = expanded({"type": "object", "properties": {"licence": {"x-kind": "period", "title": "Thời hạn"}}})
    licence = properties(whole)["licence"]
    parts = properties(licence)
    assert [label_of(name, parts[name]) for name in ("from", "to")] == ["Từ ngày", "Đến ngày"]
    with translation.override("en"):
        assert [label_of(name, parts[name]) for name in ("from", "to")] == ["From day", "To day"]
        assert label_of("licence", licence) == "Thời hạn"  # the author's word stays


def test_the_only_unit_is_given_and_a_place_says_how_it_is_written() -> None:
    schema = {
        "type": "object",
        "properties": {
            "sau": {"x-kind": "quantity", "title": "Chiều sâu", "x-units": ["mét"]},
            "noi": {"x-kind": "point", "title": "Vị trí"},
            "cong": {"x-kind": "point", "title": "Cổng", "x-hint": "Nơi xe vào"},
        },
    }
    page = Page("gieng", "Giếng", ["sau", "noi", "cong"])
    wells = Form("gieng", "Giếng", expanded(schema), [page])
    blank = bind(page, wells, {}, QueryDict("sau__value=&sau__unit=mét&noi="))
    assert blank.is_valid(), blank.errors
    assert "sau" not in blank.outcome.data
    assert "16.8163, 107.1003" in str(blank["noi"].help_text)
    assert str(blank["cong"].help_text) == f"Nơi xe vào. {blank['noi'].help_text}"
    told = bind(page, wells, {}, QueryDict("sau__value=35&noi=gần+nhà+văn+hóa"))
    assert told.errors == {"noi": ["Vị trí: ghi vĩ độ, dấu phẩy, kinh độ, ví dụ 16.8163, 107.1003."]}
    assert told.outcome.data["sau"] == {"value": 35, "unit": "mét"}
    assert " ".join(str(blank["sau"]).split()).count("<select") == 0, "there is nothing to choose"
    assert 'aria-hidden="true">mét</div>' in str(blank["sau"])


def test_units_are_printed_as_powers_and_kept_as_they_were_declared() -> None:
    units = ["m3/ngày", "l/s"]
    schema = {"type": "object", "properties": {"nuoc": {"x-kind": "quantity", "title": "Nước", "x-units": units}}}
    page = Page("gieng", "Giếng", ["nuoc"])
    wells = Form("gieng", "Giếng", expanded(schema), [page])
    assert '<option value="m3/ngày">m³/ngày</option>' in str(bind(page, wells, {})["nuoc"])
    told = bind(page, wells, {}, QueryDict("nuoc__value=3&nuoc__unit=m3/ngày"))
    assert told.is_valid(), told.errors
    assert told.outcome.data["nuoc"] == {"value": 3, "unit": "m3/ngày"}


def test_a_table_without_rows_is_asked_for_by_its_rows() -> None:
    items = {"type": "object", "properties": {"ten": {"x-kind": "text", "title": "Họ tên"}}}
    table = {"x-kind": "table", "title": "Người dùng nước", "items": items}
    schema = {"type": "object", "properties": {"nguoi": table}, "required": ["nguoi"]}
    page = Page("gieng", "Giếng", ["nguoi"])
    wells = Form("gieng", "Giếng", expanded(schema), [page])
    told = bind(page, wells, {}, QueryDict("nguoi__rows=1&nguoi__0__ten="))
    assert told.errors == {"nguoi": ["Thêm ít nhất một dòng vào “Người dùng nước”."]}


def test_a_condition_on_a_number_with_its_unit_of_the_same_page_is_followed_when_it_is_posted() -> None:
    """What is asked for follows the number as it counts (45,5 is 45.5), not the boxes; nothing is said of what is not."""
    schema = {
        "type": "object",
        "required": ["ong"],
        "properties": {
            "sau": {"x-kind": "quantity", "title": "Chiều sâu giếng", "x-units": ["m"]},
            "ong": {"type": "string", "title": "Ống chống", "x-when": "sau.value > 30"},
        },
    }
    page = Page("gieng", "Giếng", ["sau", "ong"])
    wells = Form("gieng", "Giếng", expanded(schema), [page])
    for depth, is_asked in (("45", True), ("45,5", True), ("30.5", True), ("30", False), ("", False), ("sâu", False)):
        posted = bind(page, wells, {}, QueryDict(f"sau__value={depth}&sau__unit=m&ong="))
        posted.is_valid()
        assert ("ong" in posted.fields, posted.outcome.errors.get("ong")) == (
            is_asked,
            ["Nhập ống chống."] if is_asked else None,
        ), depth
    shallower = bind(
        page, wells, {"sau": {"value": 45, "unit": "m"}, "ong": "PVC"}, QueryDict("sau__value=20&sau__unit=m&ong=")
    )
    assert shallower.is_valid(), shallower.errors
    assert shallower.outcome.data == {"sau": {"value": 20, "unit": "m"}}


class _Lists:
    """Code lists of a test: one code in “mot”, two in “hai”."""

    items: ClassVar = {"mot": ["45"], "hai": ["45", "46"]}

    def knows(self, name: str) -> bool:
        return name in self.items

    def editions(self, name: str) -> list[lists.Edition]:
        found = [lists.Item(value, f"Xã {value}") for value in self.items.get(name, ())]
        return [lists.Edition(name, name, None, None, found)] if found else []


def _chosen(html: str) -> list[str]:
    """What the boxes to choose from offer, blank ones too."""
    return re.findall(r'<option value="([^"]*)"', html)


def test_the_only_code_of_a_list_is_chosen_where_an_answer_is_required() -> None:
    code = {"x-kind": "code", "title": "Xã"}
    schema = {
        "type": "object",
        "required": ["phai", "chon"],
        "properties": {
            "phai": {**code, "x-list": "mot"},
            "chon": {**code, "x-list": "hai"},
            "tuy": {**code, "x-list": "mot"},
        },
    }
    page = Page("noi", "Nơi", ["phai", "chon", "tuy"])
    form = Form("noi", "Nơi", expanded(schema), [page])
    with lists.reading(_Lists()):
        blank = bind(page, form, {})
        shown = [_chosen(str(blank[name])) for name in page.fields]
        assert shown == [["45"], ["", "45", "46"], ["", "45"]], "what need not be answered is left blank"
        assert bind(page, form, {}, QueryDict("phai=45&chon=46&tuy=")).is_valid()


def test_the_only_code_in_a_row_is_no_answer_by_itself() -> None:
    columns = {
        "noi": {"x-kind": "code", "x-list": "mot", "title": "Xã"},
        "ten": {"x-kind": "text", "title": "Tên"},
    }
    table = {"x-kind": "table", "title": "Chợ", "items": {"type": "object", "required": ["noi"], "properties": columns}}
    page = Page("cho", "Chợ", ["cho"])
    form = Form("cho", "Chợ", expanded({"type": "object", "properties": {"cho": table}}), [page])
    with lists.reading(_Lists()):
        sent = QueryDict("cho__rows=2&cho__0__noi=45&cho__0__ten=Sòng&cho__1__noi=45&cho__1__ten=")
        told = bind(page, form, {}, sent)
        assert told.is_valid(), told.errors
        assert told.outcome.data == {"cho": [{"noi": "45", "ten": "Sòng"}]}
        html = " ".join(str(bind(page, form, {})["cho"]).split())
        assert (_chosen(html), "govuk-input__suffix" in html) == (["45"], False)


def test_a_question_that_nobody_saw_is_shown_before_one_goes_on() -> None:
    data, page = {"ngay_sinh": "1990-09-02"}, _page("hon-nhan")
    first = bind(page, FORM, data, QueryDict(f"ket_hon=true&{SHOWN}=ket_hon"))
    assert not first.is_valid()
    assert first.errors == {}, "what nobody was asked is not missing"
    assert [question.label for question in first.come_questions] == ["Ngày kết hôn"]
    assert str(first["ngay_ket_hon"].help_text).startswith("Câu hỏi mới.")
    again = bind(page, FORM, data, QueryDict(f"ket_hon=true&{SHOWN}={first.shown.replace(' ', '+')}"))
    assert again.come == ()
    assert again.errors == {"ngay_ket_hon": ["Nhập ngày kết hôn."]}


def test_a_page_that_does_not_say_what_it_showed_is_judged_as_it_is() -> None:
    form = bind(_page("hon-nhan"), FORM, {"ngay_sinh": "1990-09-02"}, QueryDict("ket_hon=false"))
    assert form.is_valid()
    assert form.come == ()


@pytest.mark.parametrize(
    "prop",
    [
        {"x-kind": "address", "title": "Nơi ở"},
        {
            "x-kind": "table",
            "title": "Phương tiện",
            "items": {"type": "object", "properties": {"plate": {"x-kind": "text"}, "seats": {"x-kind": "integer"}}},
        },
    ],
)
@pytest.mark.django_db
def test_a_question_that_need_not_be_answered_says_so_once(prop: dict[str, object]) -> None:
    said = []
    for required in ([], ["where"]):
        page = Page("noi", "Nơi", ["where"])
        schema = {"type": "object", "required": required, "properties": {"where": prop}}
        form = bind(page, Form("don", "Đơn", expanded(schema), [page]), {})
        html = Template("{% ui_field form.where %}").render(Context({"form": form}))
        said.append((html.count("(không bắt buộc)"), html.index("(không bắt buộc)") < html.index("</legend>")))
    boxes = 1 if prop["x-kind"] == "address" else 2
    assert said == [(1, True), (boxes, False)]


@pytest.mark.django_db
def test_an_address_of_the_commune_alone_is_one_box_and_takes_no_street() -> None:
    prop = {"x-kind": "address", "title": "Nơi ở", "x-unit-only": True}
    page = Page("noi", "Nơi", ["where"])
    form = Form("don", "Đơn", expanded({"type": "object", "properties": {"where": prop}}), [page])
    answered = bind(page, form, {}, QueryDict("where__unit=19496&where__street=12 Lê Lợi"))
    html = str(answered["where"])
    assert "where__unit" in html
    assert "where__street" not in html
    assert answered.is_valid()
    assert answered.outcome.data["where"] == {"unit": "19496"}
