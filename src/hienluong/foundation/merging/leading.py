"""Where an old sign-in leads to, and which records are of one person."""

from __future__ import annotations

from django.db.models import Q

from hienluong.foundation.identity.models import Account

from .models import Merge


def kept(account: Account) -> Account | None:
    """The account that this one was merged into, through any merges after it; None when it stands for itself."""
    found: Account | None = None
    seen = {account.pk}
    key = account.pk
    while merge := Merge.objects.select_related("kept").filter(gone_id=key, undone_at__isnull=True).first():
        if merge.kept_id in seen:
            break
        found, key = merge.kept, merge.kept_id
        seen.add(key)
    return found


def records_of(party_id: int | None) -> set[int]:
    """The record of a person and those that were led into it and stand so today: what was written about the person
    under the old ones (looks at their data) may not be changed, so it is found this way. Empty for nobody."""
    if party_id is None:
        return set()
    found, new = {party_id}, {party_id}
    while new:
        led = Merge.objects.filter(undone_at__isnull=True).exclude(led_party=None).exclude(led_party__in=found)
        pairs = led.filter(Q(kept_party__in=new) | Q(gone_party__in=new))
        new = set(pairs.values_list("led_party", flat=True))
        found |= new
    return found


def accounts_of(account_id: int | None) -> set[int]:
    """An account and those that were merged into it and stand so today; empty for nobody."""
    if account_id is None:
        return set()
    found, new = {account_id}, {account_id}
    while new:
        led = Merge.objects.filter(kept__in=new, undone_at__isnull=True).exclude(gone__in=found)
        new = set(led.values_list("gone", flat=True))
        found |= new
    return found


def record_of(party_id: int) -> int:
    """The record that stands for a person today: this one, or that into which it was led."""
    seen = {party_id}
    while merge := Merge.objects.filter(led_party=party_id, undone_at__isnull=True).order_by("-pk").first():
        other = merge.gone_party_id if merge.kept_party_id == party_id else merge.kept_party_id
        if other is None or other in seen:
            break
        party_id = other
        seen.add(other)
    return party_id
