"""Lists as this process keeps them: read whole once, and again when the revision number says so.

A form or an import holds thousands of values against a list; asking the database for each would cost more than all the
rest. The revision is looked at after at most :data:`LOOK_AGAIN_AFTER` seconds; a change made here counts at once.
"""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import F

from hienluong.foundation.schemas.lists import Edition, Item

from . import models
from .reading import shipped_names

#: Seconds during which a process trusts its copy without asking the database.
LOOK_AGAIN_AFTER = 5.0


class _Copy:
    """This process's copy of the lists that were asked for."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clear()

    def clear(self) -> None:
        with self.lock:
            self.revision: int | None = None
            self.looked_at = 0.0
            self.lists: dict[str, tuple[Edition, ...]] = {}
            self.names: frozenset[str] | None = None

    def look(self) -> None:
        """Forget everything when somebody changed a list."""
        if self.revision is not None and clock.monotonic() - self.looked_at <= LOOK_AGAIN_AFTER:
            return
        number = revision()
        if number != self.revision:
            self.clear()
            self.revision = number
        self.looked_at = clock.monotonic()


class _Changing(threading.local):
    """Whether this thread's transaction changed a list: what it reads is nobody else's, and may be rolled back.

    It keeps what it read for as long as the revision number, as it sees it, stays: rolling back brings the number back.
    """

    now = False
    number = -1

    def __init__(self) -> None:
        self.lists: dict[str, tuple[Edition, ...]] = {}

    def editions(self, name: str) -> tuple[Edition, ...]:
        """The editions of a list as this transaction sees them."""
        if (number := revision()) != self.number:
            self.lists.clear()
            self.number = number
        if name not in self.lists:
            self.lists[name] = tuple(_read(name))
        return self.lists[name]

    def end(self) -> None:
        """The transaction is over: what it saw is of no more use."""
        self.now, self.number = False, -1
        self.lists.clear()


_copy, _changing = _Copy(), _Changing()


class Kept:
    """The lists of the database, for the fields of forms and registers."""

    def knows(self, name: str) -> bool:
        """Whether there is such a list here, or one that comes with the product."""
        if name in shipped_names():
            return True
        if _is_changing():
            return name in _names()
        with _copy.lock:
            _copy.look()
            if _copy.names is None:
                _copy.names = _names()
            return name in _copy.names

    def editions(self, name: str) -> Sequence[Edition]:
        """The editions of a list, the newest first."""
        if _is_changing():
            return _changing.editions(name)
        with _copy.lock:
            _copy.look()
            if name not in _copy.lists:
                _copy.lists[name] = tuple(_read(name))
            return _copy.lists[name]


def _is_changing() -> bool:
    if _changing.now and not connection.in_atomic_block:  # it was rolled back
        _changing.end()
    return _changing.now


def _names() -> frozenset[str]:
    return frozenset(models.CodeList.objects.values_list("code", flat=True))


def _read(name: str) -> list[Edition]:
    found = []
    editions = models.Edition.objects.filter(codelist__code=name.replace("\x00", "")).select_related("codelist")
    for edition in editions.order_by("-valid"):
        rows = edition.codes.order_by("order", "pk").values_list("value", "name", "name_en", "parent__value", "valid")
        items = [
            Item(value, label, english, parent or "", valid.lower, valid.upper)
            for value, label, english, parent, valid in rows
        ]
        found.append(Edition(edition.code, edition.codelist.title, edition.valid.lower, edition.valid.upper, items))
    return found


def revision() -> int:
    """The number that counts up with each change of any list."""
    return models.Revision.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def changed() -> None:
    """Call inside the transaction of each change: other processes will read again, this one at once."""
    if not models.Revision.objects.filter(pk=1).update(number=F("number") + 1):
        models.Revision.objects.get_or_create(pk=1, defaults={"number": 1})
    if connection.in_atomic_block:
        _changing.now = True
    transaction.on_commit(forget)


def forget() -> None:
    """Drop this process's copy (after a change, and between tests)."""
    _changing.end()
    _copy.clear()
