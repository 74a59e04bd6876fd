"""The acts of a certificate: issue, renew, reissue, suspend, resume, revoke, close; see :func:`perform`.

Each is a change of the record that carries it, in one transaction with its papers, its audit entry and its event. What may
follow what is :mod:`.course`; ``registers.certify`` is asked for at the record's organisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, action
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations.models import Position

from .. import migrating, obeying, temporal
from ..actions import BY_HAND, create, definition_on, spec_of, state_of, unseen, write
from ..definition import RegisterSpec
from ..models import CertificateAct, Change, Definition, Record, Register, Version
from ..parts import series_scope
from ..queries import place_of
from ..temporal import Provenance
from . import course, followers, numbers
from .course import Step, Terms
from .section import Certificate


class NoCertificate(InvalidInput):
    """The records of this register carry no certificate, or not one of which this can be done."""

    code = "registers.no_certificate"


@action("registers.issue_new_certificate")
def issue_new(
    act: Act,
    *,
    register: Register,
    data: Mapping[str, Any],
    on: date | None = None,
    number: str = "",
    expires: date | None = None,
    provenance: Provenance = BY_HAND,
) -> CertificateAct:
    """Write a new record and issue its certificate in one change. Raises as :func:`perform` and :func:`.actions.create` do."""
    day = _decided(on)
    section = _section(spec_of(_carrying(register, day)))
    step = Step("issue", day, expires=_expiry(section, day, expires))
    terms = course.after(Terms(), step)
    given = str(data.get(section.number) or number).strip()
    written = {**data, **section.written(terms), section.number: _number(register, section, "issue", day, given, "")}
    kept = {name: value for name, value in written.items() if value is not None}
    today = timezone.localdate()
    record = create(
        act,
        register=register,
        data=kept,
        since=None if day == today else day,
        meant_for=today,
        provenance=provenance,
    )
    place = place_of(record)
    act.require("registers.certify", place.responsible)
    return _noted(act, record, record.changes.earliest("pk"), step, terms, str(kept[section.number]), provenance)


@action("registers.certify")
def perform(
    act: Act,
    *,
    record: Record,
    kind: str,
    on: date | None = None,
    number: str = "",
    expires: date | None = None,
    since: date | None = None,
    until: date | None = None,
    data: Mapping[str, Any] | None = None,
    expected: int | None = None,
    provenance: Provenance = BY_HAND,
) -> CertificateAct:
    """One act (`kind`, of :data:`.course.ACTS`) of the certificate of a record; `on` is the day of the decision, today when None.

    - issue: the record has none, or its last one is over; renew: it is valid or has expired, and its time counts from `on`. `number`: when
      the definition has no series. `expires`: when the definition has no validity. `data`: other fields that change with it.
    - reissue: another paper of the same certificate, because the first is lost or damaged, or what it shows (`data`) changed. Number and
      days stay.
    - suspend: from `since` (the day of the decision when None) through `until` (None: until it is lifted). While another suspension
      stands, this one makes it longer and must go on where that ends. resume: from `on` the certificate is good again.
    - revoke: taken away; close: its holder stops, without fault, where the register has a word for that.

    All but issue, renew and resume say why in `provenance`. What a kind does not take is not looked at. Raises InvalidInput,
    :class:`.course.OutOfOrder`, :class:`NoCertificate`.
    """
    if kind in _WITH_REASON:
        _require_reason(provenance)
    temporal.lock(record)
    unseen(record, expected, act.actor, None)
    day = _decided(on)
    newest = _newest(record)
    begins = temporal.moment(None if day == timezone.localdate() else day)
    begins = max(begins, newest.valid.lower) if newest.valid.lower else begins
    definition = _carrying(record.register, timezone.localdate(begins), newest.definition)
    spec = spec_of(definition)
    section = _section(spec)
    act.require("registers.certify", place_of(record).responsible)
    if not _knows(spec, section, kind):
        raise NoCertificate(_("Giấy này không có việc “%(act)s”.") % {"act": course.ACTS[kind]}, field="kind")
    _after_the_last(record, day)
    last_day = _expiry(section, day, expires) if kind in _TIMED else None
    step = Step(kind, day, last_day, since, until)
    terms = course.after(section.terms(newest.data), step)
    had = str(newest.data.get(section.number) or "")
    given = str((data or {}).get(section.number) or number).strip()
    said = _number(record.register, section, kind, day, given, had)
    written = {**(data or {}), **section.written(terms), section.number: said}
    change = _write(act, record, definition, spec, written, begins, provenance)
    return _noted(act, record, change, step, terms, said, provenance)


#: The acts that say until when a certificate is good; those that need a reason.
_TIMED = ("issue", "renew")
_WITH_REASON = ("reissue", "suspend", "revoke", "close")


def offered(spec: RegisterSpec, data: Mapping[str, Any], day: date) -> tuple[str, ...]:
    """The acts that may follow on `day`, and that this register knows."""
    section = spec.certificate
    if section is None:
        return ()
    return tuple(kind for kind in course.allowed(section.terms(data), day) if _knows(spec, section, kind))


def _knows(spec: RegisterSpec, section: Certificate, kind: str) -> bool:
    if kind in ("suspend", "resume"):
        return bool(section.suspended)
    return kind != "close" or section.word("ended") in spec.fields[section.standing].get("enum", ())


def _write(
    act: Act,
    record: Record,
    definition: Definition,
    spec: RegisterSpec,
    data: Mapping[str, Any],
    begins: Any,
    provenance: Provenance,
) -> Change:
    register, day, stands = record.register, timezone.localdate(begins), temporal.standing(record, begins)
    obeyed, there = obeying.of_change(register, stands, data, day=day, meant_for=timezone.localdate())
    if obeyed.version < definition.version:
        obeyed, there = definition, obeying.brought_to(register, stands, definition)
    state = state_of(
        act,
        register,
        obeyed,
        data,
        key=record.key,
        day=day,
        record=record,
        stands=there,
        granted=spec.certified,
    )
    if spec.key.field and state.data.get(spec.key.field) != record.key:
        raise InvalidInput(_("Khóa của bản ghi không đổi được."), field=spec.key.field)
    done = write(act, record, Change.Kind.CHANGE, begins, None, state, spec, provenance)
    if obeyed.valid.upper:
        migrating.carry_over(act, record, obeyed, provenance)
    return Change.objects.get(pk=done.change)


def _noted(
    act: Act, record: Record, change: Change, step: Step, terms: Terms, number: str, provenance: Provenance
) -> CertificateAct:
    """Keep who did what, let the papers follow, and say it."""
    newest = _newest(record)
    has_paper = step.kind in course.WITH_PAPER
    by_dossier = provenance.source == Change.Source.DOSSIER
    if has_paper and not by_dossier and act.actor.official_id is None:
        raise NotAllowed(_("Giấy phải do cán bộ có khóa ký số cấp và ký."))
    kinds = CertificateAct.Paper
    done = CertificateAct.objects.create(
        record=record,
        change=change,
        kind=step.kind,
        on=step.on,
        number=number,
        expires=terms.expires,
        since=terms.since,
        until=terms.until,
        organization_id=newest.organization_id,
        official_id=act.actor.official_id,
        official_title=_title_of(act.actor, newest),
        paper=(kinds.DOSSIER if by_dossier else kinds.DUE) if has_paper else kinds.NONE,
    )
    act.record(
        done,
        verb=f"registers.{step.kind}_certificate",
        after={"number": number, "on": step.on.isoformat(), "change": change.pk},
        organization_id=newest.organization_id,
        note=provenance.reason,
    )
    about = {"key": record.key, "act": done.pk, "number": number, "on": step.on.isoformat()}
    act.emit(f"register.{record.register.code}.certificate_{step.kind}", record, about)
    followers.told(act, record)
    return done


def _decided(on: date | None) -> date:
    today = timezone.localdate()
    if on and on > today:
        raise InvalidInput(_("Ngày này chưa tới."), field="on")
    return on or today


def _section(spec: RegisterSpec) -> Certificate:
    if spec.certificate is None:
        raise NoCertificate(_("Bản ghi của “%(title)s” không có giấy chứng nhận.") % {"title": spec.title})
    return spec.certificate


def _carrying(register: Register, day: date, least: Definition | None = None) -> Definition:
    """The definition of a day, or a later one that a record obeys already; where that one knows no certificate yet, the one
    of today: a licence of before is written down, too."""
    found = definition_on(register, day)
    found = least if least and least.version > found.version else found
    return found if spec_of(found).certificate else definition_on(register, timezone.localdate())


def _newest(record: Record) -> Version:
    """What is known now of the end of the record's time; one that has ended carries no certificate any more. That it is
    carried over to another definition some day is no change that a certificate waits for."""
    known = Version.objects.filter(register=record.register_id, record=record, known__upper_inf=True)
    newest = migrating.last_before_turns(record)
    if newest is None or not known.filter(valid__upper_inf=True).exists():
        raise NoCertificate(_("Bản ghi này đã chấm dứt."))
    if newest.valid.lower and newest.valid.lower > timezone.now():
        raise course.OutOfOrder(_("Bản ghi có thay đổi chưa tới ngày. Hãy ghi việc này sau ngày đó."))
    return newest


def _after_the_last(record: Record, day: date) -> None:
    last = CertificateAct.objects.filter(record=record, undone_at=None).last()
    if last and day < last.on:
        raise course.OutOfOrder(
            _("Việc trước của giấy này ghi ngày %(day)s; việc sau không thể trước ngày đó.")
            % {"day": f"{last.on:%d/%m/%Y}"},
            field="on",
        )


def _expiry(section: Certificate, day: date, given: date | None) -> date | None:
    """The last day: as given, else as the definition counts it."""
    if given and not section.expires:
        raise InvalidInput(_("Giấy này không có thời hạn."), field="expires")
    if given or section.validity is None:
        return given
    return section.validity.validity.last_day(day)


def _number(register: Register, section: Certificate, kind: str, day: date, given: str, had: str) -> str:
    """The number after an act: one that is given, the next of the series, or the one it had."""
    takes = kind == "issue" or (kind == "renew" and not section.renew_keeps_number)
    if not takes:
        return had
    if given:
        return given[:80]
    if section.series:
        return next_of_series(register, section, day)
    if had:
        return had
    raise InvalidInput(_("Hãy ghi số của giấy."), field="number")


def next_of_series(register: Register, section: Certificate, day: date) -> str:
    """The next number that a register gives to its certificates; one that came by import or correction is passed over."""
    scope = series_scope(section.series, day.year)
    while True:
        next_number = series.next_number(f"certificate:{register.code}:{scope}")
        said = section.series.format(year=day.year, n=next_number)
        if not numbers.is_taken(register, section, said):
            return said


def _require_reason(provenance: Provenance) -> None:
    if not provenance.reason.strip() and provenance.source != Change.Source.DOSSIER:
        raise InvalidInput(_("Hãy ghi rõ lý do, căn cứ."), field="reason")


def _title_of(actor: Actor, version: Version) -> str:
    """As what an official signs for the organisation of the record: the post held there, or above it, today."""
    if actor.official_id is None:
        return ""
    above = [int(part) for part in version.organization.path.strip("/").split("/") if part]
    held = Position.objects.filter(
        official_id=actor.official_id, valid__contains=timezone.localdate(), organization_id__in=above
    )
    return held.order_by("-organization__path", "pk").values_list("title", flat=True).first() or ""
