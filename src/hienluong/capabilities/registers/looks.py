"""Writing down whose data was read out of a register, so that they can see it (Luật 91/2025/QH15)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
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

#: Who was refused what: one line each.
refusals = logging.getLogger("hienluong.refused")


def note_hidden(actor: Actor, register: Register, record: int) -> None:
    """Write into the log of the run that somebody asked for a record of which they may read nothing, and were told that
    there is none."""
    refusals.warning(
        "account %s of organisation %s was refused record %s of register %s",
        actor.account_id or "-",
        actor.organization_id or "-",
        record,
        register.code,
    )


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

    A look at somebody whom the house does not know as a party (no account, no dossier) is not written down: there is nobody
    to show it to.
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


def numbers_of(
    register: Register,
    spec: RegisterSpec,
    records: Collection[int],
    valid: datetime | None = None,
    known: datetime | None = None,
) -> set[str]:
    """The numbers of the persons that these records are about at a moment (None: now), whatever of it the reader may see;
    where a record has ended by then, of those that it was last about."""
    if not spec.subject or not records:
        return set()
    then = Q(known__contains=known) if known else Q(known__upper_inf=True)
    said = Version.objects.filter(
        then, register=register, record_id__in=list(records), valid__startswith__lte=valid or timezone.now()
    )
    newest = said.order_by("record_id", "-valid").distinct("record_id")
    return {str(number) for number in newest.values_list(f"data__{spec.subject}", flat=True) if number}


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
