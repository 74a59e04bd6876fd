"""Versions of a procedure: what makes two the same, and when each is in force."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.foundation.search.text import fold, sort_key

from .models import Procedure, ProcedureVersion
from .spec import ProcedureSpec

#: Never in force: what becomes of a version that was corrected on the day it came into force.
NEVER = DateRange(empty=True)


def digest(spec: ProcedureSpec) -> str:
    """The fingerprint of a specification; a new optional field of the format does not change it."""
    content = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def stored(spec: ProcedureSpec) -> dict[str, Any]:
    """The specification as it is kept in the database."""
    return spec.model_dump(mode="json", by_alias=True)


def validity(spec: ProcedureSpec) -> DateRange:
    """The days on which a specification says it holds (`effective_to` is its last day)."""
    return DateRange(spec.effective_from, day_after(spec.effective_to))


def day_after(day: date | None) -> date | None:
    """The day after, None for no end."""
    return day + timedelta(days=1) if day else None


def latest_for(spec: ProcedureSpec) -> ProcedureVersion | None:
    """The newest version that was meant for the same first day; a correction has a higher number."""
    meant = ProcedureVersion.objects.filter(
        procedure__code=spec.code, spec_json__effective_from=spec.effective_from.isoformat()
    )
    return meant.order_by("-number").first()


def in_force_before(spec: ProcedureSpec) -> ProcedureVersion | None:
    """The published version that this one follows, by the first day of each; None where it is the first."""
    published = ProcedureVersion.objects.filter(procedure__code=spec.code, state=ProcedureVersion.State.PUBLISHED)
    earlier = published.filter(valid__isempty=False, valid__startswith__lt=spec.effective_from)
    return earlier.order_by("-valid__startswith", "-number").first()


def describe(procedure: Procedure, spec: ProcedureSpec) -> None:
    """Repeat on the procedure what lists show of the version in force. Does not save."""
    procedure.name = spec.name
    procedure.sort_name = sort_key(spec.name)[:700]
    procedure.field_id = spec.field.code
    procedure.online_level = spec.online_level
    procedure.level_2022 = spec.level_2022
    procedure.agency_level = spec.agency.level
    procedure.agency_key = spec.agency.key
    procedure.applicants = list(spec.applicants)
    procedure.life_events = list(spec.life_events)
    procedure.complete = spec.complete
    procedure.search_text = search_text(spec)


def search_text(spec: ProcedureSpec) -> str:
    """What a person may type to find the procedure, folded."""
    parts = (spec.code, spec.name, spec.name_en, spec.field.name, spec.agency.name, *spec.keywords)
    return fold(" ".join(filter(None, parts)))
