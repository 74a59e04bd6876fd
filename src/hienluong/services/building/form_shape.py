"""The form inside the definition of a procedure: its parts as they are written, and putting others in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.properties import Property, properties

from .schema_operations import Schema
from .yaml_text import put

Definition = Mapping[str, Any]
ORDER = "code title schema pages rules".split()
PAGE_ORDER = "id title help when fields".split()


def form_of(definition: Definition) -> dict[str, Any]:
    """The form; an empty one where the definition has none that can be read."""
    found = definition.get("form")
    return dict(found) if isinstance(found, Mapping) else {}


def schema_of(definition: Definition) -> Schema:
    """The schema of the form as it is written."""
    found = form_of(definition).get("schema")
    return found if isinstance(found, Mapping) else {"type": "object", "properties": {}}


def fields_of(definition: Definition) -> Mapping[str, Property]:
    """The fields with their kinds written out, in the order of the schema."""
    return properties(expanded(schema_of(definition)))


def pages_of(definition: Definition) -> list[dict[str, Any]]:
    """The pages, each with a list of fields."""
    found = form_of(definition).get("pages")
    pages = [dict(page) for page in found if isinstance(page, Mapping)] if isinstance(found, list) else []
    return [{**page, "fields": [str(name) for name in page.get("fields") or ()]} for page in pages]


def with_part(definition: Definition, part: str, value: Any) -> dict[str, Any]:
    """The procedure with another part of its form."""
    return put(definition, "form", put(form_of(definition), part, value, ORDER), ())


def with_schema(definition: Definition, schema: Schema) -> dict[str, Any]:
    """The procedure with other fields in its form."""
    return with_part(definition, "schema", dict(schema))


def with_pages(definition: Definition, pages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The form with other pages; the schema names its fields as they are asked."""
    changed = with_part(definition, "pages", [dict(page) for page in pages])
    asked = [name for page in pages for name in page["fields"]]
    schema = schema_of(changed)
    props = properties(schema)
    order = {name: number for number, name in enumerate(asked)}
    listed = sorted(props, key=lambda name: order.get(name, len(order)))
    if listed == list(props):
        return changed
    rearranged = {**schema, "properties": {name: props[name] for name in listed}}
    if isinstance(schema.get("x-order"), list):
        rearranged["x-order"] = listed
    if isinstance(required := schema.get("required"), list):
        rearranged["required"] = sorted(required, key=lambda name: order.get(name, len(order)))
    return with_schema(changed, rearranged)
