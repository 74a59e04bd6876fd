"""What an official holds just now and somebody else must take over: said by the apps above that give work out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from hienluong.foundation.organisations.models import Official


@dataclass(frozen=True)
class Work:
    """One thing held: what kind, what it is called, where it is looked at."""

    label: str
    title: str
    href: str


#: The titles and addresses of what an official holds of one kind.
Finder = Callable[[Official], Iterable[tuple[str, str]]]
_kinds: list[tuple[str | Promise, Finder]] = []


def register(label: str | Promise, find: Finder) -> None:
    """Let an app above say what of its work an official holds (called from ``ready()``)."""
    if not any(finder is find for _label, finder in _kinds):
        _kinds.append((label, find))


def of(official: Official) -> list[Work]:
    """Everything an official holds; a query for each kind."""
    return [Work(str(label), title, href) for label, find in _kinds for title, href in find(official)]
