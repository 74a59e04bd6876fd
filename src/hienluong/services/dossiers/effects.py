"""What a granted dossier writes into registers, in the transaction of the signature: all of it or nothing.

The procedure declares it (``effects``); the process writes, not the leader, so the leader needs no right of the
register. What cannot be written stops the signature with the register's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import migrating, temporal
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.certificates import finding
from hienluong.capabilities.registers.models import CertificateAct, Change, Record, Register, Version
from hienluong.capabilities.registers.queries import as_of
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, system
from hienluong.foundation.schemas import expressions
from hienluong.services.procedures.spec import CERTIFICATE_KINDS, Effect

from . import foreseeing, sectoral
from .models import Dossier, Result

#: How long the number of a result may be; longer ones of a register are not given to papers.
_MOST_OF_NUMBER = 60


class EffectFailed(InvalidInput):
    """A register refuses what a dossier would write, so the dossier is not granted."""

    code = "dossiers.effect_failed"


def apply(act: Act, result: Result) -> list[str]:
    """Write the effects of a granted result; the labels of the records written. Raises :class:`EffectFailed`."""
    dossier = result.dossier
    effects = dossier.procedure_version.spec.effects
    if not result.grants:
        return []
    sectoral.require_of(dossier, signing=True)
    if not effects:
        return []
    known = known_to(dossier, result)
    written = []
    for effect in effects:
        if expressions.holds(effect.when, known):
            written.append(_write(dossier, effect, known))
    _agree_on_the_end(result)
    return written


def _agree_on_the_end(result: Result) -> None:
    """The result is the paper of the certificate that it issued, so it is good as long."""
    acts = CertificateAct.objects.filter(
        change__source=Change.Source.DOSSIER, change__source_ref=result.dossier.code, paper=CertificateAct.Paper.DOSSIER
    )
    ends = list(acts.values_list("expires", flat=True))
    if ends and ends[-1] != result.valid_until:
        result.valid_until = ends[-1]
        result.save(update_fields=("valid_until",))


def certificate_number(result: Result, day: date) -> str:
    """The next number of the register whose certificate a result is the paper of, where the procedure has no number of its own;
    empty when no register gives one."""
    spec = result.dossier.procedure_version.spec
    if not result.grants or spec.results[0].number_suffix:
        return ""
    known = known_to(result.dossier, result)
    for effect in spec.effects:
        if effect.kind not in ("issue", "renew") or effect.number or not expressions.holds(effect.when, known):
            continue
        register = Register.objects.filter(code=effect.into).first()
        section = spec_of(definition_on(register, day)).certificate if register else None
        if register and section and section.series and not (effect.kind == "renew" and section.renew_keeps_number):
            said = certificates.next_of_series(register, section, day)
            return said if len(said) <= _MOST_OF_NUMBER else ""
    return ""


def usual_end(result: Result, day: date) -> date | None:
    """The last day of a result signed on `day`, as its kind counts it."""
    return result.dossier.procedure_version.spec.results[0].last_day(day) if result.grants else None


def end_if_signed(result: Result, day: date) -> date | None:
    """The last day that a draft would get on `day`; None also where only the register will know it."""
    acts = [one for one in result.dossier.procedure_version.spec.effects if one.kind in ("issue", "renew")]
    if not acts or not result.grants:
        return usual_end(result, day)
    register = Register.objects.filter(code=acts[0].into).first()
    newest = register.definitions.order_by("-version").first() if register else None
    section = spec_of(newest).certificate if newest else None
    if len(acts) > 1 or acts[0].when or acts[0].expires or section is None or section.validity is None:
        return None
    return section.validity.validity.last_day(day)


def known_to(dossier: Dossier, result: Result) -> dict[str, Any]:
    """What an effect may read (:data:`hienluong.services.procedures.checks.EFFECT_NAMES`): the answers of the person
    and of the officer, and what the dossier knows besides."""
    return {
        **dossier.data,
        **result.fields,
        "dossier": dossier.code,
        "number": result.number,
        "competent": dossier.competent.code,
        "handling": dossier.handling.code if dossier.handling else dossier.competent.code,
        "party_name": dossier.subject.name,
        "party_number": dossier.subject.identifier,
        "valid_until": result.valid_until.isoformat() if result.valid_until else None,
    }


def _write(dossier: Dossier, effect: Effect, known: Mapping[str, Any]) -> str:
    register = Register.objects.filter(code=effect.into).first()
    if register is None:
        raise EffectFailed(_("Chưa cài cơ sở dữ liệu “%(code)s” mà thủ tục này ghi vào.") % {"code": effect.into})
    process = system(_("Quy trình hồ sơ %(code)s") % {"code": dossier.code})
    come_from = Provenance(source=Change.Source.DOSSIER, ref=dossier.code)
    since = _day(effect.since, known)
    try:
        if effect.kind in CERTIFICATE_KINDS:
            return f"{register.code}: {_certify(process, register, dossier, effect, known, come_from).record.key}"
        if effect.kind == "create":
            data = {name: expressions.evaluate(text, known) for name, text in effect.values.items()}
            given = as_then(
                {name: value for name, value in data.items() if value is not None}, register, dossier, since
            )
            record = registers.create(
                process,
                register=register,
                data=given,
                since=since,
                meant_for=foreseeing.meant_for(dossier.procedure_version),
                provenance=come_from,
            )
            return f"{register.code}: {record.key}"
        record = _record(register, str(expressions.evaluate(effect.key, known) or ""))
        if effect.kind == "end":
            registers.end(process, record=record, at=since, provenance=come_from)
            return f"{register.code}: {record.key}"
        last = _day(effect.through, known)
        until = last + timedelta(days=1) if last else None
        for stretch in temporal.stretches(record, since=since, until=until, joints=migrating.turns(record)):
            seen = {**known, "record": dict.fromkeys(spec_of(stretch.definition).fields) | dict(stretch.data)}
            data = {name: expressions.evaluate(text, seen) for name, text in effect.values.items()}
            data = as_then(data, register, dossier, timezone.localdate(stretch.since), is_new=False)
            registers.change(
                process,
                record=record,
                data=data,
                since=stretch.since,
                until=stretch.until,
                meant_for=foreseeing.meant_for(dossier.procedure_version),
                provenance=come_from,
            )
    except DomainError as error:
        said = {"title": _title(register), "why": error.message}
        raise EffectFailed(_("Không ghi được vào cơ sở dữ liệu “%(title)s”: %(why)s") % said) from error
    return f"{register.code}: {record.key}"


def as_then(
    data: Mapping[str, Any], register: Register, dossier: Dossier, day: date | None, *, is_new: bool = True
) -> dict[str, Any]:
    """What a procedure writes, as the register has it on a day (today when None): who filed before the register got a new
    version was promised that the dossier goes on as it was filed."""
    on = day or timezone.localdate()
    return migrating.brought_up(
        register, data, meant_for=foreseeing.meant_for(dossier.procedure_version), day=on, is_new=is_new
    )


def _title(register: Register) -> str:
    """What a register is called: people who sign do not know its code."""
    newest = register.definitions.order_by("-version").first()
    return spec_of(newest).title if newest else register.code


def _certify(
    process: Actor,
    register: Register,
    dossier: Dossier,
    effect: Effect,
    known: Mapping[str, Any],
    come_from: Provenance,
) -> CertificateAct:
    """An act of the certificate of a record; the result that is signed is its paper."""
    data = {name: expressions.evaluate(text, known) for name, text in effect.values.items()}
    reason = str(expressions.evaluate(effect.reason, known) or "") if effect.reason else ""
    common: dict[str, Any] = {"provenance": replace(come_from, reason=reason[:500])}
    if effect.kind in ("issue", "renew"):
        number = str(expressions.evaluate(effect.number, known) or "") if effect.number else str(known["number"])
        common |= {"number": number, "expires": _day(effect.expires, known)}
    if effect.kind == "issue" and not effect.key:
        given = as_then({name: value for name, value in data.items() if value is not None}, register, dossier, None)
        return certificates.issue_new(process, register=register, data=given, **common)
    record = certified(register, str(expressions.evaluate(effect.key, known) or ""))
    if effect.kind in ("issue", "renew", "reissue"):
        common |= {"data": as_then(data, register, dossier, None, is_new=False)}
    if effect.kind == "suspend":
        common |= {"since": _day(effect.since, known), "until": _day(effect.through, known)}
    return certificates.perform(process, record=record, kind=effect.kind, **common)


def _day(expression: str, known: Mapping[str, Any]) -> date | None:
    """The day an expression gives; None when there is no expression. Raises :class:`EffectFailed` when it gives none."""
    if not expression:
        return None
    try:
        return date.fromisoformat(str(expressions.evaluate(expression, known)))
    except ValueError:
        raise EffectFailed(_("Không tính được ngày ghi vào cơ sở dữ liệu (%(text)s).") % {"text": expression}) from None


def _record(register: Register, key: str) -> Record:
    found = Record.objects.select_related("merged_into__register__owner", "register__owner")
    record = found.filter(register=register, key=key).first()
    record = record.merged_into or record if record else None  # a key leads to what the record lives on in
    if record is None:
        raise EffectFailed(
            _("Cơ sở dữ liệu “%(code)s” không có bản ghi “%(key)s”.") % {"code": register.code, "key": key[:80]}
        )
    return record


def certified(register: Register, key: str) -> Record:
    """The record that carries a certificate, by its key or by the number printed on the certificate, which is what a person
    knows. Raises :class:`EffectFailed` when no record, or more than one, carries that number."""
    section = spec_of(definition_on(register, timezone.localdate())).certificate
    if section is None or Record.objects.filter(register=register, key=key).exists():
        return _record(register, key)
    found = as_of(register).filter(finding.numbered(section, key)).select_related("record__register__owner")[:2]
    if len(found) != 1:
        raise EffectFailed(
            _("Cơ sở dữ liệu “%(code)s” không có đúng một giấy số “%(number)s”.")
            % {"code": register.code, "number": key[:80]}
        )
    return found[0].record


def take_back(act: Act, dossier: Dossier, reason: str) -> list[str]:
    """Undo what a dossier wrote, newest first; the keys of records that somebody has written to since, left as they are."""
    process = system(_("Quy trình hồ sơ %(code)s") % {"code": dossier.code})
    come_from = Provenance(source=Change.Source.DOSSIER, ref=dossier.code, reason=reason[:500])
    ours = Change.objects.filter(source=Change.Source.DOSSIER, source_ref=dossier.code)
    left = []
    kinds = (Change.Kind.CREATE, Change.Kind.CHANGE, Change.Kind.END)
    for change in ours.filter(kind__in=kinds).select_related("record__register__owner").order_by("-pk"):
        since = change.record.changes.filter(pk__gt=change.pk)
        newest = since.order_by("-pk").first() or change
        if since.exclude(source=Change.Source.DOSSIER, source_ref=dossier.code).exists():
            left.append(change.record.key)
        elif change.kind == Change.Kind.CREATE:
            registers.end(process, record=change.record, void=True, provenance=come_from)
        else:
            registers.revert(process, record=change.record, change=change, newest=newest.pk, provenance=come_from)
    return left


def seen_before(dossier: Dossier) -> list[dict[str, Any]]:
    """What a dossier wrote into registers, for its page: register, key, kind, when."""
    ours = Change.objects.filter(source=Change.Source.DOSSIER, source_ref=dossier.code).select_related(
        "record__register"
    )
    return [
        {
            "register": change.record.register.code,
            "record": change.record_id,
            "key": change.record.key,
            "kind": change.get_kind_display(),
            "at": timezone.localtime(change.at),
        }
        for change in ours.order_by("pk")
    ]


def said_by(dossier: Dossier) -> dict[str, dict[str, Any]]:
    """What the records said once a dossier had written them, by register (``.`` is ``_``), whatever came later: a paper
    may print all of a record, not only what this dossier changed. Empty before the signature."""
    opened = Version.objects.filter(
        opened_by__source=Change.Source.DOSSIER,
        opened_by__source_ref=dossier.code,
        valid__startswith__lte=timezone.now(),
    ).exclude(opened_by__kind=Change.Kind.UNDO)
    found: dict[str, dict[str, Any]] = {}
    for version in opened.select_related("record__register").order_by("opened_by", "valid"):
        found[version.record.register.code.replace(".", "_")] = {**version.data, "key": version.key}
    return found
