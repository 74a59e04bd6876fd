"""Answers the government already holds: never asked for again."""

from __future__ import annotations

from collections.abc import Mapping
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


def prefilled_fields(form: Form) -> dict[str, str]:
    """Field name → its prefill source, for showing a person where an answer came from."""
    return {name: str(prop["x-prefill"]) for name, prop in properties(form.data_schema).items() if "x-prefill" in prop}
