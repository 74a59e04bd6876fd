"""Debian's Apache with mod_auth_openidc against our provider: signing in, refresh, logout from either side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .apache import apache
from .person import Person, tell_logouts

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def folder(province: str) -> Iterator[str]:
    """The address of an Apache that keeps a folder for people of the province."""
    with apache(province) as address:
        yield address


def test_signing_in_and_out_with_apache(folder: str, province: str, person: Person) -> None:
    def known() -> dict[str, Any]:
        found: dict[str, Any] = person.open(f"{folder}/kin/ve?info=json").json()
        return found

    assert person.open(f"{folder}/kin/").url.path == "/dang-nhap"
    assert "Chỉ người của tỉnh" in person.sign_in().text
    first = known()
    assert first["id_token"]["iss"] == province
    assert (first["userinfo"]["sub"], first["userinfo"]["name"]) == (first["id_token"]["sub"], "Trần Thị Bình")
    asked = {"refresh": f"{folder}/kin/", "access_token": first["access_token"]}
    assert "Chỉ người của tỉnh" in person.ask(f"{folder}/kin/ve", asked).text
    second = known()
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]

    assert "Đã ra" in person.ask(f"{folder}/kin/ve", {"logout": f"{folder}/da-ra/"}).text
    assert not person.is_signed_in_at_the_province()
    assert person.open(f"{folder}/kin/").url.path == "/dang-nhap"

    person.press("Đăng nhập", username="binh", password="mat-khau-rat-dai-45")
    assert "Chỉ người của tỉnh" in person.open(f"{folder}/kin/").text
    tell_logouts()  # what the first sign-out left
    person.open(f"{province}/sso/dang-xuat")
    person.press("Đăng xuất tất cả")
    assert tell_logouts() == 1
    assert person.open(f"{folder}/kin/").url.path == "/dang-nhap", "the end of the session here was told to Apache"
