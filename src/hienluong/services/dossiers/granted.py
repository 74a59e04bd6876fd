"""To whom a result is given: the holder that the register of its certificate names, who need not be whose dossier it is."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.certificates.course import WITH_PAPER
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import CertificateAct, Change, Register
from hienluong.capabilities.registers.queries import as_of
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.computing import computed
from hienluong.foundation.schemas.display import show
from hienluong.services.certificates import papers as certificates
from hienluong.services.procedures.spec import Effect

from . import effects
from .models import Result


@dataclass(frozen=True)
class Holder:
    """Whom a register names, as it is printed; the number is empty when the register does not say it."""

    name: str
    identifier: str


def holder_of(result: Result) -> Party | Holder:
    """Whom the certificate is issued to; the person or enterprise of the dossier where the register says the same, or nothing."""
    owner: Party = result.dossier.subject
    said = _said(result)
    if said is None:
        return owner
    name, number = said
    is_owners = number == owner.identifier
    if not name or (_plain(name) == _plain(owner.name) and (is_owners or not number)):
        return owner
    return Holder(name, "" if is_owners else number)  # the owner's number beside another's name would be wrong


def _said(result: Result) -> tuple[str, str] | None:
    """Name and number as the register has them, once it was written; before, as it would be written."""
    if not result.grants or not any(one.kind in WITH_PAPER for one in result.dossier.procedure_version.spec.effects):
        return None
    ours = CertificateAct.objects.filter(
        change__source=Change.Source.DOSSIER,
        change__source_ref=result.dossier.code,
        kind__in=WITH_PAPER,
        undone_at=None,
    )
    if done := ours.select_related("record").order_by("pk").first():
        version = certificates.written(done)
        return _named(spec_of(version.definition), version.data)
    return _foreseen(result)


def _foreseen(result: Result) -> tuple[str, str] | None:
    known = effects.known_to(result.dossier, result)
    for effect in result.dossier.procedure_version.spec.effects:
        if effect.kind not in WITH_PAPER or not expressions.holds(effect.when, known):
            continue
        register = Register.objects.filter(code=effect.into).first()
        if register is None:
            return None
        spec = spec_of(definition_on(register, timezone.localdate()))
        return _named(spec, _would_be(spec, register, result, effect, known))
    return None


def _would_be(
    spec: RegisterSpec, register: Register, result: Result, effect: Effect, known: Mapping[str, Any]
) -> dict[str, Any]:
    """The data of the record once the effect is written."""
    given = {name: expressions.evaluate(text, known) for name, text in effect.values.items()}
    given = effects.as_then(given, register, result.dossier, None, is_new=not effect.key)
    before: Mapping[str, Any] = {}
    if effect.key:
        try:
            record = effects.certified(register, str(expressions.evaluate(effect.key, known) or ""))
        except effects.EffectFailed:  # the signature will say so
            return given
        there = as_of(register).filter(record=record).first()
        before = there.data if there else {}
    data = {**before, **given}
    holder = spec.certificate.holder if spec.certificate else ""
    if holder in spec.computed:
        data[holder] = computed(spec.computed[holder], data, spec.fields[holder])
    return data


def _named(spec: RegisterSpec, data: Mapping[str, Any]) -> tuple[str, str] | None:
    section = spec.certificate
    if section is None:
        return None
    name = show(data.get(section.holder), spec.fields[section.holder]) if data.get(section.holder) else ""
    return name.strip(), str(data.get(spec.subject) or "").strip() if spec.subject else ""


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
