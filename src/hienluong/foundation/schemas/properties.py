"""Reading a schema: its fields, and what each is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop

Property = Mapping[str, Any]

#: What ``x-widget`` may say.
WIDGETS = frozenset(
    ("text", "textarea", "radios", "select", "date", "money", "phone", "email", "personal-id", "commune", "checkbox")
)


#: What the parts of a kind are called (see `kinds`): our own words, not the author's, so every language has them.
_PARTS = frozenset(
    (
        gettext_noop("Giá trị"),
        gettext_noop("Đơn vị"),
        gettext_noop("Từ ngày"),
        gettext_noop("Đến ngày"),
        gettext_noop("Tuyến đường"),
        gettext_noop("Số nhà, đường, thôn"),
        gettext_noop("Xã, phường, đặc khu"),
    )
)


def properties(schema: Mapping[str, Any]) -> Mapping[str, Property]:
    """The top-level fields of a schema by name, as ``x-order`` puts them: some stores forget the order of keys."""
    found = schema.get("properties", {})
    if not isinstance(found, Mapping):
        return {}
    order = schema.get("x-order")
    if isinstance(order, list) and set(order) == set(found):
        return {name: found[name] for name in order}
    return found


def type_of(prop: Property) -> str:
    """The JSON type of a field; the first that is not ``null`` when there are several, ``string`` when none is said."""
    declared = prop.get("type", "")
    if isinstance(declared, str) and declared and declared != "null":
        return declared
    kinds = declared if isinstance(declared, list) else [declared]
    for kind in kinds:
        if kind and kind != "null":
            return str(kind)
    options = prop.get("enum") or ([prop["const"]] if "const" in prop else [])
    if options and all(isinstance(option, bool) for option in options):
        return "boolean"
    if options and all(isinstance(option, int) for option in options):
        return "integer"
    return "string"


def widget_of(prop: Property) -> str:
    """The widget of a field: what ``x-widget`` says, else what its type and format call for."""
    if declared := prop.get("x-widget"):
        return str(declared)
    kind = type_of(prop)
    if kind == "boolean":
        return "checkbox"
    if kind == "array":
        return "checkbox" if isinstance(prop.get("items"), Mapping) and prop["items"].get("enum") else "textarea"
    if "enum" in prop:
        return "radios" if len(prop["enum"]) <= 6 else "select"
    if prop.get("format") in ("date", "email"):
        return str(prop["format"])
    return "textarea" if prop.get("maxLength", 0) > 300 else "text"


_YEAR = re.compile(r"(năm|year)\b|.*\byear$", re.IGNORECASE)


def is_year(prop: Property) -> bool:
    """Whether a whole number is a year, which nobody groups: its limits or its label say so."""
    lowest, highest = prop.get("minimum"), prop.get("maximum")
    if type_of(prop) != "integer":
        return False
    if isinstance(lowest, int | float) and isinstance(highest, int | float):
        return lowest >= 1000 and highest <= 3000
    return _YEAR.match(str(prop.get("title", ""))) is not None


def label_of(name: str, prop: Property) -> str:
    """The question as the person reads it."""
    label = str(prop.get("title") or name)
    return gettext(label) if label in _PARTS else label
