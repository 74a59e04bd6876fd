"""What a new field of a kind that asks for more begins with: its units, its code list, its register.

A field of the same pack that is called the same is followed. Else a register is the one that the pack names most, or the
first of the menu; a code list is the only one there is; units, like a list out of several, are for people to say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hienluong.foundation.schemas.properties import Property, properties
from hienluong.foundation.search.text import fold

from .form_shape import schema_of as form_schema_of
from .register_operations import schema_of
from .workspace import Bench

#: Kind → the word that it cannot do without.
NEEDED = {"quantity": "x-units", "code": "x-list", "reference": "x-register"}
#: What goes along with that word.
_ALONG = {"code": ("x-leaf", "x-under")}


@dataclass(frozen=True)
class Presets:
    """The fields that the pack has, and the menus: value and label. `own` is the register on the bench."""

    used: Sequence[Property] = ()
    lists: Sequence[tuple[str, str]] = ()
    registers: Sequence[tuple[str, str]] = ()
    own: str = ""

    def of(self, kind: str, title: str) -> dict[str, Any]:
        """The words of a new field of this kind; none for a kind that needs none."""
        word = NEEDED.get(kind)
        if word is None:
            return {}
        found = [prop for prop in self.used if prop.get("x-kind") == kind and prop.get(word)]
        wanted = fold(title.strip())
        alike = next((prop for prop in found if wanted and fold(str(prop.get("title", ""))) == wanted), None)
        if alike:
            return {each: alike[each] for each in (word, *_ALONG.get(kind, ())) if each in alike}
        if kind == "code":
            named = self._named_like(kind, title) or (self.lists[0][0] if len(self.lists) == 1 else "")
            return {word: named} if named else {}
        if kind == "quantity":
            return {}
        return {word: self._named_like(kind, title) or _most_used(found, word) or self._first()}

    def _named_like(self, kind: str, title: str) -> str:
        """The register, or the list, that is called as the field is."""
        offered = {"code": self.lists, "reference": self.registers}.get(kind, ())
        wanted = fold(title.strip())
        return next((value for value, label in offered if wanted and fold(label).partition(" (")[0] == wanted), "")

    def _first(self) -> str:
        offered = [value for value, _label in self.registers]
        return next((value for value in offered if value != self.own), offered[0] if offered else "")


NOTHING = Presets()


def of_bench(
    bench: Bench, *, lists: Sequence[tuple[str, str]] = (), registers: Sequence[tuple[str, str]] = (), own: str = ""
) -> Presets:
    """What the fields of a draft begin with; in the menu of registers those of the draft stand first."""
    ours = {str((bench.definition(f"registers/{stem}.yaml") or {}).get("code")) for stem in bench.stems("registers")}
    ordered = sorted(registers, key=lambda each: each[0] not in ours)
    return Presets(list(_fields(bench)), lists, ordered, own)


def _most_used(props: Sequence[Property], word: str) -> Any:
    counted = Counter(str(prop[word]) for prop in props)
    most = counted.most_common(1)[0][0] if counted else ""
    return next((prop[word] for prop in props if str(prop[word]) == most), None)


def _fields(bench: Bench) -> Iterator[Property]:
    """The fields of the draft's registers and forms as they are written, and the columns of their tables."""
    for stem in bench.stems("registers"):
        yield from _with_columns(properties(schema_of(bench.definition(f"registers/{stem}.yaml") or {})))
    for stem in bench.stems("procedures"):
        yield from _with_columns(properties(form_schema_of(bench.definition(f"procedures/{stem}.yaml") or {})))


def _with_columns(props: Mapping[str, Property]) -> Iterator[Property]:
    for prop in props.values():
        yield prop
        items = prop.get("items")
        if isinstance(items, Mapping):
            yield from properties(items).values()
