"""What the end of an account does to data: what hinders it, what the law keeps, what is erased. Modules hand it over.

The person is told all three before they decide (Luật 91/2025/QH15, Điều 14; Nghị định 356/2025/NĐ-CP, khoản 4 Điều 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.functional import Promise

from hienluong.foundation.actions import Act

from .holdings import Person

Text = str | Promise


@dataclass(frozen=True)
class Kept:
    """Something that stays, and which law says so; `count` tells how much of it this person has.

    `names_party`: it names the person, so that their name and number stay readable with it.
    """

    code: str
    title: Text
    why: Text
    count: Callable[[Person], int]
    names_party: bool = False


@dataclass(frozen=True)
class Erased:
    """Something that is erased; `erase` does it inside the closing transaction and returns how much it was.

    `order`: what others lean on goes last.
    """

    code: str
    title: Text
    erase: Callable[[Act, Person], int]
    order: int = 100


#: Sentences that say why an account cannot be closed now; none when nothing hinders.
Hinder = Callable[[Person], Iterable[str]]

_kept: dict[str, Kept] = {}
_erased: dict[str, Erased] = {}
_hinders: dict[str, Hinder] = {}


def keep(*things: Kept) -> None:
    """Say what stays (called from ``ready()``)."""
    _kept.update({thing.code: thing for thing in things})


def erase(*things: Erased) -> None:
    """Say what is erased."""
    _erased.update({thing.code: thing for thing in things})


def hinder(code: str, why: Hinder) -> None:
    """Let a module say why somebody's account cannot be closed yet."""
    _hinders[code] = why


def kept_of(person: Person) -> list[tuple[Kept, int]]:
    """What stays of this person, with how much there is; what they have nothing of is left out."""
    return [(thing, count) for code in sorted(_kept) for thing in [_kept[code]] if (count := thing.count(person))]


def all_erased() -> list[Erased]:
    """What is erased, in the order in which it is done."""
    return sorted(_erased.values(), key=lambda thing: (thing.order, thing.code))


def hindrances(person: Person) -> list[str]:
    """Why the account cannot be closed now, in the words of those who hold it back."""
    return [sentence for code in sorted(_hinders) for sentence in _hinders[code](person)]
