"""Asking other agencies for an opinion: which ones, in which round, until when; and no longer asking."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from hienluong.foundation.calendars import deadlines
from hienluong.foundation.organisations.models import Organization

from .competence import commune_of, department_named, division_named
from .models import Dossier, Opinion

#: Key of an agency that means "the commune where the matter is": a committee, not one of its divisions.
COMMUNE_KEY = "UBNDX"
WORKING_DAYS = 5


def ask(dossier: Dossier, asked_by: int | None) -> list[Opinion]:
    """Ask every agency that the process names, as a new round. The caller holds the lock on the dossier."""
    now, today = timezone.now(), timezone.localdate()
    last = Opinion.objects.filter(dossier=dossier).aggregate(last=Max("round"))["last"] or 0
    asked = []
    for place, wanted in enumerate(dossier.process.params.get("opinions", [])):
        key, name = str(wanted.get("key", "")), str(wanted.get("name", ""))
        organization = organization_for(dossier, key, wanted, on=today)
        due = deadlines.compute(
            now, int(wanted.get("working_days", WORKING_DAYS)), "working_day", organization or dossier.competent
        ).due
        asked.append(
            Opinion(
                dossier=dossier,
                organization=organization or dossier.handling,
                round=last + 1,
                place=place,
                name=name[:300] or key,
                asked_at=now,
                asked_by_id=asked_by,
                due_at=due,
                tacit_allowed=bool(wanted.get("tacit", False)) and organization is not None,
            )
        )
    return Opinion.objects.bulk_create(asked)


def organization_for(dossier: Dossier, key: str, wanted: dict[str, Any], *, on: date) -> Organization | None:
    """The agency that a key means for this dossier; None when it is outside the system and is asked by letter.

    A division is looked for in the commune where the matter is (the field named in ``commune_field``, else the form's
    only commune, else the competent commune), then in the competent organisation; then a department of the province.
    """
    commune = commune_of(dossier.procedure_version.spec, dossier.data, str(wanted.get("commune_field", "")), on=on)
    if commune is None and dossier.competent.kind == Organization.Kind.COMMUNE:
        commune = dossier.competent
    if key == COMMUNE_KEY:
        return commune
    for place in (commune, dossier.competent):
        division = division_named(place, key, on=on) if place else None
        if division:
            return division
    return department_named(key, on=on)


def withdraw_open(dossier: Dossier, at: datetime) -> int:
    """Stop asking for what was not given: the dossier has ended or begins again. Returns how many."""
    return Opinion.objects.filter(dossier=dossier, given_at__isnull=True, withdrawn_at__isnull=True).update(
        withdrawn_at=at
    )
