"""Vietnamese text is found without its marks, and sorted as a dictionary sorts it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.search.text import fold, name_sort_key, sort_key

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxy"
VIETNAMESE = st.text(
    alphabet=st.sampled_from(
        " aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ0123456789"
    ),
    max_size=30,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đăng ký  khai sinh", "dang ky khai sinh"),
        ("ĐƯỜNG Trần Hưng Đạo", "duong tran hung dao"),
        (" Giấy\tphép\nxây dựng ", "giay phep xay dung"),
        ("Nghị định 61/2018/NĐ-CP", "nghi dinh 61/2018/nd-cp"),
        ("", ""),
    ],
)
def test_folding_takes_marks_and_case_away(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(unicodedata.normalize("NFD", text)) == folded


@given(VIETNAMESE)
def test_folding_is_plain_ascii_and_the_same_in_both_unicode_forms(text: str) -> None:
    once = fold(text)
    assert once.isascii()
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text.upper())) == once


@given(st.text(max_size=40))
def test_no_text_of_the_world_breaks_folding_or_sorting(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert sort_key(text).isascii()


def test_letters_sort_in_the_order_of_the_alphabet() -> None:
    assert sorted(LETTERS, key=sort_key) == list(LETTERS)


def test_tones_sort_after_the_letters() -> None:
    tones = ["ma", "mà", "mả", "mã", "má", "mạ"]
    assert sorted(tones, key=sort_key) == tones
    assert sorted(["mạ", "mai", "má", "ma"], key=sort_key) == ["ma", "má", "mạ", "mai"]


def test_places_sort_as_in_a_printed_list() -> None:
    places = ["Ba Lòng", "Bến Hải", "Bến Quan", "Cam Lộ", "Cồn Tiên", "Cửa Tùng", "Đakrông", "Đông Hà", "Gio Linh"]
    assert sorted(places, key=sort_key) == places
    assert sorted(["Xã 10", "Xã 9", "Xã A"], key=sort_key)[-1] == "Xã A"


@given(VIETNAMESE)
def test_the_unicode_form_does_not_change_the_place_in_a_list(text: str) -> None:
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(unicodedata.normalize("NFC", text))


def test_people_sort_by_their_given_name_first() -> None:
    people = ["Trần Văn An", "Lê Thị Ánh", "Nguyễn Văn Bình", "Phạm Đức", "Đỗ Văn Dũng"]
    assert sorted(people, key=name_sort_key) == [
        "Trần Văn An",
        "Lê Thị Ánh",
        "Nguyễn Văn Bình",
        "Đỗ Văn Dũng",
        "Phạm Đức",
    ]
