"""A province with two communes, for the pages of administrators: one commune is theirs, the other is not."""

from __future__ import annotations

import pytest

from hienluong.foundation.organisations.models import Organization
from tests.factories import make_org, make_roles


@pytest.fixture
def province(db: None) -> Organization:
    make_roles()
    return make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")


@pytest.fixture
def mine(province: Organization) -> Organization:
    return make_org("UBND xã Cam Lộ", code="H50.101", parent=province, kind="commune")


@pytest.fixture
def theirs(province: Organization) -> Organization:
    return make_org("UBND xã Hiếu Giang", code="H50.102", parent=province, kind="commune")
