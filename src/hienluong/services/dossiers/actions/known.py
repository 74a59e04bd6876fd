"""What is known of a person in their draft: which record they mean, and what they say is wrong with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.registers.models import Record
from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.schemas.cleaning import coerce
from hienluong.foundation.schemas.properties import properties
from hienluong.services.corrections import actions as corrections
from hienluong.services.corrections.models import Correction

from .. import fetching, known, prefilling
from ..models import Draft
from .drafts import locked_draft, matter_of, taken_over


@action("dossiers.choose_record")
def choose_record(act: Act, *, draft: Draft, register: str, record: int) -> Draft:
    """Say which of several records in a register the draft is about; 0: none of them. Only the person's own count."""
    now = locked_draft(act, draft)
    if now.subject is None or not act.actor.acts_for(now.subject_id):
        raise NotAllowed(_("Chỉ điền sẵn dữ liệu của chính bạn hoặc bên bạn đại diện."))
    theirs = {held.version.record_id for held in known.held_by(register, now.subject)}
    if record and record not in theirs:
        raise InvalidInput(_("Hãy chọn một mục trong danh sách."), field="record")
    now.records = {**now.records, register: record}
    prefilling.fill(act, now, only={register})
    now.save(update_fields=("records", "data", "origins", "updated_at"))
    act.record(now, after={"register": register, "record": record, "fields": sorted(now.origins)})
    return taken_over(draft, now)


@action("dossiers.find_papers")
def find_papers(act: Act, *, draft: Draft) -> Draft:
    """Look for the papers that need not be handed in, now that the agency and the answers are known."""
    now = locked_draft(act, draft)
    found: dict[str, fetching.Found] = {}
    if now.subject is not None and act.actor.acts_for(now.subject_id):
        found = fetching.find(act, matter_of(now, now.data), now.found)
    if found != now.found:
        now.found = found
        now.save(update_fields=("found", "updated_at"))
    act.record(now, after={"papers": sorted(found)})
    return taken_over(draft, now)


def contest(
    actor: Actor, *, draft: Draft, field: str, wrong: str, right: Any, evidence: UUID | None = None
) -> Correction:
    """Contest an answer that a register gave: opens a request to correct it, and goes on with what the person says.

    Only the person concerned may; anybody else is refused, and that is written down.
    """
    try:
        return _contest(actor, draft=draft, field=field, wrong=wrong, right=right, evidence=evidence)
    except NotAllowed as error:
        number = (draft.origins.get(field) or {}).get("record")
        record = Record.objects.filter(pk=number).first() if number else None
        if record:
            corrections.turn_away(actor, record=record, field=field, message=str(error.message))
        raise


@action("dossiers.contest")
def _contest(act: Act, *, draft: Draft, field: str, wrong: str, right: Any, evidence: UUID | None) -> Correction:
    now = locked_draft(act, draft)
    origin, subject, form = now.origins.get(field), now.subject, now.procedure_version.spec.form
    if origin is None or subject is None or form is None:
        raise NotFound(_("Mục này không lấy từ cơ sở dữ liệu nào."))
    if origin.get("contested"):
        raise corrections.Repeated(_("Bạn đã yêu cầu đính chính mục này. Hãy chờ cơ quan trả lời."))
    record = Record.objects.select_related("register__owner").get(pk=origin["record"])
    made = corrections.ask(
        act,
        record=record,
        field=str(origin["field"]),
        party=subject,
        wrong=wrong,
        right=right,
        evidence=evidence,
        about=now.procedure_version.spec.name,
    )
    now.data = {**now.data, field: coerce(made.right, properties(form.data_schema)[field])}
    now.origins = {**now.origins, field: {**origin, "contested": made.code}}
    now.save(update_fields=("data", "origins", "updated_at"))
    act.record(now, after={"field": field, "request": made.code})
    taken_over(draft, now)
    return made
