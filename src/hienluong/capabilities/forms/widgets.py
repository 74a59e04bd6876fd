"""Questions with several boxes: a period, a number with its unit, a table of rows, a place on the map."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any, ClassVar

from django import forms
from django.templatetags.static import static
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from hienluong.foundation.schemas.cleaning import coerce
from hienluong.ui.widgets import DateParts

Data = Mapping[str, Any]
Files = MultiValueDict[str, Any]
#: The name of the buttons that ask for one more row of a table: nothing is judged, the page is shown again.
ADD_ROW = "them-dong"
#: Most rows of a table that a page takes; what comes after is not read.
MAX_ROWS = 500


@dataclass(frozen=True)
class Part:
    """One box of a question: its name, its label, how it is typed, whether it must be."""

    name: str
    label: str
    widget: forms.Widget
    required: bool = False
    #: What the part always is, the only unit of a number or the only code of a list: by itself no answer.
    given: str = ""
    #: What stands beside the box before instead of a box of its own: there is nothing to choose.
    beside: str = ""

    @property
    def kind(self) -> str:
        """Which markup goes around the box."""
        if isinstance(self.widget, DateParts | GroupInput):
            return "boxes"
        return "checkbox" if isinstance(self.widget, forms.CheckboxInput) else "box"


class GroupInput(forms.Widget):
    """Several boxes that make one answer: a dictionary by part. Boxes are named ``question__part``."""

    template_name = "forms/widgets/group.html"
    ui_kind = "group"

    def __init__(self, parts: Sequence[Part], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.parts = list(parts)

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        """The first box, so that a link to the question leads somewhere one can type."""
        first = self.parts[0]
        return first.widget.id_for_label(f"{id_}__{first.name}") if id_ else ""

    def value_from_datadict(self, data: Data, files: Files, name: str) -> dict[str, Any] | None:
        return _filled(self.parts, data, files, name) or None

    def value_omitted_from_data(self, data: Data, files: Files, name: str) -> bool:
        return all(part.widget.value_omitted_from_data(data, files, f"{name}__{part.name}") for part in self.parts)

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        base = (attrs or {}).get("id") or f"id_{name}"
        context["widget"]["boxes"] = _boxes(self.parts, name, base, value, tells_optional=self.is_required)
        return context


class TableInput(forms.Widget):
    """Rows of the same boxes: a list of dictionaries. There is always an empty row at the end; a row is taken away by
    ticking a box (or, with JavaScript, at once). Boxes are named ``question__row__column``.
    """

    template_name = "forms/widgets/table.html"
    ui_kind = "group"

    def __init__(self, columns: Sequence[Part], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.columns = list(columns)

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        """The first box of the first row."""
        first = self.columns[0]
        return first.widget.id_for_label(f"{id_}__0__{first.name}") if id_ else ""

    def value_from_datadict(self, data: Data, files: Files, name: str) -> list[dict[str, Any]]:
        rows = []
        for number in range(_count(data.get(f"{name}__rows"))):
            row = _filled(self.columns, data, files, f"{name}__{number}")
            if row and not data.get(f"{name}__{number}__remove"):
                rows.append(row)
        return rows

    def value_omitted_from_data(self, data: Data, files: Files, name: str) -> bool:
        return f"{name}__rows" not in data

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        base = (attrs or {}).get("id") or f"id_{name}"
        values = [*value][:MAX_ROWS] if isinstance(value, list | tuple) else []
        if len(values) < MAX_ROWS:
            values.append({})
        context["widget"]["add_row"] = ADD_ROW
        context["widget"]["rows"] = [
            {
                "number": number + 1,
                "remove": f"{name}__{number}__remove",
                "remove_id": f"{base}__{number}__remove",
                "boxes": _boxes(
                    self.columns, f"{name}__{number}", f"{base}__{number}", row, tells_optional=self.is_required
                ),
            }
            for number, row in enumerate(values)
        ]
        return context


class NumberInput(forms.TextInput):
    """A number as it is written here, also after it was typed otherwise: dots between thousands, a comma before decimals."""

    def __init__(self, kind: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal" if kind == "number" else "numeric", **(attrs or {})})
        self.kind = kind

    def format_value(self, value: object) -> str | None:
        understood = coerce(value, {"type": self.kind}) if isinstance(value, str) else value
        if isinstance(understood, bool) or not isinstance(understood, int | float):
            return None if value in (None, "") else str(value)
        if not isfinite(understood):
            return str(value)
        whole, _dot, decimals = f"{Decimal(repr(understood)):f}".removesuffix(".0").partition(".")
        sign = "-" if whole.startswith("-") else ""  # of -0,5 too
        return f"{sign}{abs(int(whole)):,}".replace(",", ".") + (f",{decimals}" if decimals else "")


class PointInput(forms.TextInput):
    """A place as people write it: latitude first, ``16.75, 107.19`` (degrees, WGS 84). With scripts a map stands below the
    box, on which one touches the place (``frontend/js/place.js``).
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        on_map = {"data-hl-place": reverse("organisations:ground"), "data-hl-place-module": static("ui/dist/place.js")}
        super().__init__({"autocomplete": "off", **(attrs or {}), **on_map})

    @staticmethod
    def typed(value: object) -> str:
        """A GeoJSON point as it is typed; empty for anything else."""
        if not isinstance(value, Mapping) or value.get("type") != "Point":
            return ""
        coordinates = value.get("coordinates")
        longitude, latitude = (*(coordinates if isinstance(coordinates, list) else ()), "", "")[:2]
        return f"{latitude}, {longitude}"

    def format_value(self, value: object) -> str | None:
        return self.typed(value) or (None if value in (None, "") else str(value))


class ShapeInput(forms.Textarea):
    """A line or an area as GeoJSON text."""

    default_rows: ClassVar[int] = 4

    def format_value(self, value: object) -> str | None:
        if isinstance(value, Mapping):
            return json.dumps(value, ensure_ascii=False)
        return None if value in (None, "") else str(value)


def _filled(parts: Sequence[Part], data: Data, files: Files, prefix: str) -> dict[str, Any]:
    found = {part.name: part.widget.value_from_datadict(data, files, f"{prefix}__{part.name}") for part in parts}
    always = {part.name: part.given for part in parts if part.given}
    answered = {name: value for name, value in found.items() if value not in (None, "", [], {}, False)}
    return {**answered, **always} if set(answered) - set(always) else {}


def _boxes(parts: Sequence[Part], name: str, base: str, value: object, *, tells_optional: bool) -> list[dict[str, Any]]:
    """The boxes of a question. `tells_optional`: a box says that it need not be filled in; of a question that need not be
    answered at all, the question says so once."""
    known = value if isinstance(value, Mapping) else {}
    boxes: list[dict[str, Any]] = []
    for part in parts:
        if part.beside and boxes:
            boxes[-1]["suffix"] = part.beside
            continue
        control = f"{base}__{part.name}"
        attrs = {"id": control}
        if part.kind == "box":
            attrs["class"] = "govuk-select" if isinstance(part.widget, forms.Select) else "govuk-input"
        elif part.kind == "checkbox":
            attrs["class"] = "govuk-checkboxes__input"
        boxes.append(
            {
                "label": part.label,
                "required": part.required or not tells_optional,
                "kind": part.kind,
                "id": control,
                "control": part.widget.render(f"{name}__{part.name}", _as_typed(part, known.get(part.name)), attrs),
            }
        )
    return boxes


def _as_typed(part: Part, value: object) -> object:
    """Yes and no as the list to choose from calls them."""
    return str(value).lower() if isinstance(value, bool) and part.kind == "box" else value


def _count(text: object) -> int:
    written = str(text or "")
    return min(int(written), MAX_ROWS) if written.isascii() and written.isdigit() and len(written) < 6 else 0
