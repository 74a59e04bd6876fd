"""Answers the government already holds: never asked for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hienluong.foundation.schemas.cleaning import coerce
from hienluong.foundation.schemas.properties import properties

from .definition import Form


def prefill(form: Form, sources: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Answers from what is known: ``{"party": {"name": …, "identifier": …}}`` by the ``x-prefill`` of each field."""
    known: dict[str, Any] = {}
    for name, prop in properties(form.data_schema).items():
        source, _, key = str(prop.get("x-prefill", "")).partition(".")
        raw = sources.get(source, {}).get(key)
        value = None if raw in (None, "") else coerce(raw, prop)
        if value not in (None, "", []):
            known[name] = value
    return known


@dataclass(frozen=True)
class Source:
    """A field of a register that fills a field of a form (``x-prefill: register.<code>.<field>``).

    `named_by` is the field of the form whose answer is the key of the record (``x-prefill-key``); empty: the person's
    only record, or the one that they choose. `locked`: what is filled in is not changed, only contested
    (``x-prefill-locked``).
    """

    name: str  # the field of the form
    register: str
    field: str
    named_by: str = ""
    locked: bool = False


def source_of(name: str, prop: Mapping[str, Any]) -> Source | None:
    """The register's field that fills this field; None when none does."""
    kind, _, rest = str(prop.get("x-prefill", "")).partition(".")
    register, _, field = rest.rpartition(".")
    if kind != "register" or not register:
        return None
    return Source(name, register, field, str(prop.get("x-prefill-key", "")), bool(prop.get("x-prefill-locked")))


def register_sources(form: Form) -> dict[str, Source]:
    """The fields that registers fill, by name."""
    found = {name: source_of(name, prop) for name, prop in properties(form.data_schema).items()}
    return {name: source for name, source in found.items() if source}


def prefilled_fields(form: Form) -> dict[str, str]:
    """Field name → its prefill source, for showing a person where an answer came from."""
    return {name: str(prop["x-prefill"]) for name, prop in properties(form.data_schema).items() if "x-prefill" in prop}
