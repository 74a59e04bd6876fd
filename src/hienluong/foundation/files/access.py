"""Who may open a file: whoever the app that made it says, else its owner. Deny by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hienluong.foundation.actions import Actor

from .models import StoredFile

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
    """Tell the app that made the file that this actor has opened it."""
    rule = _rules.get(file.purpose)
    if rule and rule.opened:
        rule.opened(actor, file)
