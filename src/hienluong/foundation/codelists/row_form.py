"""A row of a table in which codes are written."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise

from hienluong.ui.widgets import TextField

from .rows import MAX_NAME, MAX_VALUE

_DAY = ("%d/%m/%Y", "%Y-%m-%d")


def day_box() -> forms.DateField:
    """A day, as people write it."""
    return forms.DateField(required=False, input_formats=_DAY, widget=forms.DateInput(format="%d/%m/%Y"))


class CodeRowForm(forms.Form):
    """One row: a code, its name, the code above it. A box is called by its column and the number of its row."""

    use_required_attribute = False
    #: What the box of each column is called; ``%(number)d`` is the row, from 1.
    called: ClassVar[Mapping[str, str | Promise]]
    #: Columns that stay as they are where the code is there already.
    kept: ClassVar[Collection[str]] = ()

    code = TextField(required=False, max_length=MAX_VALUE)
    name = TextField(required=False, max_length=MAX_NAME)
    parent = TextField(required=False, max_length=MAX_VALUE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        number = int(str(self.prefix).rpartition("-")[2]) + 1
        self.is_there = bool(self.initial.get("code"))
        for name in self.kept:  # before any fault is looked for
            self.fields[name].disabled = self.is_there
        for name, words in self.called.items():
            field = self.fields[name]
            field.label = str(words) % {"number": number}
            wrong = " govuk-input--error" if self.is_bound and self[name].errors else ""
            field.widget.attrs |= {"class": f"govuk-input{wrong}", "aria-label": field.label, "autocomplete": "off"}
