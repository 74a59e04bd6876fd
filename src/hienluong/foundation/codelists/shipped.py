"""The lists that come with the product: their files, and putting them into a database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from hienluong.foundation.actions import Actor
from hienluong.foundation.schemas.lists import Edition, Item

from . import computed, reading, rows
from .actions import Installed, install
from .reading import Loaded


class FaultyList(RuntimeError):
    """A list that comes with the product has faults; the message names them."""


@lru_cache(maxsize=32)
def load(name: str) -> Loaded:
    """One of them, read; it never changes while a process runs."""
    loaded = reading.load(reading.SHIPPED / f"{name}.yaml", name=f"codelists/{name}.yaml", computed=computed)
    if loaded.faults:
        raise FaultyList("\n".join(map(str, loaded.faults)))
    return loaded


def install_all(actor: Actor) -> Installed:
    """Install each of them; what is there already is left alone."""
    done = Installed()
    for name in sorted(reading.shipped_names()):
        done += install(actor, loaded=load(name))
    return done


class Files:
    """Lists as their files say them, for checking a pack without a database: the shipped ones, and those of the pack.

    Of lists that are `elsewhere` nothing is known but that they are.
    """

    def __init__(self, own: Sequence[Loaded] = (), elsewhere: Sequence[str] = ()) -> None:
        self._elsewhere = frozenset(elsewhere)
        self._own = {loaded.spec.code: loaded for loaded in own if loaded.spec and not loaded.faults}

    def knows(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self._own or name in self._elsewhere or name in reading.shipped_names()

    def editions(self, name: str) -> Sequence[Edition]:
        """The editions of a list, the newest first."""
        if name in self._own:
            return editions_of(self._own[name])
        return _shipped_editions(name) if name in reading.shipped_names() else ()


@lru_cache(maxsize=32)
def _shipped_editions(name: str) -> Sequence[Edition]:
    return editions_of(load(name))


def editions_of(loaded: Loaded) -> list[Edition]:
    """The editions of a list that was read, the newest first."""
    spec = loaded.spec
    if spec is None:
        return []
    found = [
        Edition(
            edition.code,
            spec.title,
            edition.valid_from,
            edition.valid_to,
            [Item(**item) for item in rows.items(loaded.rows[edition.code])],
        )
        for edition in spec.editions
    ]
    return found[::-1]
