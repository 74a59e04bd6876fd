"""Answers of a draft that registers already hold, each kept with where it came from.

A field says ``x-prefill: register.<code>.<field>``. The record is the person's only one, or the one they chose, or the
one that another field names by its key (``x-prefill-key``). Of a field that is ``x-prefill-locked`` the answer is what
the register says, whatever is posted, until the person contests it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.forms import fields as boxes
from hienluong.capabilities.forms.prefill import Source, register_sources
from hienluong.capabilities.registers.models import Version
from hienluong.foundation.actions import Act
from hienluong.foundation.consents import queries as consents
from hienluong.foundation.schemas import checking
from hienluong.foundation.schemas.cleaning import coerce
from hienluong.foundation.schemas.properties import properties
from hienluong.services.procedures.spec import Form

from . import fetching, known, purposes
from .models import Draft


class Origin(TypedDict, total=False):
    """Where an answer came from, as JSON holds it."""

    register: str  # code
    title: str  # of the register
    field: str  # of the register
    record: int
    key: str
    name: str  # what the person calls the record
    change: int  # the change of the register that wrote the value
    since: str  # when the register came to know it (ISO 8601)
    at: str  # when it was read
    raw: Any  # as the register has it
    value: Any  # as the form takes it
    agreement: str  # code; empty: by the person's own right
    locked: bool
    contested: str  # code of the request to correct it
    edited: bool  # filed with another answer


@dataclass(frozen=True)
class Question:
    """Which of their records a person means: the register, and the records by number."""

    register: str
    title: str
    options: list[tuple[int, str]]


def fill(act: Act, draft: Draft, only: Collection[str] | None = None) -> None:
    """Fill what is known into a draft (in place, to be saved); `only`: the registers or naming fields that changed."""
    form, subject = draft.procedure_version.spec.form, draft.subject
    if form is None or subject is None or not act.actor.acts_for(subject.pk):
        return
    if register_sources(form) and not consents.may(purposes.PREFILL, draft.account_id):
        return  # the person objected: they fill it in themselves
    for (code, named_by), sources in _groups(form).items():
        if only is None or named_by in only or (not named_by and code in only):
            held = _record(draft, code, named_by)
            _forget(draft, [source.name for source in sources], held)
            if held:
                _fill_from(act, draft, form, held, [one for one in sources if one.name not in draft.origins])


def _groups(form: Form) -> dict[tuple[str, str], list[Source]]:
    found: dict[tuple[str, str], list[Source]] = {}
    for source in register_sources(form).values():
        found.setdefault((source.register, source.named_by), []).append(source)
    return found


def naming_fields(form: Form | None) -> frozenset[str]:
    """The fields whose answers name a record."""
    return (
        frozenset(source.named_by for source in register_sources(form).values() if source.named_by)
        if form
        else frozenset()
    )


def _record(draft: Draft, code: str, named_by: str) -> known.Held | None:
    assert draft.subject is not None
    theirs = known.held_by(code, draft.subject)
    if named_by:
        wanted = str(draft.data.get(named_by) or "").strip()
        return next((held for held in theirs if held.key and held.key == wanted), None)
    chosen = draft.records.get(code)
    if chosen is not None:
        return next((held for held in theirs if held.version.record_id == chosen), None)
    return theirs[0] if len(theirs) == 1 else None


def _forget(draft: Draft, names: Collection[str], held: known.Held | None) -> None:
    """Take back what was filled in from another record than this."""
    record = held.version.record_id if held else None
    gone = {name for name in names if name in draft.origins and draft.origins[name].get("record") != record}
    data = {n: v for n, v in draft.data.items() if n not in gone or v != draft.origins[n].get("value")}
    draft.data, draft.origins = data, {n: origin for n, origin in draft.origins.items() if n not in gone}


def _fill_from(act: Act, draft: Draft, form: Form, held: known.Held, sources: list[Source]) -> None:
    assert draft.subject is not None
    props, spec = properties(form.data_schema), draft.procedure_version.spec
    wanted = [one for one in sources if one.locked or draft.data.get(one.name) in (None, "", [])]
    reading = known.read(
        act,
        held,
        {source.field for source in wanted},
        party=draft.subject,
        agency=known.agency_of(spec, draft.organization, draft.subject),
        spec=spec,
        purpose=_("Điền sẵn đơn: %(name)s") % {"name": spec.name},
    )
    for source in wanted if reading else ():
        assert reading is not None
        raw = reading.data.get(source.field)
        value = None if raw in (None, "") else coerce(raw, props[source.name])
        if value in (None, "", [], {}):
            continue
        origin = Origin(
            register=held.register.code,
            title=held.spec.title,
            field=source.field,
            record=held.version.record_id,
            key=held.key,
            name=held.name,
            change=held.version.opened_by_id,
            since=held.version.known.lower.isoformat(),
            at=timezone.now().isoformat(),
            raw=raw,
            value=value,
            agreement=reading.agreement,
            locked=source.locked and boxes.lockable(props[source.name]) and _is_sound(form, source.name, value),
        )
        draft.data = {**draft.data, source.name: value}
        draft.origins = {**draft.origins, source.name: origin}


def _is_sound(form: Form, name: str, value: Any) -> bool:
    """Whether the form takes the value: what it would refuse must not be locked in."""
    faults: list[str] = []
    checking.report(form.data_schema, {name: value}, (), lambda _name, message: faults.append(message))
    return not faults


def questions(draft: Draft) -> list[Question]:
    """The registers that have several records of the person, of which none was chosen yet."""
    form = draft.procedure_version.spec.form
    if form is None or draft.subject is None:
        return []
    found = []
    papers = (paper.fetched_from for paper in fetching.wanted(draft.procedure_version.spec, draft.data))
    codes = [code for code, named_by in _groups(form) if not named_by]
    codes += [code for kind, code, _result in papers if kind == "register"]
    for code in dict.fromkeys(codes):
        if code in draft.records:
            continue
        theirs = known.held_by(code, draft.subject)
        if len(theirs) > 1:
            options = [(held.version.record_id, _called(held)) for held in theirs]
            found.append(Question(code, theirs[0].spec.title, options))
    return found


def _called(held: known.Held) -> str:
    return f"{held.name} ({held.key})" if held.key and held.key != held.name else held.name


def locked(draft: Draft) -> dict[str, Any]:
    """The answers that are not to be changed: what a register says and nobody contests."""
    return {
        name: origin["value"]
        for name, origin in draft.origins.items()
        if origin.get("locked") and not origin.get("contested")
    }


def settled(draft: Draft, answers: Mapping[str, Any]) -> dict[str, Origin]:
    """Where the answers of a dossier that is filed came from; what was changed since says so."""
    found: dict[str, Origin] = {}
    for name, origin in draft.origins.items():
        if name in answers:
            changed = answers[name] != origin.get("value") and not origin.get("contested")
            found[name] = Origin(**{**origin, **({"edited": True} if changed else {})})
    return found


def outdated(origins: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The fields whose register says something else by now. One query; it tells that it changed, not to what."""
    registers = {str(origin["register"]) for origin in origins.values()}
    records = {int(origin["record"]) for origin in origins.values()}
    if not records:
        return set()
    now = Q(known__upper_inf=True, valid__contains=timezone.now())
    said = Version.objects.filter(now, register__code__in=registers, record_id__in=records)
    data = dict(said.values_list("record_id", "data"))
    return {
        name
        for name, origin in origins.items()
        if data.get(int(origin["record"]), {}).get(origin["field"]) != origin.get("raw")
    }
