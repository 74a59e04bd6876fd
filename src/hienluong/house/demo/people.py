"""Demo: the people of the table in ``accounts.py``, with their posts and the enterprise one of them stands for."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import queries
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.people.models import Party, Representation
from hienluong.house.simulators.identity_book import PEOPLE

from . import Progress
from .accounts import ACCOUNTS, PASSWORD, DemoAccount

SYSTEM = system("Nạp tỉnh trình diễn")
SINCE = date(2025, 7, 1)
#: The demo's officials serve here unless their account names another agency; administrators, auditors and overseers
#: in the whole province.
COMMUNE = "phường Đông Hà"
_PROVINCE_WIDE = frozenset({"admin", "auditor", "oversight", "data_protection"})
#: What stands under a signature: the post, without the agency that the account's label adds.
_TITLES = {
    "officer": "Chuyên viên",
    "head": "Trưởng phòng",
    "leader": "Phó Giám đốc",
    "document_clerk": "Văn thư",
    "drafter": "Chuyên viên",
    "executive": "Phó Chủ tịch",
}
#: The enterprise that the demo's second person stands for.
ENTERPRISE = "Công ty TNHH Sông Hiếu"


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
    if missing:
        _set_password(SYSTEM, usernames=[account.username for account in missing])


@action("demo.set_password")
def _set_password(act: Act, *, usernames: list[str]) -> None:
    """One password for all, so hashed once: hashing it for each of them is most of what opening accounts costs."""
    opened = Account.objects.filter(username__in=usernames)
    opened.update(password=make_password(PASSWORD))
    act.record(opened[0], after={"accounts": len(usernames)}, note="mật khẩu chung của tỉnh trình diễn")


def _citizen(account: DemoAccount) -> None:
    identity = next(each for each in PEOPLE if each.username == account.username)  # as which they enter by VNeID, too
    party = Party.objects.create(
        kind=Party.Kind.CITIZEN,
        name=account.display_name,
        identifier=identity.number,
        date_of_birth=date.fromisoformat(identity.born),
        sex=identity.sex,
        phone="0912345678",
        email=f"{account.username}@example.vn",
        address="Phường Đông Hà, tỉnh Quảng Trị",
        commune_code="19333",
    )
    _open(account, party=party)
    if account.role_label.startswith("Đại diện"):
        enterprise = Party.objects.create(
            kind=Party.Kind.ENTERPRISE,
            name=ENTERPRISE,
            identifier="3200123452",
            phone="0912345678",
            address="Phường Đông Hà, tỉnh Quảng Trị",
            commune_code="19333",
        )
        Representation.objects.create(
            representative=party, represented=enterprise, role="Giám đốc", valid=DateRange(SINCE, None)
        )


def _official(account: DemoAccount) -> None:
    province_wide = account.role in _PROVINCE_WIDE
    place = queries.province() if province_wide else agency(account.agency)
    official = organisations.add_official(
        SYSTEM,
        code=f"TD-{account.username.upper().replace('.', '-')}",
        full_name=account.display_name,
        organization=place,
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
        title=_TITLES.get(account.role, account.role_label) if account.agency else account.role_label,
        role=account.role,
        valid_from=SINCE,
    )
    _open(account, official=official)


def _open(account: DemoAccount, *, party: Party | None = None, official: Official | None = None) -> Account:
    return identity.create_account(
        SYSTEM,
        username=account.username,
        display_name=account.display_name,
        password=None,
        email=f"{account.username}@example.vn",
        party=party,
        official=official,
    )


def agency(short_name: str) -> Organization:
    """The organisation that ``DemoAccount.agency`` names."""
    found = queries.in_force()
    if short_name == "province":
        return found.get(kind=Organization.Kind.SERVICE_CENTRE, parent=queries.province())
    if short_name == "UBND":
        return queries.province()
    if short_name:
        return found.get(kind=Organization.Kind.DEPARTMENT, versions__short_name=short_name)
    return found.get(kind=Organization.Kind.COMMUNE, name__endswith=COMMUNE)
