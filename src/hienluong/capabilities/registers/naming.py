"""Records by their keys and names, for questions that refer to one: as far as the reader may list them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.schemas.references import Found

from . import looks, queries
from .actions import definition_on, spec_of
from .definition import RegisterSpec
from .models import Register, Version
from .queries import Scope, Wish


class Records:
    """The source of references (:class:`hienluong.foundation.schemas.references.Source`)."""

    def named(self, reader: Actor, register: str, key: str) -> str | None:
        """What the record with this key is called now; None when there is none that the reader may list."""
        there = _there(reader, register, key)
        return str(there[1].get(there[0].name) or key) if there else None

    def told(self, reader: Actor, register: str, key: str) -> None:
        """Write down that the reader is shown by its name the record with this key."""
        if there := _there(reader, register, key):
            spec, data = there
            _write_down(reader, spec, looks.numbers_in(spec, [data]))

    def find(self, reader: Actor, register: str, words: str, most: int) -> Sequence[Found]:
        """The records that fit some words, with or without diacritics, or whose key it is."""
        text = words.replace("\x00", "").strip()[:200]
        for found, spec, scope in _opened(reader, register):
            try:
                page = queries.find(found, spec, scope, Wish(text=text, size=most))
            except InvalidInput:  # words that one may not search by: only a whole key finds
                name = self.named(reader, register, text)
                if name is not None:
                    self.told(reader, register, text)
                    return [Found(text, name)]
                continue
            if page.rows:
                _write_down(reader, spec, looks.persons(page.rows))
                return [Found(row.key, str(row.data.get(spec.name) or row.key)) for row in page.rows]
        return []

    def only(self, reader: Actor, register: str) -> Found | None:
        """The record that the reader may list when there is one only."""
        for found, spec, scope in _opened(reader, register):
            rows = queries.find(found, spec, scope, Wish(size=2)).rows
            if rows:
                row = rows[0]
                return Found(row.key, str(row.data.get(spec.name) or row.key)) if len(rows) == 1 else None
        return None


def told(reader: Actor, records: Mapping[str, Collection[int]], purpose: str) -> None:
    """Write down that records were shown to `reader` by their names: their numbers, by the code of their register.

    What a record said last says whom it is about. A constant number of queries for each register that is about persons.
    """
    for register in Register.objects.filter(code__in=list(records)).order_by("code"):
        spec = spec_of(definition_on(register, timezone.localdate()))
        if not spec.subject:
            continue
        known = Version.objects.filter(
            register=register, record_id__in=list(records[register.code]), known__upper_inf=True
        )
        newest = known.order_by("record_id", "-valid").distinct("record_id")
        numbers = {str(number) for number in newest.values_list(f"data__{spec.subject}", flat=True) if number}
        looks.write_down(reader, spec, numbers, {spec.name, spec.key.field} - {""}, purpose)


def _there(reader: Actor, code: str, key: str) -> tuple[RegisterSpec, Mapping[str, Any]] | None:
    """What the record with this key says now, where the reader may list it."""
    for register, spec, scope in _opened(reader, code):
        rows = queries.as_of(register).filter(scope.rows, key=key.replace("\x00", ""))
        data = rows.values_list("data", flat=True).first()
        if data is not None:
            return spec, data
    return None


def _opened(reader: Actor, code: str) -> Iterator[tuple[Register, RegisterSpec, Scope]]:
    """The scopes of a register in which the reader sees keys and names: all records, then those of their own posts."""
    register = Register.objects.select_related("owner").filter(code=code.replace("\x00", "")).first()
    if register is None:
        return
    spec = spec_of(definition_on(register, timezone.localdate()))
    scopes = [queries.whole(reader, register, spec)]
    if reader.paths_with("registers.read"):
        scopes.append(queries.own(reader, spec))
    for scope in scopes:
        if {spec.name, spec.key.field} - {""} <= scope.fields:
            yield register, spec, scope


def _write_down(reader: Actor, spec: RegisterSpec, persons: Collection[str]) -> None:
    shown = {spec.name, spec.key.field} - {""}
    if not looks.is_open_to_all(spec, shown):
        looks.write_down(reader, spec, persons, shown, f"Tra cứu: {spec.title}")
