"""What differs between two definitions is told in the words that people use, not in names and paths."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hienluong.foundation.schemas.kinds import expanded
from hienluong.services.procedures.differences import told

PROCEDURE: dict[str, Any] = {
    "name": "Cấp giấy khoan giếng",
    "papers": [{"code": "DON", "name": "Đơn đề nghị", "copies": 1, "when": ""}],
    "effects": [{"register": "nuoc.gieng", "kind": "create", "set": {"chu_gieng": "party_name"}}],
    "form": {
        "schema": expanded(
            {
                "type": "object",
                "required": ["do_sau"],
                "properties": {
                    "do_sau": {"x-kind": "quantity", "title": "Độ sâu", "x-units": ["m"]},
                    "muc_dich": {
                        "type": "string",
                        "title": "Mục đích",
                        "enum": ["an", "tuoi"],
                        "x-enum-labels": {"an": "Ăn uống", "tuoi": "Tưới"},
                    },
                    "ghi_chu": {"x-kind": "text", "title": "Ghi chú"},
                },
            }
        ),
        "pages": [{"id": "gieng", "title": "Giếng", "fields": ["do_sau", "muc_dich", "ghi_chu"]}],
    },
}
CALLED = {"nuoc.gieng": "Giếng khoan", "chu_gieng": "Chủ giếng", "party_name": "Tên chủ hồ sơ"}


def rows(change: Any) -> list[tuple[str, str, str]]:
    """The differences after a change of the procedure."""
    after = deepcopy(PROCEDURE)
    change(after)
    return [(each.part, each.before, each.after) for each in told(PROCEDURE, after, CALLED)]


def fields(definition: Any) -> Any:
    return definition["form"]["schema"]["properties"]


def test_a_field_is_called_by_its_label_and_its_condition_is_said() -> None:
    def change(after: Any) -> None:
        fields(after)["ghi_chu"]["x-when"] = "do_sau.value > 30.5 && muc_dich == 'tuoi'"

    assert rows(change) == [
        (
            "Biểu mẫu › Trường “Ghi chú” › Chỉ hỏi khi",
            "luôn hỏi",
            "“Độ sâu” lớn hơn 30,5 m và “Mục đích” là Tưới",
        )
    ]


def test_what_becomes_required_is_said_for_each_field() -> None:
    def change(after: Any) -> None:
        after["form"]["schema"]["required"] = ["muc_dich"]

    assert rows(change) == [
        ("Biểu mẫu › Trường “Độ sâu”", "bắt buộc", "không bắt buộc"),
        ("Biểu mẫu › Trường “Mục đích”", "không bắt buộc", "bắt buộc"),
    ]


def test_a_new_field_is_told_once_with_what_it_is() -> None:
    def change(after: Any) -> None:
        new = expanded({"properties": {"nuoc": {"x-kind": "quantity", "title": "Lượng nước", "x-units": ["m3"]}}})
        after["form"]["schema"] = {
            **after["form"]["schema"],
            "properties": {**fields(after), **new["properties"]},
            "required": ["do_sau", "nuoc"],
        }
        after["form"]["pages"][0]["fields"].append("nuoc")

    assert rows(change) == [
        ("Biểu mẫu › Trường “Lượng nước”", "—", "thêm mới: Số có đơn vị (m³), bắt buộc"),
        ("Biểu mẫu › Trang “Giếng” › Trường", "Độ sâu, Mục đích, Ghi chú", "Độ sâu, Mục đích, Ghi chú, Lượng nước"),
    ]


def test_another_unit_kind_and_choice_are_told_without_what_follows_from_them() -> None:
    def unit(after: Any) -> None:
        fields(after)["do_sau"] = expanded({"x-kind": "quantity", "title": "Độ sâu", "x-units": ["m", "km"]})

    def kind(after: Any) -> None:
        fields(after)["ghi_chu"] = expanded({"x-kind": "date", "title": "Ghi chú"})

    def choice(after: Any) -> None:
        fields(after)["muc_dich"] |= {"enum": ["an", "khac"], "x-enum-labels": {"an": "Ăn", "khac": "Khác"}}

    assert rows(unit) == [("Biểu mẫu › Trường “Độ sâu” › Đơn vị", "m", "m, km")]
    assert rows(kind) == [("Biểu mẫu › Trường “Ghi chú” › Kiểu", "Chữ ngắn", "Ngày")]
    assert rows(choice) == [
        ("Biểu mẫu › Trường “Mục đích” › Lựa chọn", "Ăn uống, Tưới", "Ăn, Khác"),
        ("Biểu mẫu › Trường “Mục đích” › Lựa chọn", "Ăn uống", "Ăn"),
    ]


def test_parts_of_a_list_are_called_by_their_names() -> None:
    def change(after: Any) -> None:
        after["papers"][0]["copies"] = 2
        after["papers"].insert(0, {"code": "SO", "name": "Sơ đồ", "copies": 1, "when": "muc_dich == 'an'"})

    assert rows(change) == [
        ("Thành phần hồ sơ “Đơn đề nghị” › Số bản sao", "1", "2"),
        ("Thành phần hồ sơ “Sơ đồ”", "—", "thêm mới; điều kiện: “Mục đích” là Ăn uống"),
    ]


def test_what_is_written_into_a_register_is_told_by_labels() -> None:
    def change(after: Any) -> None:
        after["effects"][0]["set"] = {"chu_gieng": "ghi_chu", "do_sau": "do_sau.value * 2"}

    assert [row[0].rpartition(" › ")[2:] + row[1:] for row in rows(change)] == [
        ("Trường “Chủ giếng”", "“Tên chủ hồ sơ”", "“Ghi chú”"),
        ("Trường “Độ sâu”", "—", "“Độ sâu” * 2"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"access": {"public": {"read": ["a"]}}}, {"access": {"public": {"read": "*"}}}, ("Số quầy", "mọi trường")),
        ({"lists": [{"title": "D", "sort": "a"}]}, {"lists": [{"title": "D", "sort": "-a"}]}, ("Số quầy", "Số quầy, giảm dần")),
        ({"effective_from": "2026-01-02"}, {"effective_from": "2026-03-04"}, ("02/01/2026", "04/03/2026")),
        ({"title": "a"}, {"title": "Chợ"}, ("a", "Chợ")),
    ],
)  # fmt: skip
def test_names_and_days_are_told_as_on_the_screen(before: Any, after: Any, said: tuple[str, str]) -> None:
    (row,) = told(before, after, {"a": "Số quầy"})
    assert (row.before, row.after) == said


def test_what_is_not_said_either_way_is_no_difference_and_the_path_is_kept() -> None:
    assert told({"note": "", "papers": []}, {"note": None}, {}) == []
    (row,) = told({"papers": [{"code": "A", "note": "x"}]}, {"papers": [{"code": "A", "note": "y"}]}, {})
    assert row.path == "papers[1].note"


def test_an_order_that_the_database_forgot_is_no_change() -> None:
    def change(after: Any) -> None:
        after["form"]["schema"]["properties"] = dict(reversed(after["form"]["schema"]["properties"].items()))

    assert rows(change) == []


def test_of_long_values_it_is_told_where_they_part() -> None:
    names = [f"Câu hỏi số {number}" for number in range(30)]
    (one,) = told({"keywords": names}, {"keywords": [*names[:-1], "Câu hỏi mới"]})
    assert (one.before, one.after) == ("bỏ: Câu hỏi số 29", "thêm: Câu hỏi mới")
    (one,) = told({"keywords": names}, {"keywords": [*names[:-2], names[-1], names[-2]]})
    assert one.after == "đổi thứ tự: Câu hỏi số 29, Câu hỏi số 28"
    (one,) = told({"summary": "a" * 300 + " cũ"}, {"summary": "a" * 300 + " mới"})
    assert (one.before[-3:], one.after[-4:]) == (" cũ", " mới")


def test_conversions_and_certificates_are_told_setting_by_setting() -> None:
    schema = {
        "properties": {
            "hang": {"type": "string", "title": "Hạng", "enum": ["1", "2"], "x-enum-labels": {"1": "Một", "2": "Hai"}},
            "chu": {"type": "string", "title": "Chủ chợ"},
            "het": {"x-kind": "date", "title": "Ngày hết hạn"},
        }
    }
    before = {"code": "cho", "version": 1, "schema": schema}
    after = before | {
        "version": 2,
        "migrate": {"hang": "'2'", "chu": "null"},
        "certificate": {
            "title": "Giấy phép",
            "holder": "chu",
            "expires": "het",
            "validity": {"years": 5},
            "standings": {"valid": "con"},
        },
    }
    found = {row.part: (row.before, row.after) for row in told(before, after)}
    assert found == {
        "Phiên bản": ("1", "2"),
        "Chuyển dữ liệu › Trường “Hạng”": ("—", "Hai"),
        "Chuyển dữ liệu › Trường “Chủ chợ”": ("—", "để trống"),
        "Giấy chứng nhận › Tên": ("—", "Giấy phép"),
        "Giấy chứng nhận › Người được cấp": ("—", "Chủ chợ"),
        "Giấy chứng nhận › Ngày hết hạn": ("—", "Ngày hết hạn"),
        "Giấy chứng nhận › Thời hạn của giấy": ("không thời hạn", "5 năm"),
        "Giấy chứng nhận › Tên các tình trạng › Còn hiệu lực": ("—", "con"),
    }


def test_what_a_decision_writes_is_told_with_its_register_and_its_kind() -> None:
    def change(after: Any) -> None:
        after["effects"][0]["since"] = "ghi_chu"
        after["effects"].append({"register": "nuoc.gieng", "kind": "end", "key": "ghi_chu", "when": "muc_dich == 'an'"})

    effect = "Kết quả ghi vào cơ sở dữ liệu “Giếng khoan”"
    end = "thêm mới: Chấm dứt bản ghi; điều kiện: “Mục đích” là Ăn uống"
    assert rows(change) == [
        (f"{effect} › Từ ngày", "—", "“Ghi chú”"),
        (effect, "—", end),
    ]


def test_a_template_is_told_as_it_is_read_on_paper() -> None:
    before = {"results": [{"name": "Giấy", "body": "{% block a %}<p>Cấp cho {{ subject.name }}</p>{% endblock %}"}]}
    after = {"results": [{"name": "Giấy", "body": "<p>Cấp cho {{ subject.name }}, {# x #}ở <b>Đông Hà</b></p>"}]}
    (row,) = told(before, after)
    assert (row.part, row.before, row.after) == ("Kết quả “Giấy” › Nội dung", "Cấp cho …", "Cấp cho …, ở Đông Hà")
    marks = {"results": [{"name": "Giấy", "body": "<b>Cấp cho {{ subject.name }}</b>"}]}
    (row,) = told(before, marks)
    assert row.after == "đã thay đổi"


def _noise(*rules: tuple[str, str, str]) -> dict[str, Any]:
    fields = {"loud": {"type": "boolean", "title": "Có dùng loa"}, "noise": {"type": "integer", "title": "Cường độ"}}
    said = [{"when": when, "field": field, "message": message} for when, field, message in rules]
    return {"schema": {"type": "object", "properties": fields}, "rules": said}


def test_an_edited_rule_is_one_change_in_the_words_of_its_page() -> None:
    before = _noise(
        ("loud != true || noise <= 70", "noise", "Không quá 70 dBA."), ("noise > 0", "loud", "Ghi số dương.")
    )
    after = _noise(
        ("noise > 0", "loud", "Ghi số dương."), ("loud != true || noise <= 65", "noise", "Không quá 65 dBA.")
    )
    rows = [(row.part, row.before, row.after) for row in told(before, after)]
    rule = "Quy tắc “Không quá 65 dBA.”"
    words = "Nếu “Có dùng loa” là có thì “Cường độ” không quá"
    assert rows == [
        (f"{rule} › Điều kiện", f"{words} 70", f"{words} 65"),
        (f"{rule} › Lời báo", "Không quá 70 dBA.", "Không quá 65 dBA."),
    ]


def test_a_rule_that_comes_or_goes_is_told_with_what_it_says() -> None:
    first, other = ("noise <= 70", "noise", "Không quá 70 dBA."), ("loud != null", "loud", "Phải ghi.")
    (gone,) = told(_noise(first, other), _noise(first))
    assert (gone.part, gone.before, gone.after) == ("Quy tắc “Phải ghi.”", "“Có dùng loa” đã được điền", "bỏ")
    (come,) = told(_noise(first), _noise(first, other))
    assert (come.before, come.after) == ("—", "thêm mới; điều kiện: “Có dùng loa” đã được điền")
