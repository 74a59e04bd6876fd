"""Writing down whose data was read out of a register, so that they can see it (Luật 91/2025/QH15)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.audit.reads import log_reads
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index

from .definition import RegisterSpec
from .models import Record, Register, Version
from .queries import Row


def write_down(
    actor: Actor,
    spec: RegisterSpec,
    numbers: Collection[str],
    fields: Collection[str],
    purpose: str,
    *,
    agreement: str = "",
    organization: int | None = None,
) -> None:
    """Write down that `fields` of the persons with these numbers were read by `actor`, at `organization` (else its own).

    Somebody whom the house does not know as a party leaves no trace here; the register's own log does.
    """
    hashes = {blind_index(number) for number in numbers if number}
    if not hashes or not fields:
        return
    parties = Party.objects.filter(identifier_hash__in=list(hashes)).values_list("pk", flat=True)
    log_reads(
        [
            PersonalDataRead(
                party_id=party,
                actor_id=actor.account_id,
                actor_label=actor.label[:200],
                organization_id=organization or actor.organization_id,
                fields=sorted(fields),
                purpose=purpose[:200],
                subject=spec.code,
                agreement=agreement,
                ip=actor.ip,
            )
            for party in parties
        ]
    )


def numbers_of(register: Register, spec: RegisterSpec, records: Collection[int]) -> set[str]:
    """The numbers of the persons that these records are about now, whatever of it the reader may see."""
    if not spec.subject or not records:
        return set()
    now = Q(known__upper_inf=True, valid__contains=timezone.now())
    said = Version.objects.filter(now, register=register, record_id__in=list(records))
    return {str(number) for number in said.values_list(f"data__{spec.subject}", flat=True) if number}


def numbers_ever(spec: RegisterSpec, record: Record) -> set[str]:
    """The numbers of all persons that a record was ever about: who is told its history is told of each of them."""
    if not spec.subject:
        return set()
    said = Version.objects.filter(register=record.register_id, record=record)
    return {str(number) for number in said.values_list(f"data__{spec.subject}", flat=True).distinct() if number}


def persons(rows: Iterable[Row]) -> set[str]:
    """The numbers of the persons whom these rows of a list are about, whatever of it the reader may see."""
    return {row.subject for row in rows if row.subject}


def numbers_in(spec: RegisterSpec, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """The numbers of persons that stand in these records, as the register has them."""
    return {str(row[spec.subject]) for row in rows if spec.subject and row.get(spec.subject)}


def is_open_to_all(spec: RegisterSpec, fields: Collection[str]) -> bool:
    """Whether everybody may read these fields: such a look tells nobody anything, and is not written down."""
    return set(fields) <= spec.readable(spec.access.public)
