"""Which records an agreement is about, as people write it: “Giếng sâu = Có”, “Độ sâu (m) từ 10”, a line for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec, compared, order_of
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.cleaning import spelled_out
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.properties import Property, label_of, type_of, widget_of

from . import codes

_ENDS = {"từ": "from", "from": "from", "đến": "to", "to": "to"}
_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")


def read(spec: RegisterSpec, text: str) -> dict[str, str]:
    """The lines as a list is narrowed: name, ``name__from`` or ``name__to`` → value. Raises :class:`InvalidInput`.

    A field is called by its label, or by its name in the definition; what the definition does not know is left for the
    agreement to refuse.
    """
    return dict(_line(spec, line.strip()) for line in text.splitlines() if line.strip())


def told(spec: RegisterSpec, filters: Mapping[str, str]) -> str:
    """The conditions in words."""
    return "; ".join(_told(spec, asked, value) for asked, value in filters.items())


def examples(spec: RegisterSpec) -> str:
    """Conditions that could be written for this register; empty when nothing in it can be compared."""
    found = [words for name, prop in spec.fields.items() if (words := _example(name, prop))]
    alike = next((words for words in found if "=" in words), "")
    ranged = next((words for words in found if "=" not in words), "")
    return "; ".join(filter(None, (alike, ranged)))


def _line(spec: RegisterSpec, line: str) -> tuple[str, str]:
    called = {label_of(name, prop).casefold(): name for name, prop in spec.fields.items()}
    left, equals, right = (part.strip() for part in line.partition("="))
    if equals:
        name, mark, end = left.partition("__")
        name = called.get(name.casefold(), name)
        return f"{name}{mark}{end}", _value(spec.fields.get(name, {}), right)
    for label in sorted((*called, *spec.fields), key=len, reverse=True):
        end, _space, value = line[len(label) :].strip().partition(" ")
        if line.casefold().startswith(label) and end.casefold() in _ENDS and value.strip():
            name = called.get(label, label)
            return f"{name}__{_ENDS[end.casefold()]}", _value(spec.fields[name], value.strip())
    words = {"line": line[:60], "examples": examples(spec)}
    raise InvalidInput(_("Không hiểu “%(line)s”. Ví dụ viết được: %(examples)s.") % words, field="filters")


def _value(prop: Property, text: str) -> str:
    """What is typed, as the data hold it."""
    if order_of(prop) == "unit" and codes.has_codes(part := compared(prop)):
        return codes.meant(part, text)[0]
    labels = prop.get("x-enum-labels")
    if isinstance(labels, Mapping):
        return next((str(code) for code, label in labels.items() if str(label).casefold() == text.casefold()), text)
    if type_of(prop) == "boolean":
        return {"có": "true", "yes": "true", "không": "false", "no": "false"}.get(text.casefold(), text)
    if widget_of(prop) == "date" and _DAY.fullmatch(text):
        try:
            return datetime.strptime(text, "%d/%m/%Y").date().isoformat()
        except ValueError:
            return text
    return (spelled_out(text) or text) if order_of(prop) == "number" else text


def _told(spec: RegisterSpec, asked: str, value: str) -> str:
    name, _mark, end = asked.partition("__")
    prop = spec.fields.get(name, {})
    words = {"label": label_of(name, prop), "value": _shown(prop, value)}
    if end == "from":
        return _("%(label)s từ %(value)s") % words
    if end == "to":
        return _("%(label)s đến %(value)s") % words
    return _("%(label)s: %(value)s") % words


def _shown(prop: Property, value: str) -> str:
    if order_of(prop) == "unit":
        return show(value, compared(prop))
    if type_of(prop) == "boolean" and value in ("true", "false"):
        return show(value == "true", prop)
    if order_of(prop) == "number":
        try:
            return show(int(value) if value.lstrip("-").isdigit() else float(value), prop)
        except ValueError:
            return value
    return show(value, prop)


def _example(name: str, prop: Property) -> str:
    label, labels = label_of(name, prop), prop.get("x-enum-labels")
    if isinstance(labels, Mapping) and labels:
        return f"{label} = {next(iter(labels.values()))}"
    if type_of(prop) == "boolean":
        return f"{label} = {_('Có')}"
    if widget_of(prop) == "date":
        return f"{label} {_('từ')} 01/01/2026"
    return f"{label} {_('từ')} 10" if order_of(prop) == "number" else ""
