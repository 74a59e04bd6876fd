"""A box for a record of a register: words are typed, and the browser offers what fits.

Without scripts what fits is offered once the page was sent: to choose from, or taken at once when it is the only one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from hienluong.foundation.schemas import references
from hienluong.foundation.schemas.properties import Property


class ReferenceInput(forms.TextInput):
    """A text box that shows a record as ``KEY - Name``; a list to choose from stands below when no record was meant."""

    template_name = "forms/widgets/reference.html"

    def __init__(self, prop: Property, attrs: dict[str, Any] | None = None) -> None:
        self.prop = prop
        address = f"/api/v1/registers/{prop['x-register']}/names?size={references.MOST}"
        super().__init__({"autocomplete": "off", **(attrs or {}), "data-hl-codes": address})

    def format_value(self, value: Any) -> str | None:
        """A record that may be looked up stands with its name; anything else as it was typed."""
        if value in (None, ""):
            return None
        name = references.shown(self.prop, str(value))
        return f"{value}{references.BETWEEN}{name}" if name is not None else str(value)

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> str | None:
        """What was chosen from the list, else what was typed: the key when the words fit one record only."""
        if chosen := str(data.get(f"{name}__chosen") or ""):
            return chosen
        typed = str(data.get(name) or "").strip()
        for key in (typed, references.spelled(typed)):
            if not key or references.named(self.prop, key) is not None:
                return key or None
        found = references.find(self.prop, typed, 2)
        return found[0].key if len(found) == 1 else typed

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        typed = str(value or "")
        if typed and references.named(self.prop, typed) is None:
            context["widget"]["offered"] = references.find(self.prop, typed)
            context["widget"]["chosen_name"] = f"{name}__chosen"
        return context
