"""What people will see of a register: its form (the real form engine), its list, before anything is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from hienluong.capabilities.forms import fields
from hienluong.capabilities.forms.one_page import OnePage
from hienluong.capabilities.registers import checking
from hienluong.foundation.organisations import queries
from hienluong.foundation.schemas import expressions, lists
from hienluong.foundation.schemas.checking import schema_fault
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.properties import Property, label_of, properties

from .field_properties import kind_of
from .register_operations import Definition, schema_of

#: Most agencies that the trial of a form offers.
MOST_AGENCIES = 400
#: What a list shows as an example of each kind.
_EXAMPLES: dict[str, Sequence[Any]] = {
    "integer": (12, 7, 130),
    "number": (12.5, 7.25, 130.0),
    "money": (1_500_000, 250_000, 12_000_000),
    "date": ("2026-01-15", "2026-03-02", "2026-10-30"),
    "flag": (True, False, True),
    "period": ({"from": "2026-01-15", "to": "2026-06-30"}, {"from": "2026-03-02"}, {"from": "2025-10-01"}),
    "personal-id": ("045190001234", "045085000321", "045200004567"),
    "enterprise-id": ("3200000012", "3200000020", "3200000037"),
    "phone": ("0912345678", "0905123456", "0988777666"),
    "email": ("cho@vidu.vn", "lienhe@vidu.vn", "banql@vidu.vn"),
    "plate": ("74A-12345", "74C-00122", "74B-55501"),
    "point": tuple({"type": "Point", "coordinates": [107.1 + n / 10, 16.7 + n / 10]} for n in range(3)),
    "chainage": ({"route": "QL1", "km": 750, "m": 300}, {"route": "QL9", "km": 12}, {"route": "ĐT571", "km": 3, "m": 50}),
    "multilingual": ({"vi": _("Ví dụ thứ nhất")}, {"vi": _("Ví dụ thứ hai")}, {"vi": _("Ví dụ thứ ba")}),
}  # fmt: skip


def trial(definition: Definition) -> OnePage | None:
    """The form of a definition, computed fields and rules included; None when its schema cannot be read."""
    schema = _readable(schema_of(definition))
    if schema is None:
        return None
    computed = definition.get("computed")
    for name, how in computed.items() if isinstance(computed, Mapping) else ():
        if name in schema["properties"]:
            schema["properties"][name]["x-computed"] = str(how)
    title = str(definition.get("title", ""))
    if (name := str(definition.get("responsible", ""))) in schema["properties"]:
        schema["properties"][name] |= _of_agencies()
    ours = _written_by_acts(definition)
    names = [name for name in properties(schema) if name not in ours]
    asked = {**schema, "properties": {name: prop for name, prop in schema["properties"].items() if name not in ours}}
    asked["required"] = [name for name in schema.get("required", ()) if name not in ours]
    asked.pop("x-order", None)
    return OnePage("xem-thu", title, asked, names)


def _of_agencies() -> dict[str, Any]:
    """A field takes one of the agencies, as in the form of a record."""
    offered = dict(queries.agencies().order_by("sort_name", "name").values_list("code", "name")[:MOST_AGENCIES])
    return {"enum": list(offered), "x-enum-labels": offered, "x-widget": "select"} if offered else {}


def _written_by_acts(definition: Definition) -> set[str]:
    """The fields of the certificate: issuing it writes them, nobody fills them in."""
    section = definition.get("certificate")
    parts = ("number", "issued", "expires", "standing", "suspended")
    key = definition.get("key")
    own = str(key.get("field", "")) if isinstance(key, Mapping) else ""
    return (
        {str(section[part]) for part in parts if section.get(part)} - {own} if isinstance(section, Mapping) else set()
    )


def form_of(shown: OnePage, definition: Definition, post: MultiValueDict[str, str] | None) -> fields.PageForm:
    """The form, blank or judged as typed: by the form engine and, as a record that is written, by the rules of the register."""
    form = fields.bind(shown.pages[0], shown, {}, post)
    if not form.is_bound:
        return form
    wrong, data = set(form.errors), form.outcome.data
    sound = {name: value for name, value in data.items() if name not in wrong}
    computed = definition.get("computed")
    formulas = {name: str(how) for name, how in computed.items()} if isinstance(computed, Mapping) else {}
    for reads, rule in checking.broken_rules(_rules(definition), formulas, sound):
        if not reads & wrong:
            form.add_error(rule["field"] if rule["field"] in form.fields else None, rule["message"])
    return form


def _rules(definition: Definition) -> list[Mapping[str, str]]:
    """The rules, but for those about what only the acts of the certificate write."""
    ours = _written_by_acts(definition)
    return [
        rule
        for rule in definition.get("rules") or ()
        if isinstance(rule, Mapping)
        and set(rule) == {"when", "field", "message"}
        and not ours & {rule["field"], *expressions.variables(rule["when"])}
    ]


def question(name: str, prop: Property, *, required: bool) -> BoundField | None:
    """One field as whoever fills it in will see it; None when it cannot be read."""
    schema = _readable({"type": "object", "properties": {name: prop}, "required": [name] if required else []})
    return fields.question(OnePage("xem-thu", "", schema, [name]), name) if schema else None


def columns(definition: Definition, names: Sequence[str]) -> list[str]:
    """The headings of a list."""
    known = properties(schema_of(definition))
    return [label_of(name, known[name]) for name in names if name in known]


def rows(definition: Definition, names: Sequence[str]) -> list[list[str]]:
    """Three made-up rows of a list."""
    known = properties(schema_of(definition))
    return [[_example(known[name], number) for name in names if name in known] for number in range(3)]


def _example(prop: Property, number: int) -> str:
    options = prop.get("enum")
    if isinstance(options, list) and options:
        return show(options[number % len(options)], expanded(prop))
    kind = kind_of(prop)
    if made := _EXAMPLES.get(kind):
        return show(made[number], expanded(prop))
    if kind == "quantity":
        units = prop.get("x-units") or [""]
        return show({"value": _EXAMPLES["number"][number], "unit": units[0]}, expanded(prop))
    if prop.get("x-list"):
        names = [item.label for item in lists.allowed(prop)[:3]]
        return names[number % len(names)] if names else ""
    return _("Ví dụ %(number)d") % {"number": number + 1}


def _readable(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    whole = expanded(schema)
    named = whole.get("properties")
    if not isinstance(named, Mapping) or schema_fault(whole):
        return None
    return {**whole, "properties": {name: dict(prop) for name, prop in named.items()}}
