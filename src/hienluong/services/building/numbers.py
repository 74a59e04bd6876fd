"""Boxes for numbers that need not be whole, read as everywhere else: “1.250,5” and “1250,5” are the same number."""

from __future__ import annotations

from typing import Any

from django import forms

from hienluong.capabilities.forms.widgets import NumberInput
from hienluong.foundation.schemas.cleaning import spelled_out


def _digits(value: object) -> object:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    return (spelled_out(text) or value) if text else value


class TypedNumberField(forms.FloatField):
    """A number."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=NumberInput("number"), **options)

    def to_python(self, value: object) -> Any:
        return super().to_python(_digits(value))


class TypedDecimalField(forms.DecimalField):
    """A number of at most 18 digits, 6 of them decimals, kept exactly."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=18, decimal_places=6, widget=NumberInput("number"), **options)

    def to_python(self, value: object) -> Any:
        return super().to_python(_digits(value))
