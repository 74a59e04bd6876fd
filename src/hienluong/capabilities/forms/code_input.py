"""A box for a code of a list that is too long to choose from: code or name is typed, and the browser offers what fits."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms

from hienluong.foundation.schemas import lists, units
from hienluong.foundation.schemas.properties import Property


class CodeInput(forms.TextInput):
    """A text box that shows a code with its name (``0111 - Trồng lúa``, ``Xã Cửa Việt - 19496``); without scripts, code or name is typed whole."""

    def __init__(self, prop: Property, attrs: dict[str, Any] | None = None) -> None:
        self.prop = prop
        under, leaf = prop.get("x-under"), prop.get("x-leaf")
        asked = {**({"under": under} if under else {}), **({"leaf": "true"} if leaf else {}), "size": 20}
        address = f"/api/v1/codelists/{prop['x-list']}/codes?{urlencode(asked)}"
        self.name_first = prop["x-list"] == units.LIST
        order = {"data-hl-name-first": True} if self.name_first else {}
        super().__init__({"autocomplete": "off", **(attrs or {}), "data-hl-codes": address, **order})

    def format_value(self, value: Any) -> str | None:
        """A code that is in the list stands with its name; anything else as it was typed."""
        if value in (None, ""):
            return None
        found = lists.item_on(str(self.prop["x-list"]), str(value), lists.today())
        if found is None:
            return str(value)
        return f"{found.label} - {found.value}" if self.name_first else f"{found.value} - {found.label}"
