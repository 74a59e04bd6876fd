"""What a procedure writes into a register, held against that register before the first dossier: what the register cannot
take would stop the leader at the signature, where nobody can mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.schemas.properties import label_of, type_of

from .checks import Problem
from .spec import CERTIFICATE_KINDS, Effect, ProcedureSpec


def effect_problems(spec: ProcedureSpec, registers: Sequence[RegisterSpec]) -> Iterator[Problem]:
    """What is wrong with the effects on these registers (the newest version of each counts). Effects on others are looked
    at when they are written."""
    newest = {register.code: register for register in sorted(registers, key=lambda one: one.version)}
    blank = _may_be_blank(spec)
    for index, effect in enumerate(spec.effects):
        if register := newest.get(effect.into):
            where = ("effects", index)
            yield from (((*where, *place), said) for place, said in _faults(effect, register, blank))


def _faults(effect: Effect, register: RegisterSpec, blank: Mapping[str, str]) -> Iterator[Problem]:
    for name in effect.values:
        if name not in register.fields or name in register.computed:
            yield ("set", name), f"cơ sở dữ liệu “{effect.into}” không có trường “{name}” để ghi"
    if effect.kind in CERTIFICATE_KINDS:
        if register.certificate is None:
            yield ("kind",), f"cơ sở dữ liệu “{effect.into}” không có phần certificate"
        elif effect.kind in ("suspend", "resume") and not register.certificate.suspended:
            yield ("kind",), f"giấy của “{effect.into}” không có thời gian đình chỉ (suspended)"
    elif effect.kind == "change" and (own := sorted(register.certified & set(effect.values))):
        yield ("set",), f"{', '.join(own)} thuộc về giấy: dùng issue, renew, suspend, revoke… thay cho change"
    if effect.kind == "create" or (effect.kind == "issue" and not effect.key):
        yield from _unfilled(effect, register, blank)


def _unfilled(effect: Effect, register: RegisterSpec, blank: Mapping[str, str]) -> Iterator[Problem]:
    """Fields without which there is no new record: that nothing is written to, or only what a person may leave blank."""
    for name in needed(register):
        label = label_of(name, register.fields[name])
        source = effect.values.get(name, "")
        if not source:
            yield (
                ("set",),
                f"“{register.title}”: trường bắt buộc “{label}” chưa lấy từ đâu; không có thì hồ sơ không ký được",
            )
        elif source in blank:
            yield (
                ("set", name),
                f"“{register.title}”: trường bắt buộc “{label}” lấy từ câu hỏi “{blank[source]}” mà người dân có thể"
                " không trả lời; hãy đặt câu hỏi ấy là bắt buộc, luôn hỏi",
            )


def needed(register: RegisterSpec) -> list[str]:
    """The fields that a new record must say, besides those that the acts of its certificate write."""
    wanted = {str(name) for name in register.schema_.get("required", ())}
    if register.certificate:
        wanted = (wanted | {register.certificate.holder}) - register.certificate.kept
    return [name for name in register.asked if name in wanted]


def _may_be_blank(spec: ProcedureSpec) -> dict[str, str]:
    """The questions that a person may leave without an answer → what they ask. A box to tick is never blank."""
    if spec.form is None:
        return {}
    required = set(spec.form.data_schema.get("required", ()))
    sometimes = {name for page in spec.form.pages if page.when for name in page.fields}
    return {
        name: label_of(name, prop)
        for name, prop in spec.form.data_schema.get("properties", {}).items()
        if type_of(prop) != "boolean"
        and "x-computed" not in prop
        and (name not in required or name in sometimes or prop.get("x-when"))
    }
