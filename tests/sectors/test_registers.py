"""The registers of the shipped packs take what their law calls for, and refuse what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from hienluong.capabilities.registers.checking import check
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.services.procedures import packs

HOUSEHOLD: dict[str, Any] = {
    "code": "3200123456",
    "name": "Tạp hóa Thu Hà",
    "owner_name": "Nguyễn Thị Hà",
    "owner_number": "045190001234",
    "founder": "family",
    "members": [{"name": "Trần Văn Nam", "number": "045088001234"}],
    "address": "12 Lê Duẩn, phường Đông Hà, tỉnh Quảng Trị",
    "place": {"type": "Point", "coordinates": [107.0967, 16.8175]},
    "phone": "0912 345 678",
    "lines": [{"code": "4711", "name": "Bán lẻ tạp hóa"}],
    "capital": "50.000.000",
    "registered_on": "01/08/2025",
    "status": "active",
}


@pytest.fixture(scope="module")
def household() -> RegisterSpec:
    folder = next(folder for folder in packs.shipped_folders() if folder.name == "household")
    return next(spec for _file, spec in packs.load(folder).registers if spec.code == "business.household")


@pytest.mark.django_db
def test_a_household_business_is_taken_as_it_is_written(household: RegisterSpec) -> None:
    checked = check(household, HOUSEHOLD)
    assert checked.errors == {}
    assert checked.data["capital"] == 50_000_000
    assert checked.data["registered_on"] == "2025-08-01"
    assert checked.data["phone"] == "0912345678"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"founder": "person"}, "members"),
        ({"status": "suspended"}, "suspended"),
        ({"status": "suspended", "suspended": {"from": "2026-05-01", "to": "2026-04-01"}}, "suspended"),
        ({"owner_number": "123"}, "owner_number"),
        ({"lines": []}, "lines"),
        ({"lines": [{"code": "47", "name": "Bán lẻ"}]}, "lines"),
        ({"capital": -1}, "capital"),
        ({"status": "closed"}, "status"),
        ({"code": "12"}, "code"),
        ({"registered_on": "31/02/2025"}, "registered_on"),
        ({"place": {"type": "Point", "coordinates": ["x", 1]}}, "place"),
    ],
)
def test_what_a_household_business_cannot_be(household: RegisterSpec, changes: dict[str, Any], field: str) -> None:
    assert field in check(household, {**HOUSEHOLD, **changes}).errors


def test_the_public_does_not_read_numbers_and_phones_of_people(household: RegisterSpec) -> None:
    hidden = {"owner_number", "members", "phone", "email"}
    assert not household.readable(household.access.public) & hidden
