"""Each organisation's charges go to its own account of that day, else to the nearest above, else to the treasury."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.payments import accounts, vietqr
from hienluong.capabilities.payments.models import ReceivingAccount
from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.organisations.models import Organization
from tests.capabilities.payments.process import make_charge
from tests.factories import actor_for_role, make_account, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> tuple[Organization, Organization]:
    """A province and a commune below it."""
    make_roles()
    province = make_org(kind="province")
    return province, make_org(kind="commune", parent=province)


def give(to: Organization, number: str, *, days: int = 0) -> ReceivingAccount:
    return accounts.set_account(
        actor_for_role("admin", to),
        organization=to,
        bank="970436",
        bank_name="Vietcombank",
        account=number,
        name="UBND",
        valid_from=timezone.localdate() + timedelta(days=days),
    )


def test_own_then_above_then_treasury(tree: tuple[Organization, Organization]) -> None:
    province, commune = tree
    assert accounts.account_for(commune) == accounts.treasury()
    give(province, "111")
    assert accounts.account_for(commune).account == "111"
    give(commune, "222", days=2)
    today = timezone.localdate()
    assert accounts.account_for(commune, today).account == "111"
    assert accounts.account_for(commune, today + timedelta(days=2)).account == "222"
    assert accounts.account_for(province, today + timedelta(days=9)).account == "111"
    give(commune, "333", days=5)
    assert accounts.account_for(commune, today + timedelta(days=4)).account == "222"
    assert accounts.account_for(commune, today + timedelta(days=5)).account == "333"


def test_the_code_names_the_account_of_the_agency(tree: tuple[Organization, Organization], client: Client) -> None:
    _province, commune = tree
    give(commune, "0123456789")
    due = make_charge(commune)
    page = client.get(f"/thanh-toan/{due.reference}?k={due.access}")
    assert vietqr.parse(page.context["qr"]) == vietqr.Transfer("970436", "0123456789", due.amount, due.reference)
    assert "0123456789" in page.content.decode()


def test_what_cannot_be(tree: tuple[Organization, Organization]) -> None:
    province, commune = tree
    give(commune, "222", days=2)
    for wrong in ({"days": 2}, {"days": 1}, {"days": -1}):
        with pytest.raises(InvalidInput):
            give(commune, "333", **wrong)
    with pytest.raises(InvalidInput):
        give(commune, "3 3", days=9)
    with pytest.raises(NotAllowed):
        accounts.set_account(
            actor_for_role("accountant", province),
            organization=province,
            bank="970436",
            bank_name="x",
            account="1",
            name="x",
            valid_from=timezone.localdate(),
        )


def test_the_page_keeps_what_was_typed(tree: tuple[Organization, Organization], client: Client) -> None:
    province, commune = tree
    url = "/lam-viec/doi-soat/tai-khoan"
    client.force_login(make_account(official=make_official(role="accountant", org=province)))
    assert client.get(url).status_code == 403
    client.force_login(make_account(official=make_official(role="admin", org=province)))
    assert url in client.get("/lam-viec/doi-soat").content.decode()
    today = timezone.localdate()
    typed = {
        "organization": commune.code,
        "bank": "97043",
        "bank_name": "Vietcombank Quảng Trị",
        "account": "0123",
        "name": "a\x00b",
        "valid_from_day": str(today.day),
        "valid_from_month": str(today.month),
        "valid_from_year": str(today.year),
    }
    answer = client.post(url, typed)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "Hãy nhập 6 chữ số" in said
    assert "Vietcombank Quảng Trị" in said
    assert "ký tự lạ" in said
    assert client.post(url, {**typed, "bank": "970436", "name": "UBND"}).status_code == 302
    assert "0123" in client.get(url).content.decode()
    assert accounts.account_for(commune).account == "0123"
