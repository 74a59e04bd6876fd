"""Reads of charges."""

from __future__ import annotations

from .models import Charge


def charges_of(subject_ref: str) -> list[Charge]:
    """Every charge of one thing, oldest first, with what was paid and given back: three queries, however many."""
    return list(Charge.objects.filter(subject_ref=subject_ref).order_by("pk").prefetch_related("payments__refund"))
