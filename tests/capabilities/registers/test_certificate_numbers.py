"""A number stands on the certificates of one record, however it is written; whoever ends a good certificate may revoke it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hienluong.capabilities.registers import actions, bulk
from hienluong.capabilities.registers.models import Change, Record
from hienluong.capabilities.registers.row import Row
from hienluong.foundation.actions import InvalidInput, NotAllowed
from tests.snapshots import ready

from .certified import GOOD, premises
from .sample import official, organization

pytestmark = pytest.mark.django_db


class Shops:
    """The register of premises, and two officials of one agency: one who writes, one who issues and imports, too."""

    def __init__(self) -> None:
        self.owner = organization("H50.90")
        self.here = organization("H50.90.01", self.owner)
        self.clerk = official(self.here, "read", "write")
        self.issuer = official(self.here, "read", "write", "certify", "import")
        chief = official(self.owner, "define", "read", "write")
        self.register = actions.install(chief, spec=premises(), owner=self.owner).register

    def data(self, code: str, number: str) -> dict[str, Any]:
        days = {"issued_on": "2026-01-01", "expires_on": "2099-01-01"}
        return {**GOOD, **days, "code": code, "number": number, "status": "active", "agency": self.here.code}

    def add(self, code: str, number: str) -> Record:
        return actions.create(self.issuer, register=self.register, data=self.data(code, number), since=date(2026, 1, 1))


@pytest.fixture
def shops(db: None) -> Shops:
    return ready(Shops)


def test_an_import_brings_no_number_twice(shops: Shops) -> None:
    shops.add("C001", "1/2026")
    given = [("C002", "2/2026"), ("C003", "2/2026"), ("C004", "1/2026"), ("C005", "3/2026")]
    rows = [Row(shops.data(*one)) for one in given]
    looked = bulk.preview(shops.issuer, shops.register, rows)
    written = bulk.create_many(shops.issuer, shops.register, rows)
    for outcomes in (looked, written):
        assert [list(outcome.errors) for outcome in outcomes] == [[], ["number"], ["number"], []]
    with pytest.raises(InvalidInput, match="đã có ở một bản ghi khác"):
        shops.add("C006", "3/2026")


def test_a_number_that_was_given_away_does_not_come_back(shops: Shops) -> None:
    first = shops.add("C001", "1/2026")
    said = {"number": "9/2026"}
    done = actions.change(shops.issuer, record=first, data=said, since=date(2026, 1, 1), correction=True)
    shops.add("C002", "1/2026")
    with pytest.raises(InvalidInput, match="đã có ở một bản ghi khác"):
        actions.revert(shops.issuer, record=first, change=Change.objects.get(pk=done.change))


def test_who_may_not_revoke_a_certificate_does_not_end_its_record(shops: Shops) -> None:
    record = shops.add("C001", "1/2026")
    for void in (False, True):
        with pytest.raises(NotAllowed):
            actions.end(shops.clerk, record=record, void=void)
    plain = actions.create(
        shops.clerk, register=shops.register, data={**GOOD, "code": "C002", "agency": shops.here.code}
    )
    actions.end(shops.clerk, record=plain, void=True)
    actions.end(shops.issuer, record=record)
