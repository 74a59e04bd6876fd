"""Trying an action for a table of states: was it allowed, or refused in words and with nothing changed; nothing of it stays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.db import models, transaction

from hienluong.foundation.actions import DomainError

Rows = dict[str, list[tuple[Any, ...]]]


class _Undone(Exception):
    """Ends the savepoint that an action was tried in."""


def everything(tables: Sequence[type[models.Model]]) -> Rows:
    """All rows of these tables."""
    return {table._meta.label: list(table._base_manager.order_by("pk").values_list()) for table in tables}


def tried(do: Callable[[], object], tables: Sequence[type[models.Model]], before: Rows) -> str:
    """The code it was refused with, empty when it was allowed; `before`: :func:`everything` as it was."""
    refusal, after = None, before
    with suppress(_Undone), transaction.atomic():
        try:
            do()
        except DomainError as error:
            refusal = error
        after = everything(tables)
        raise _Undone
    assert (after == before) == (refusal is not None), "refused, and changed something; or allowed, and changed nothing"
    assert refusal is None or len(str(refusal.message)) > 10, "refused without a word why"
    return refusal.code if refusal else ""
