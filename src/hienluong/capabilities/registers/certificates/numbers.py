"""A number stands on the certificates of one record of a register: a constraint of the database, told in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet
from django.db.models.lookups import Exact, In
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

from ..models import CertificateNumber, Record, Register, Version
from ..queries import value_of
from .section import Certificate

#: Longer than any number is; what is longer is held by its beginning.
_LONGEST = 500

# In the order of the numbers, so that two batches that share some wait for one another and do not lock each other out. A
# number that is there is locked and stays whose it is until it is known to be free.
_HOLD = """
INSERT INTO registers_certificatenumber (register_id, number, record_id)
SELECT %(register)s, number, record FROM unnest(%(numbers)s::text[], %(records)s::bigint[]) AS given (number, record)
 ORDER BY number
ON CONFLICT (register_id, number) DO UPDATE SET number = excluded.number
"""
_GIVE = """
UPDATE registers_certificatenumber AS held SET record_id = given.record
  FROM unnest(%(numbers)s::text[], %(records)s::bigint[]) AS given (number, record)
 WHERE held.register_id = %(register)s AND held.number = given.number AND held.record_id <> given.record
"""


class Wanted(NamedTuple):
    """The number that a record is about to say, and the field it says it in."""

    field: str
    number: str

    @property
    def held(self) -> str:
        """The part of it that is held."""
        return self.number[:_LONGEST]

    @property
    def taken(self) -> InvalidInput:
        """What is said to whoever wants a number of another record; whose it is, they need not be able to see."""
        words = _("Số giấy “%(number)s” đã có ở một bản ghi khác. Hãy kiểm tra lại số.") % {"number": self.number[:80]}
        return InvalidInput(words, field=self.field)

    @property
    def twice(self) -> InvalidInput:
        """What is said of a row of a batch whose number an earlier row has."""
        words = _("Số giấy “%(number)s” đã có ở một dòng trước. Hãy kiểm tra lại số.") % {"number": self.number[:80]}
        return InvalidInput(words, field=self.field)


def wanted(section: Certificate | None, data: Mapping[str, Any]) -> Wanted | None:
    """The number that these data say; None when they say none."""
    number = str(data.get(section.number) or "") if section else ""
    return Wanted(section.number, number) if section and number else None


def hold(record: Record, section: Certificate, data: Mapping[str, Any]) -> None:
    """Hold the number that a record is about to say, before it is written; one that it says already needs nothing.

    Two who write the same number at once wait for each other. A number that its record says no more is free again.
    Raises InvalidInput when another record says it, today or on any other day.
    """
    asked = wanted(section, data)
    if asked is None:
        return
    said = _saying(record.register_id, section, asked.number)
    if said.filter(record=record).exists():
        return
    about = {"register_id": record.register_id, "number": asked.held}
    CertificateNumber.objects.bulk_create([CertificateNumber(**about, record=record)], ignore_conflicts=True)
    held = CertificateNumber.objects.select_for_update().get(**about)
    if said.exclude(record=record).exists():
        raise asked.taken
    if held.record_id != record.pk:
        held.record = record
        held.save(update_fields=("record",))


def hold_many(register: Register, asked: Mapping[int, Wanted]) -> set[int]:
    """As :func:`hold` for many new records (by their id) that say nothing yet and each another number: those that lost.

    Whoever wrote a number first, in a transaction that was waited for, has it; the records that lost hold none.
    """
    if not asked:
        return set()
    said: dict[str, Any] = {
        "register": register.pk,
        "numbers": [one.held for one in asked.values()],
        "records": list(asked),
    }
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, said)
        theirs = taken(register, asked.values())
        lost = {record for record, one in asked.items() if one in theirs}
        free = {record: one.held for record, one in asked.items() if record not in lost}
        cursor.execute(_GIVE, {**said, "numbers": list(free.values()), "records": list(free)})
    if lost:
        CertificateNumber.objects.filter(record__in=lost).delete()
    return lost


def taken(register: Register, asked: Iterable[Wanted]) -> set[Wanted]:
    """Those numbers that a record says already; one query for each field that numbers stand in, which is one."""
    by_field: dict[str, set[str]] = {}
    for one in asked:
        by_field.setdefault(one.field, set()).add(one.number)
    found: set[Wanted] = set()
    for field, numbers in by_field.items():
        said = _known(register.pk).filter(In(value_of(field, "text"), sorted(numbers)))
        found |= {Wanted(field, number) for number in said.values_list(f"data__{field}", flat=True)}
    return found


def is_taken(register: Register, section: Certificate, number: str) -> bool:
    """Whether a record says this number already, so that a series passes over it."""
    return _saying(register.pk, section, number).exists()


def _saying(register: int, section: Certificate, number: str) -> QuerySet[Version]:
    """What is known now and says this number; read from the index of the field."""
    return _known(register).filter(Exact(value_of(section.number, "text"), number))


def _known(register: int) -> QuerySet[Version]:
    return Version.objects.filter(register=register, known__upper_inf=True)
