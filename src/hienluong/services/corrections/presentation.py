"""A request to correct a record, in words. A list costs a constant number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.properties import label_of

from . import following
from .models import Correction

COLOURS = {"open": "yellow", "taken": "blue", "accepted": "green", "refused": "red", "withdrawn": "grey"}


@dataclass(frozen=True)
class Told:
    """One request as people read it."""

    one: Correction
    place: str  # the organisation that answers
    register: str
    label: str
    said: str
    right: str
    colour: str
    late: bool  # decided after its term, or not yet and over it
    reply_late: bool


def told(requests: Sequence[Correction]) -> list[Told]:
    """Requests in words: the register and the field by name, both values as people write them."""
    specs = _specs({one.register_id for one in requests})
    places = following.places_of(requests)
    return [_one(one, places[one.pk].name, specs) for one in requests]


def _specs(registers: set[int]) -> Mapping[int, RegisterSpec]:
    found = Definition.objects.filter(register__in=registers, valid__contains=timezone.localdate())
    return {one.register_id: spec_of(one) for one in found}


def _one(one: Correction, place: str, specs: Mapping[int, RegisterSpec]) -> Told:
    spec = specs.get(one.register_id)
    prop, now = spec.fields.get(one.field, {}) if spec else {}, timezone.now()
    return Told(
        one,
        place,
        spec.title if spec else one.register.code,
        label_of(one.field, prop),
        show(one.said, prop) or "—",
        show(one.right, prop),
        COLOURS[one.state],
        one.is_late(now),
        one.reply_is_late(now),
    )
