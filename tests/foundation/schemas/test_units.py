"""A commune is taken by its name; what no one bears is told with what may be meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from hienluong.capabilities.forms.code_input import CodeInput
from hienluong.foundation.schemas import kinds, lists
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.lists import Edition, Item

UNITS = (
    Item("45", "Tỉnh Quảng Trị"),
    Item("20", "Tỉnh Lạng Sơn"),
    Item("19496", "Xã Cửa Việt", parent="45"),
    Item("19333", "Phường Đông Hà", parent="45"),
    Item("06001", "Xã Tân Tiến", parent="20"),
    Item("19999", "Xã Tân Tiến", parent="45"),
    Item("19800", "Phường Xã Đàn", parent="45"),
)
WHERE = kinds.expanded({"x-kind": "address", "title": "Xã, phường"})
UNIT = WHERE["properties"]["unit"]


class Kept:
    """The list of units."""

    def knows(self, name: str) -> bool:
        return name == "administrative-units"

    def editions(self, name: str) -> Sequence[Edition]:
        return (Edition(name, "Đơn vị hành chính", None, None, UNITS),) if self.knows(name) else ()


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    with lists.reading(Kept()):
        yield


@pytest.mark.parametrize(
    "typed",
    ["19496", "Xã Cửa Việt", "Cửa Việt", "cua viet", "xa cua viet", "19496 - Xã Cửa Việt", "Xã Cửa Việt - 19496"],
)
def test_a_commune_is_taken_by_its_name(typed: str) -> None:
    assert lists.spelled(UNIT, typed) == "19496"


@pytest.mark.parametrize("typed", ["Tân Tiến", "Xã Tân Tiến", "Phường Cửa Việt", "Quảng Trị"])
def test_what_names_no_commune_or_several_is_not_guessed(typed: str) -> None:
    assert lists.spelled(UNIT, typed) == typed


def test_a_name_that_begins_like_a_kind_word_is_whole() -> None:
    assert lists.spelled(UNIT, "xã đàn") == "19800"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Cửa Viêtj", "Không có xã, phường nào tên “Cửa Viêtj”. Có phải: Xã Cửa Việt?"),
        ("Phường Cửa Việt", "Không có xã, phường nào tên “Phường Cửa Việt”. Có phải: Xã Cửa Việt?"),
        ("Zzzz 100%", "Không có xã, phường nào tên “Zzzz 100%”."),
        (
            "Tân Tiến",
            "Có nhiều xã, phường tên “Tân Tiến”: Xã Tân Tiến (Tỉnh Lạng Sơn); Xã Tân Tiến (Tỉnh Quảng Trị)… "
            "Hãy chọn một nơi trong danh sách.",
        ),
    ],
)
def test_an_unknown_commune_is_told_once_with_what_may_be_meant(typed: str, said: str) -> None:
    (fault,) = kinds.faults(WHERE, {"unit": typed})
    assert fault[1] % {"label": "Xã, phường, Xã, phường, đặc khu"} == said


def test_a_box_shows_the_name_first() -> None:
    box = CodeInput(UNIT)
    assert box.format_value("19496") == "Xã Cửa Việt - 19496"
    assert "data-hl-name-first" in box.render("unit", "")


def test_an_address_of_the_commune_alone_has_no_street() -> None:
    alone = {"x-kind": "address", "title": "Nơi ở", "x-unit-only": True}
    where = kinds.expanded(alone)
    assert list(where["properties"]) == ["unit"]
    assert kinds.expanded(where)["properties"] == where["properties"]
    assert kinds.written(where) == alone
    assert show({"unit": "19496"}, where) == "Xã Cửa Việt, Tỉnh Quảng Trị"
