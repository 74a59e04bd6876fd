"""The map of a register: what its list holds, closer by box, and no more than one may read."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.urls import reverse

from hienluong.capabilities.registers import nearness, queries
from hienluong.services.records import charting
from hienluong.services.records.exporting import actions as exporting

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db


def at(latitude: float, longitude: float) -> dict[str, object]:
    return {"type": "Point", "coordinates": [longitude, latitude]}


def test_the_records_of_a_list_are_on_the_map_and_a_box_looks_closer(kept: Kept) -> None:
    one = kept.add("G001", name="Giếng chợ", place=at(16.80, 107.10))
    kept.add("G002", name="Giếng chùa", place=at(16.8001, 107.1001))
    far = kept.add("G003", name="Giếng biển", place=at(17.10, 107.40))
    officer, here = browser_of(kept.officer), reverse("records:map", args=[kept.register.code])
    text = officer.get(here).content.decode()
    assert "3 bản ghi trong khung này" in text
    assert 'aria-label="2 bản ghi gần nhau"' in text
    assert f'href="{kept.address(far)}" aria-label="Giếng biển"' in text
    drawing = text[text.index("hl-map__drawing") :].partition("</svg>")[0]
    assert 'class="hl-map__land"' in drawing
    assert "//" not in drawing, "nothing is asked of another address"
    closer = officer.get(here, {"khung": "107.099,16.799,107.101,16.801"}).content.decode()
    assert "2 bản ghi trong khung này" in closer
    assert kept.address(one) in closer
    assert "Giếng biển" not in closer
    assert "1 bản ghi trong khung này" in officer.get(here, {"q": "bien"}).content.decode()
    for bad in ("1", "a,b,c,d", "3,2,1,0", "nan,0,1,1", "1e400,0,1,1"):
        answer = officer.get(here, {"khung": bad})
        assert (answer.status_code, "Khung bản đồ gồm bốn số" in answer.content.decode()) == (200, True), bad
    assert here in officer.get(kept.address()).content.decode()
    beside = re.search(r"khung=([^\"&]+)", officer.get(kept.address(one)).content.decode())
    assert beside is not None
    west, south, east, north = map(float, unquote(beside[1]).split(","))
    assert 0.1 < east - west < 0.2, (
        "its neighbours and the names of places around it are seen, not the ground it stands on"
    )
    assert south < 16.8 < north


def test_the_owner_of_a_register_that_others_keep_begins_with_the_map_of_the_whole_province(kept: Kept) -> None:
    record = kept.add(name="Giếng làng", place=at(16.80, 107.10))
    owner, here = browser_of(kept.owner_officer), reverse("records:map", args=[kept.register.code])
    text = owner.get(here).content.decode()
    assert kept.address(record) in text
    assert re.search(r'aria-current="(page|true)"[^>]*>Toàn tỉnh', text)
    assert "Cơ quan tôi quản lý" in text
    assert kept.address(record) not in owner.get(here, {"pham-vi": "co-quan"}).content.decode()


def test_a_list_and_its_map_are_narrowed_to_what_is_near(kept: Kept) -> None:
    kept.add("G001", name="Giếng chợ", place=at(16.80, 107.10))
    kept.add("G002", name="Giếng biển", place=at(17.10, 107.40))
    officer, asked = browser_of(kept.officer), {"diem": "16,81; 107,1", "cach": "1,2"}
    for here in (kept.address(), reverse("records:map", args=[kept.register.code])):
        text = officer.get(here, asked).content.decode()
        assert ("Giếng chợ" in text, "Giếng biển" in text) == (True, False)
        for part, word in (
            ({"cach": ""}, "Nhập khoảng cách"),
            ({"diem": ""}, "Nhập điểm để tính"),
            ({"diem": "chợ"}, "Nhập vĩ độ, kinh độ"),
            ({"cach": "100,1"}, "không quá 100 km"),
            ({"cach": "-1"}, "không quá 100 km"),
        ):
            answer = officer.get(here, {**asked, **part})
            assert (answer.status_code, word in answer.content.decode()) == (200, True), part
    wish = queries.Wish(near=nearness.read("16.81,107.1,1200"))
    order = exporting.Order("own", wish, ["code"], "json")
    assert exporting.Order.unpacked(order.packed()) == order


def test_a_map_costs_the_same_however_many_records_it_has(kept: Kept, django_assert_max_num_queries: object) -> None:
    officer, here = browser_of(kept.officer), reverse("records:map", args=[kept.register.code])
    for number in range(12):
        kept.add(f"G{number + 100}", name=f"Giếng {number}", place=at(16.5 + number / 20, 107.0))
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        assert "12 bản ghi" in officer.get(here).content.decode()


def test_an_officer_elsewhere_does_not_see_the_places(kept: Kept) -> None:
    kept.add("G001", name="Giếng chợ")
    there = browser_of(kept.province.other_clerk)
    answer = there.get(reverse("records:map", args=[kept.register.code]))
    assert "Giếng chợ" not in answer.content.decode()


def test_addresses_say_boxes_that_can_be_read_again() -> None:
    box = (107.0, 16.5, 107.5, 17.0)
    assert charting.box_in(charting.said(box)) == box
    for how in ({"zoom": 0.5}, {"zoom": 2.0}, {"up": 0.5}, {"across": -0.5}):
        assert charting.box_in(charting.moved(box, **how)) is not None
    assert charting.box_in(charting.moved((-180.0, -90.0, 180.0, 90.0), zoom=2.0)) is not None
