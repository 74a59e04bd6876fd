"""What roles there are and what each may do: said by the app above that keeps them (``identity``)."""

from __future__ import annotations

from collections.abc import Callable

#: From the code of a role to the permissions it gives; None when there is no such role.
Lookup = Callable[[str], frozenset[str] | None]
_lookups: list[Lookup] = []


def register(lookup: Lookup) -> None:
    """Let `lookup` answer for roles (called from ``ready()``)."""
    if lookup not in _lookups:
        _lookups.append(lookup)


def is_known(role: str) -> bool:
    """Whether a post can have this role."""
    return any(lookup(role) is not None for lookup in _lookups)


def permissions_of(role: str) -> frozenset[str]:
    """The permissions that a post with this role gives; none for a role nobody knows."""
    found = (lookup(role) for lookup in _lookups)
    return next((each for each in found if each is not None), frozenset())
