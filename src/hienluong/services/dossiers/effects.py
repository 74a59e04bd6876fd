"""What a granted dossier writes into registers, in the transaction of the signature: all of it or nothing.

The procedure declares it (``effects``); the process writes, not the leader, so the leader needs no right of the
register. What cannot be written stops the signature with the register's own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Change, Record, Register
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Act, DomainError, InvalidInput, system
from hienluong.foundation.schemas import expressions
from hienluong.services.procedures.spec import Effect

from .models import Dossier, Result


class EffectFailed(InvalidInput):
    """A register refuses what a dossier would write, so the dossier is not granted."""

    code = "dossiers.effect_failed"


def apply(act: Act, result: Result) -> list[str]:
    """Write the effects of a granted result; the labels of the records written. Raises :class:`EffectFailed`."""
    dossier = result.dossier
    effects = dossier.procedure_version.spec.effects
    if not effects or not result.grants:
        return []
    known = _known(dossier, result)
    written = []
    for effect in effects:
        if expressions.holds(effect.when, known):
            written.append(_write(dossier, effect, known))
    return written


def _known(dossier: Dossier, result: Result) -> dict[str, Any]:
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
    data = {name: expressions.evaluate(text, known) for name, text in effect.values.items()}
    try:
        if effect.kind == "create":
            given = {name: value for name, value in data.items() if value is not None}
            record = registers.create(process, register=register, data=given, provenance=come_from)
            return f"{register.code}: {record.key}"
        record = _record(register, str(expressions.evaluate(effect.key, known) or ""))
        if effect.kind == "end":
            registers.end(process, record=record, provenance=come_from)
        else:
            registers.change(process, record=record, data=data, provenance=come_from)
    except DomainError as error:
        raise EffectFailed(
            _("Không ghi được vào cơ sở dữ liệu “%(code)s”: %(why)s") % {"code": register.code, "why": error.message}
        ) from error
    return f"{register.code}: {record.key}"


def _record(register: Register, key: str) -> Record:
    record = Record.objects.filter(register=register, key=key, merged_into=None).first()
    if record is None:
        raise EffectFailed(
            _("Cơ sở dữ liệu “%(code)s” không có bản ghi “%(key)s”.") % {"code": register.code, "key": key[:80]}
        )
    return record


def take_back(act: Act, dossier: Dossier, reason: str) -> list[str]:
    """Undo what a dossier wrote, newest first; the keys of records that somebody has written to since, left as they are."""
    process = system(_("Quy trình hồ sơ %(code)s") % {"code": dossier.code})
    come_from = Provenance(source=Change.Source.DOSSIER, ref=dossier.code, reason=reason[:500])
    ours = Change.objects.filter(source=Change.Source.DOSSIER, source_ref=dossier.code)
    left = []
    kinds = (Change.Kind.CREATE, Change.Kind.CHANGE, Change.Kind.END)
    for change in ours.filter(kind__in=kinds).select_related("record__register__owner").order_by("-pk"):
        newest = change.record.changes.latest("pk")
        if newest != change and newest.source_ref != dossier.code:
            left.append(change.record.key)
        elif change.kind == Change.Kind.CREATE:
            registers.end(process, record=change.record, void=True, provenance=come_from)
        elif newest == change:
            registers.revert(process, record=change.record, change=change, provenance=come_from)
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
