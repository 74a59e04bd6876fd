"""A number stands on the certificates of one record of a register: a constraint of the database, told in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

from ..models import CertificateNumber, Record, Register, Version
from ..queries import value_of
from .section import Certificate

#: Longer than any number is; what is longer is held by its beginning.
_LONGEST = 500


def hold(record: Record, section: Certificate, data: Mapping[str, Any]) -> None:
    """Hold the number that a record is about to say, before it is written; one that it says already needs nothing.

    Two who write the same number at once wait for each other. A number that its record says no more is free again.
    Raises InvalidInput when another record says it, today or on any other day.
    """
    number = str(data.get(section.number) or "")
    if not number:
        return
    said = _saying(record.register_id, section, number)
    if said.filter(record=record).exists():
        return
    about = {"register_id": record.register_id, "number": number[:_LONGEST]}
    CertificateNumber.objects.bulk_create([CertificateNumber(**about, record=record)], ignore_conflicts=True)
    held = CertificateNumber.objects.select_for_update().get(**about)
    if said.exclude(record=record).exists():  # whose it is, the writer need not be able to see
        words = _("Số giấy “%(number)s” đã có ở một bản ghi khác. Hãy kiểm tra lại số.") % {"number": number[:80]}
        raise InvalidInput(words, field=section.number)
    if held.record_id != record.pk:
        held.record = record
        held.save(update_fields=("record",))


def is_taken(register: Register, section: Certificate, number: str) -> bool:
    """Whether a record says this number already, so that a series passes over it."""
    return _saying(register.pk, section, number).exists()


def _saying(register: int, section: Certificate, number: str) -> QuerySet[Version]:
    """What is known now and says this number; read from the index of the field."""
    same = Exact(value_of(section.number, "text"), number)
    return Version.objects.filter(same, register=register, known__upper_inf=True)
