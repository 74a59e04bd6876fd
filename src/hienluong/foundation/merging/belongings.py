"""What belongs to an account or to its person, and so moves when two accounts become one. Apps hand theirs over.

Never handed over: roles, posts, and what an official did in office; sessions, passwords, recovery codes; what may not be
changed (the audit log, looks at personal data).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise


@dataclass(frozen=True)
class Belonging:
    """Rows of one model that name an account or a party in a field.

    `unlike`: a row stays when the one that is kept has a row with the same values in these fields (of those that `where`
    names): there may be one of each only.
    """

    code: str
    label: str | Promise
    model: str
    name: str  # of the field
    of: Literal["account", "party"]
    unlike: tuple[str, ...] = ()
    where: Q = field(default_factory=Q)

    def held_by(self, key: int) -> QuerySet[Any]:
        """The rows of this account or party."""
        rows: QuerySet[Any] = apps.get_model(self.model)._default_manager.filter(self.where, **{self.name: key})
        return rows

    def moving(self, source: int, target: int) -> QuerySet[Any]:
        """The rows that go from one to the other."""
        rows = self.held_by(source)
        if self.unlike:
            same = {name: OuterRef(name) for name in self.unlike}
            rows = rows.exclude(Exists(self.held_by(target).filter(**same)))
        return rows


_belongings: dict[str, Belonging] = {}


def register(*belongings: Belonging) -> None:
    """Hand over what belongs to accounts or people (called from ``ready()``)."""
    _belongings.update((each.code, each) for each in belongings)


def all_of(of: str) -> Iterator[Belonging]:
    """What belongs to an ``account``, or to a ``party``, in the order of their codes."""
    yield from (_belongings[code] for code in sorted(_belongings) if _belongings[code].of == of)


def named(code: str) -> Belonging | None:
    """What was moved under this code; None when its app is no longer there."""
    return _belongings.get(code)
