"""What apps above know: which register names somebody as the head of an enterprise, which procedures there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index


@dataclass(frozen=True)
class Entry:
    """A register says that a citizen heads an enterprise."""

    tax_code: str
    name: str
    role: str
    source: str  # the register and the record
    kind: str = Party.Kind.ENTERPRISE


Source = Callable[[Party], Iterable[Entry]]
_sources: list[Source] = []
Names = Callable[[Iterable[str]], dict[str, str]]
_procedures: list[Names] = []


def register(source: Source) -> None:
    """Add a register that names heads of enterprises (called from ``ready()``)."""
    if source not in _sources:
        _sources.append(source)


def entries_of(party: Party) -> list[Entry]:
    """What the registers say of this citizen, each enterprise once."""
    found: dict[str, Entry] = {}
    for source in _sources:
        for entry in source(party):
            found.setdefault(entry.tax_code, entry)
    return list(found.values())


def enterprise_of(entry: Entry) -> Party:
    """The enterprise of an entry, registered now when it is new."""
    mark = blind_index(entry.tax_code)
    known = Party.objects.filter(kind=entry.kind, identifier_hash=mark).first()
    return known or Party.objects.create(kind=entry.kind, name=entry.name[:200], identifier=entry.tax_code)


def register_procedures(names: Names) -> None:
    """Say where the names of procedures come from (called from ``ready()``)."""
    _procedures[:] = [names]


def procedures(codes: Iterable[str]) -> dict[str, str]:
    """Names by code, of those of these procedures that there are."""
    return _procedures[0](list(codes)) if _procedures else {}
