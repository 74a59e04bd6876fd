"""Demo: the people of the table in ``accounts.py``, with their posts and the enterprise one of them stands for."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.foundation.actions import system
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import queries
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.people.models import Party, Representation

from . import Progress
from .accounts import ACCOUNTS, PASSWORD, DemoAccount

SYSTEM = system("Nạp tỉnh trình diễn")
SINCE = date(2025, 7, 1)
#: The demo's officials serve here; administrators, auditors and overseers in the whole province.
COMMUNE = "phường Đông Hà"
_PROVINCE_WIDE = frozenset({"admin", "auditor", "oversight"})


def accounts(progress: Progress) -> None:
    """Open each account that is not there yet."""
    present = set(Account.objects.values_list("username", flat=True))
    missing = [account for account in ACCOUNTS if account.username not in present]
    for account in progress.track(missing, len(missing)):
        with transaction.atomic():
            if account.role:
                _official(account)
            else:
                _citizen(account)


def _citizen(account: DemoAccount) -> None:
    born, identifier = (date(1990, 5, 12), "045190001234")
    if account.username != "nguyenthilanh":
        born, identifier = (date(1982, 9, 3), "045082004321")
    party = Party.objects.create(
        kind=Party.Kind.CITIZEN,
        name=account.display_name,
        identifier=identifier,
        date_of_birth=born,
        sex=Party.Sex.FEMALE if account.username == "nguyenthilanh" else Party.Sex.MALE,
        phone="0912345678",
        email=f"{account.username}@example.vn",
        address="Phường Đông Hà, tỉnh Quảng Trị",
    )
    _open(account, party=party)
    if account.role_label.startswith("Đại diện"):
        enterprise = Party.objects.create(
            kind=Party.Kind.ENTERPRISE,
            name="Công ty TNHH Sông Hiếu",
            identifier="3200123456",
            address="Phường Đông Hà, tỉnh Quảng Trị",
        )
        Representation.objects.create(
            representative=party, represented=enterprise, role="Giám đốc", valid=DateRange(SINCE, None)
        )


def _official(account: DemoAccount) -> None:
    province_wide = account.role in _PROVINCE_WIDE
    place = queries.province() if province_wide else _commune()
    official = organisations.add_official(
        SYSTEM, code=f"TD-{account.username.upper()}", full_name=account.display_name, organization=place
    )
    if province_wide:
        opened = _open(account, official=official)
        identity.grant_role(
            SYSTEM, account=opened, role=account.role, organization=place, valid_from=SINCE, reason="Tỉnh trình diễn"
        )
        return
    organisations.appoint(
        SYSTEM,
        official=official,
        organization=place,
        title=account.role_label,
        role=account.role,
        valid_from=SINCE,
    )
    _open(account, official=official)


def _open(account: DemoAccount, *, party: Party | None = None, official: Official | None = None) -> Account:
    return identity.create_account(
        SYSTEM,
        username=account.username,
        display_name=account.display_name,
        password=PASSWORD,
        email=f"{account.username}@example.vn",
        party=party,
        official=official,
    )


def _commune() -> Organization:
    return queries.in_force().get(kind=Organization.Kind.COMMUNE, name__endswith=COMMUNE)
