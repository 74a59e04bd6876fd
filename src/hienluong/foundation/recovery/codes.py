"""One-time codes: made, found again by what was typed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from hienluong.foundation.identity import entering, passwords
from hienluong.foundation.identity.limits import too_many
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.throttle import normal_username
from hienluong.foundation.people.identifiers import is_personal_id
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index

from .models import EntryCode, Recovery

#: Tries with one code in a day, wherever they come from; and from one address with any code in an hour.
TRIES_PER_CODE, TRIES_PER_ADDRESS = 6, 40


def issue(account: Account, *, opens_at: datetime, expires_at: datetime, recovery: Recovery | None = None) -> str:
    """A new code of an account; the one before is worth nothing any more. Returned to be told, kept nowhere."""
    live(account).update(ended_at=timezone.now())
    code = passwords.one_time()
    EntryCode.objects.create(
        account=account, hash=blind_index(code), recovery=recovery, opens_at=opens_at, expires_at=expires_at
    )
    return code


def live(account: Account) -> QuerySet[EntryCode]:
    """The codes of an account that were neither used nor ended (one at most)."""
    return EntryCode.objects.filter(account=account, used_at__isnull=True, ended_at__isnull=True)


def owner(told: str) -> Account | None:
    """The account that a person names: by its sign-in name, or by the 12 digits of the personal number.

    The database is asked the same, as often, whoever is named: how long it takes tells nothing of who is there.
    """
    named = "".join(told.split())
    number = blind_index(named) if is_personal_id(named) else "-"
    by_number = Account.objects.filter(party__kind=Party.Kind.CITIZEN, party__identifier_hash=number).first()
    by_name = Account.objects.filter(username=normal_username(told)).first()
    found = by_number or by_name
    lead = entering.lead(found or Account(pk=0))
    return lead if found else None


def redeemed(code: str, whose: str, address: str) -> EntryCode | None:
    """The code, when it is this person's, open today and not tried too often. Counts the try."""
    mark = blind_index(code)
    beyond = too_many("recovery.code", mark, limit=TRIES_PER_CODE, seconds=24 * 3600)
    if too_many("recovery.address", address, limit=TRIES_PER_ADDRESS, seconds=3600) or beyond:
        return None
    now = timezone.now()
    found = (
        EntryCode.objects.select_related("account", "recovery")
        .filter(hash=mark, used_at__isnull=True, ended_at__isnull=True, expires_at__gt=now)
        .first()
    )
    named = owner(whose)
    if found is None or named is None or named.pk != found.account_id or not found.account.is_active:
        return None
    return found
