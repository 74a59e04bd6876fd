"""Reads of charges."""

from __future__ import annotations

from .models import Charge


def charges_of(subject_ref: str) -> list[Charge]:
    """Every charge of one thing, oldest first."""
    return list(Charge.objects.filter(subject_ref=subject_ref).order_by("pk"))
