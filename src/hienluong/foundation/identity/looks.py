"""Writing down that an administrator looked at a person's account, so that the person sees it (Luật 91/2025/QH15, Điều 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.audit.reads import log_reads

from .models import Account

#: What the page of one account shows of its owner.
ACCOUNT = ("name", "username", "email")


def at_accounts(
    request: HttpRequest, accounts: Iterable[Account], fields: Sequence[str] = ACCOUNT, purpose: str = ""
) -> None:
    """Write down one look at the same fields of each account's owner; accounts of officials alone name no citizen."""
    parties = {account.party_id for account in accounts}
    at_parties(
        request, {pk for pk in parties if pk is not None}, fields, purpose or _("Quản lý tài khoản"), _("Tài khoản")
    )


def at_entries(request: HttpRequest, entries: Collection[Entry]) -> None:
    """Write down a look at the log: at whoever acted, and at the persons and accounts that something was done to."""
    accounts = {entry.actor_id for entry in entries if entry.actor_kind == "account"}
    accounts |= {_number(entry.target_id) for entry in entries if entry.target_type == "identity.account"}
    parties = {_number(entry.target_id) for entry in entries if entry.target_type == "people.party"} - {None}
    known = [0, *(pk for pk in accounts if pk is not None)]  # asked each time, so that a page costs the same
    named = Account.objects.filter(pk__in=known).exclude(party=None).values_list("party_id", flat=True)
    at_parties(request, {*parties, *named}, ("name",), _("Kiểm tra nhật ký hệ thống"), _("Nhật ký hệ thống"))


def at_parties(
    request: HttpRequest, parties: Collection[int | None], fields: Sequence[str], purpose: str, where: str
) -> None:
    """Write down one look at the same fields of each person; one's own data is no look."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    log_reads(
        [
            PersonalDataRead(
                party_id=pk,
                actor_id=actor.account_id,
                actor_label=actor.label[:200],
                organization_id=actor.organization_id,
                fields=list(fields),
                purpose=purpose[:200],
                subject=where[:100],
                ip=actor.ip,
            )
            for pk in sorted(pk for pk in parties if pk is not None and pk != actor.party_id)
        ]
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
