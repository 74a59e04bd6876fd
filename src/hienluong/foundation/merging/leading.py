"""Where an old sign-in leads to."""

from __future__ import annotations

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
