"""What the names and codes in definitions mean, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.schemas.properties import label_of

from .differences import fields_of


def called(definitions: Iterable[Any]) -> dict[str, str]:
    """What fields of these definitions, and of installed registers that they name, are called, and the registers and
    procedures themselves; by names and codes. Definitions may be as faulty as drafts are."""
    ours = [each for each in definitions if isinstance(each, Mapping)]
    mine = {str(each.get("code")) for each in ours}
    labels: dict[str, str] = {}
    for each in [*_installed(set(_registers_named(ours)) - mine), *ours]:
        labels |= {name: label_of(name, prop) for name, prop in fields_of(each).items()}
        code, title = each.get("code"), each.get("title") or each.get("name")
        if isinstance(code, str) and isinstance(title, str):
            labels[code] = title
    return labels


def _registers_named(part: Any) -> Iterator[str]:
    """The codes of registers that a definition names."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            if key in ("register", "x-register") and isinstance(inner, str):
                yield inner
            elif key == "from" and isinstance(inner, str) and inner.startswith("register "):
                yield inner.removeprefix("register ").strip()
            else:
                yield from _registers_named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _registers_named(inner)


def _installed(codes: set[str]) -> list[Mapping[str, Any]]:
    """The newest definitions of these registers that are here."""
    found = Definition.objects.filter(register__code__in=codes).order_by("register__code", "version")
    return list(dict(found.values_list("register__code", "spec")).values())
