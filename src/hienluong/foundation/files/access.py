"""Who may open a file: the owner, and whoever the app that made it says. Deny by default."""

from __future__ import annotations

from collections.abc import Callable

from hienluong.foundation.actions import Actor

from .models import StoredFile

Checker = Callable[[Actor, StoredFile], bool]
_checkers: dict[str, Checker] = {}


def register(purpose: str, checker: Checker) -> None:
    """Let `checker` decide for files of this purpose (called from ``ready()``)."""
    _checkers[purpose] = checker


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Whether this actor may open this file."""
    if file.owner_id is not None and file.owner_id == actor.account_id:
        return True
    checker = _checkers.get(file.purpose)
    return checker is not None and checker(actor, file)
