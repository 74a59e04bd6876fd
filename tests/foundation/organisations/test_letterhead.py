"""What Decree 30/2020/NĐ-CP puts above an agency and above the title of who signs."""

from __future__ import annotations

import pytest

from hienluong.foundation.organisations.letterhead import above, authority, usual_place
from hienluong.foundation.organisations.models import Organization

Kind = Organization.Kind


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Phó Giám đốc", ["KT. GIÁM ĐỐC"]),
        ("Phó Giám đốc Sở Xây dựng", ["KT. GIÁM ĐỐC"]),
        ("Phó Chủ tịch", ["KT. CHỦ TỊCH"]),
        ("Phó Chánh Thanh tra", ["KT. CHÁNH THANH TRA"]),
        ("Phó Trưởng phòng", ["KT. TRƯỞNG PHÒNG"]),
        ("Phó phòng", ["KT. TRƯỞNG PHÒNG"]),
        ("Giám đốc", []),
        ("", []),
    ],
)
def test_a_deputy_signs_for_the_head(title: str, lines: list[str]) -> None:
    assert authority(title) == lines


def test_the_committee_stands_above_its_department_and_nobody_above_a_committee() -> None:
    province = Organization(kind=Kind.PROVINCE, name="UBND tỉnh Quảng Trị")
    assert above(Organization(kind=Kind.DEPARTMENT, name="Sở Xây dựng", parent=province)) == "UBND tỉnh Quảng Trị"
    assert above(Organization(kind=Kind.COMMUNE, name="UBND xã Gio Linh", parent=province)) == ""
    assert above(province) == ""


def test_a_paper_is_dated_from_the_commune_or_province_of_its_agency() -> None:
    province = Organization(kind=Kind.PROVINCE, name="UBND tỉnh Quảng Trị")
    ward = Organization(kind=Kind.COMMUNE, name="UBND phường Đông Hà", parent=province)
    island = Organization(kind=Kind.COMMUNE, name="Ủy ban nhân dân đặc khu Cồn Cỏ", parent=province)
    department = Organization(kind=Kind.DEPARTMENT, name="Sở Y tế", parent=province)
    branch = Organization(kind=Kind.DIVISION, name="Chi cục Dân số", parent=department)
    centre = Organization(kind=Kind.SERVICE_CENTRE, name="Trung tâm Phục vụ hành chính công", parent=ward)
    assert [usual_place(one) for one in (ward, island, centre)] == ["Đông Hà", "Cồn Cỏ", "Đông Hà"]
    assert [usual_place(one) for one in (province, department, branch)] == ["Quảng Trị"] * 3
