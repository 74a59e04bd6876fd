"""What may a household business be called: Nghị định 168/2025/NĐ-CP, Điều 86."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.sectors.business.household import names
from hienluong.sectors.business.household.names import Registered

pytestmark = pytest.mark.once

TAKEN = [Registered("045187003641", "Tạp hóa Thu Hà"), Registered("045083006128", "HỘ KINH DOANH Cà phê Đỉnh Sa Mù")]
NAMES = st.text(alphabet="aăâbcdđeêghikloôơtuưvxyáàảãạẾ FJZW&1-", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("Bún hến Mai Xá", False),
        ("F&B Jazz Wave 68", False),
        ("tạp hóa  thu hà", True),
        ("Hộ kinh doanh Tạp hóa Thu Hà", True),
        ("Tạp hóa Thu Hạ", False),
        ("cà phê ĐỈNH SA MÙ", True),
        ("Công ty Thu Hà", True),
        ("Thu Hà TỔNG CÔNG TY", True),
        ("Tập đoàn-Biển Xanh", True),
        ("Doanh  nghiệp trẻ", True),
        ("Doanh nghiệpviên", False),
        ("Кафе Huế", True),
        ("Weiß", True),
        ("Ngói ñandú", True),
        ("2468", True),
        ("", True),
    ],
)
def test_what_is_refused(name: str, refused: bool) -> None:
    assert any(finding.refuses for finding in names.check(name, TAKEN)) is refused


@pytest.mark.parametrize("name", ["Tap hoa Thu Ha", "TẠP-HÓA Thu Hạ", "taphoathuha", "Cong ty Biển"])
def test_what_the_officer_is_to_look_at(name: str) -> None:
    found = names.check(name, TAKEN)
    assert found
    assert not any(finding.refuses for finding in found)


def test_its_own_name_is_no_obstacle() -> None:
    assert names.check("Tạp hóa Thu Hà", TAKEN, own_code="045187003641") == []


@settings(max_examples=50, deadline=None)
@given(NAMES, NAMES)
def test_alike_is_an_equivalence_that_near_never_contradicts(one: str, other: str) -> None:
    assert names.same(one, one.upper())
    assert names.same(unicodedata.normalize("NFD", one), one)
    assert names.same(one, other) == names.same(other, one)
    if names.same(one, other):
        assert names.near(one, other)
