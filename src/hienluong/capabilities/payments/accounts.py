"""Where the money of a charge goes: the account of its organisation on that day, or that of the treasury."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.organisations.models import Organization

from . import vietqr
from .models import ReceivingAccount


@dataclass(frozen=True)
class Account:
    """An account as a payer sees it."""

    bank: str
    bank_name: str
    account: str
    name: str


def treasury() -> Account:
    """The account of whoever has none of their own, from the settings."""
    return Account(**settings.PAYMENT_ACCOUNT)


def account_for(organization: Organization, day: date | None = None) -> Account:
    """The account of the organisation on that day (today), else of the nearest above it, else the treasury's."""
    above = [int(part) for part in organization.path.split("/") if part]
    found = {
        row.organization_id: row
        for row in ReceivingAccount.objects.filter(organization__in=above, valid__contains=day or timezone.localdate())
    }
    for key in reversed(above):
        if key in found:
            row = found[key]
            return Account(row.bank, row.bank_name, row.account, row.name)
    return treasury()


@action("payments.set_account")
def set_account(
    act: Act,
    *,
    organization: Organization,
    bank: str,
    bank_name: str,
    account: str,
    name: str,
    valid_from: date,
    legal_basis: str = "",
) -> ReceivingAccount:
    """Give an organisation an account from a day on; the one before it ends there.

    Raises InvalidInput for an account that no VietQR can name, or a day that is not after the last change.
    """
    act.require("payments.accounts", organization.path)
    if valid_from < timezone.localdate():
        raise InvalidInput(_("Ngày áp dụng không được ở quá khứ."), field="valid_from")
    try:
        vietqr.payload(vietqr.Transfer(bank, account, 1000, "THU"))
    except vietqr.BadPayload as error:
        raise InvalidInput(_("Ngân hàng là mã BIN 6 chữ số, tài khoản là 1–19 chữ số."), field="account") from error
    last = (
        ReceivingAccount.objects.select_for_update(of=("self",))
        .filter(organization=organization)
        .order_by("-valid")
        .first()
    )
    if last is not None:
        if last.valid.lower >= valid_from:
            raise InvalidInput(_("Đã có tài khoản áp dụng từ ngày này hoặc sau đó."), field="valid_from")
        last.valid = DateRange(last.valid.lower, valid_from)
        last.save(update_fields=("valid",))
    made = ReceivingAccount.objects.create(
        organization=organization,
        bank=bank,
        bank_name=bank_name,
        account=account,
        name=name,
        valid=DateRange(valid_from, None),
        legal_basis=legal_basis,
    )
    act.record(
        made,
        before={"account": str(last)} if last else {},
        after={"account": str(made), "from": valid_from},
        organization_id=organization.pk,
    )
    return made
