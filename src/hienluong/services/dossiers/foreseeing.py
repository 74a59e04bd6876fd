"""What a register will refuse at the signature is told when somebody files: before they pay, and while they can mend it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from hienluong.capabilities.registers import checking, migrating
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.properties import properties
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.spec import Effect


def meant_for(version: ProcedureVersion) -> date:
    """The day whose definitions of registers a procedure was made for."""
    made = timezone.localdate(version.published_at) if version.published_at else date.min
    return max(made, version.spec.effective_from)


def refused(
    version: ProcedureVersion,
    answers: Mapping[str, Any],
    *,
    settled: frozenset[str] | None = None,
    near: frozenset[str] = frozenset(),
) -> dict[str, list[str]]:
    """What the registers that a granted dossier is written into would refuse of sound answers: messages by question.

    Only what rests on answers alone is told: the values of fields and the rules between them. What officers add, what
    depends on the day, and what is missing is not known yet. While a form is being filled, only the `settled` questions
    were asked, and a rule between several is told at one that is `near`.
    """
    spec = version.spec
    of_officers = {name for one in spec.results for name in properties(one.data_schema or {})}
    questions = frozenset(properties(spec.form.data_schema)) - of_officers if spec.form else frozenset[str]()
    known = {**dict.fromkeys(questions), **answers}
    questions = questions if settled is None else questions & settled
    told: dict[str, list[str]] = {}
    for effect in spec.effects:
        if not _is_new(effect) or not expressions.variables(effect.when) <= questions:
            continue
        if not expressions.holds(effect.when, known):
            continue
        register = Register.objects.filter(code=effect.into).first()
        if register is None:  # no pack has brought it: whoever installs is told
            continue
        for name, messages in _said(register, meant_for(version), effect, questions, known, near).items():
            told.setdefault(name, []).extend(one for one in messages if one not in told.get(name, ()))
    return told


def _is_new(effect: Effect) -> bool:
    """Whether it writes a record of its own: of one that is there already, the rest of the data is not known here."""
    return effect.kind == "create" or (effect.kind == "issue" and not effect.key)


def _said(
    register: Register,
    made: date,
    effect: Effect,
    questions: frozenset[str],
    known: Mapping[str, Any],
    near: frozenset[str],
) -> dict[str, list[str]]:
    """What the register says of the record that the answers make, by the question that each field comes from."""
    today = timezone.localdate()
    spec = spec_of(definition_on(register, max(made, today)))
    comes_from: dict[str, str] = {}
    data: dict[str, Any] = {}
    for name, text in effect.values.items():
        read = expressions.variables(text)
        if not read or not read <= questions:
            continue
        comes_from[name] = min(read)
        value = expressions.evaluate(text, known)
        if value is not None:
            data[name] = value
    data = migrating.brought_up(register, data, meant_for=made, day=max(made, today), is_new=True)
    (found,) = checking.half_checked(spec, [data])
    given = [name for name in data if name in comes_from and name in spec.fields]
    told = [(name, message) for name in given for message in found.errors.get(name, ())]
    wrong = set(found.errors)
    for reads, rule in found.broken:
        leaves = reads - spec.computed.keys()
        if leaves <= comes_from.keys() and not reads & wrong and "today" not in expressions.variables(rule["when"]):
            told.append((_told_at(rule["field"], leaves, comes_from, near), rule["message"]))
    by_question: dict[str, list[str]] = {}
    for name, message in told:
        by_question.setdefault(comes_from[name], []).append(message)
    return by_question


def _told_at(wanted: str, leaves: frozenset[str], comes_from: Mapping[str, str], near: frozenset[str]) -> str:
    """The field at which a rule is told: the one it names, unless only another that it reads is `near`."""
    first = wanted if wanted in comes_from else min(leaves)
    if not near or comes_from[first] in near:
        return first
    return next((name for name in sorted(leaves) if comes_from[name] in near), first)
