"""Who may open a file: whoever the app that made it says, else its owner. Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from hienluong.foundation.actions import Actor

from .models import Opening, StoredFile

#: Parts and pages of a file asked for within this time are one look at it.
ONE_LOOK = timedelta(minutes=15)

#: True or False decides; None leaves it to ownership (a file not yet attached to anything).
Checker = Callable[[Actor, StoredFile], bool | None]
#: Called after a file was given out, for the log of looks at personal data.
Opened = Callable[[Actor, StoredFile], None]


@dataclass(frozen=True)
class _Rule:
    checker: Checker
    opened: Opened | None


_rules: dict[str, _Rule] = {}


def register(purpose: str, checker: Checker, *, opened: Opened | None = None) -> None:
    """Let `checker` decide for files of this purpose (called from ``ready()``); `opened` hears of each opening."""
    _rules[purpose] = _Rule(checker, opened)


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Whether this actor may open this file."""
    rule = _rules.get(file.purpose)
    verdict = rule.checker(actor, file) if rule else None
    if verdict is not None:
        return verdict
    return file.owner_id is not None and file.owner_id == actor.account_id


def was_opened(actor: Actor, file: StoredFile) -> None:
    """Tell the app that made the file that this actor opens it: the first time, and again after a while.

    Called whichever part of it is given, before it is given: the first byte is no likelier to be read than the last.
    """
    rule = _rules.get(file.purpose)
    if rule is None or rule.opened is None:
        return
    with transaction.atomic():  # either both are written or neither: a look is never forgotten
        if _is_new(actor, file):
            rule.opened(actor, file)


def forget_old() -> int:
    """Delete openings that no longer keep anything from being written down; returns how many."""
    return Opening.objects.filter(at__lt=timezone.now() - ONE_LOOK).delete()[0]


def _is_new(actor: Actor, file: StoredFile) -> bool:
    """Whether this is another look than the last; of parallel requests for parts exactly one is."""
    reader = f"account:{actor.account_id}" if actor.account_id else f"address:{actor.ip}"
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO files_opening (file_id, reader, at) VALUES (%s, %s, %s)"
            " ON CONFLICT (file_id, reader) DO UPDATE SET at = excluded.at WHERE files_opening.at < %s RETURNING id",
            [file.pk, reader, now, now - ONE_LOOK],
        )
        return cursor.fetchone() is not None
