"""``hienluong setup``: an installation without the demo becomes one that can be administered."""

from __future__ import annotations

import re

import httpx
import psycopg
import pytest

from tests.house.running import Installation

# They share one installation (tests/conftest.py keeps them in one process).
pytestmark = pytest.mark.house

#: The last is how many accounts may do anything: other tests of this installation open some that may do nothing.
COUNTS = """
SELECT (SELECT count(*) FROM organisations_organization WHERE kind = 'commune' AND valid @> current_date),
       (SELECT count(*) > 50 FROM calendars_specialday),
       (SELECT count(*) > 5 FROM identity_role),
       (SELECT count(*) >= 2 FROM procedures_ruleset),
       (SELECT count(*) >= 40 FROM procedures_procedure),
       (SELECT count(DISTINCT account_id) FROM identity_rolegrant)
"""


def _counts(installation: Installation) -> tuple[object, ...]:
    with psycopg.connect(installation.database_url) as connection:
        return connection.execute(COUNTS).fetchone() or ()


def test_setup_makes_a_province_and_one_administrator_who_must_change_the_password(
    installation: Installation,
) -> None:
    first = installation.run("setup", "--admin", "quantri")
    assert first.returncode == 0, first.stdout + first.stderr
    password = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", first.stdout)
    assert password
    assert _counts(installation) == (78, True, True, True, True, 1)
    with httpx.Client(base_url=installation.url, headers={"Referer": installation.url}) as browser:
        browser.get("/dang-nhap")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', browser.get("/dang-nhap").text)
        assert token
        given = {"username": "quantri", "password": password[0], "csrfmiddlewaretoken": token[1]}
        assert browser.post("/dang-nhap", data=given).status_code == 302
        assert browser.get("/quan-tri/can-bo").headers["Location"] == "/tai-khoan/mat-khau"
    again = installation.run("setup", "--admin", "nguoikhac")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Đã có người quản trị" in again.stdout
    assert _counts(installation) == (78, True, True, True, True, 1)
