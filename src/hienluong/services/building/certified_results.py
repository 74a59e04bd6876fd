"""The result of a procedure as the paper of a certificate: name, number and validity are those of the register, unless it says others.

What a result does not say the engine takes from the register (``dossiers.effects``): the number from its series, the last day from its
validity. Another validity is said by the result (``valid_months``) and by the act (``expires: valid_until``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from hienluong.capabilities.registers.certificates.section import Certificate
from hienluong.capabilities.registers.definition import RegisterSpec

from .form_shape import Definition
from .procedure_operations import BEGUN_RESULT, put_result
from .yaml_text import put as put_part

#: The acts that give a number and a last day.
_TIMED = ("issue", "renew")
_LAST_DAY = "valid_until"
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_EFFECT_ORDER = "register kind when key since through set number expires reason".split()


@dataclass(frozen=True)
class Certified:
    """The certificate that a procedure issues, and the register whose records carry it."""

    register: RegisterSpec
    section: Certificate

    @property
    def months(self) -> int | None:
        """For how many months it is good; None for ever."""
        return self.section.validity.validity.months if self.section.validity else None

    @property
    def period(self) -> str:
        """The same in words."""
        if not self.months:
            return _("không thời hạn")
        years, months = divmod(self.months, 12)
        return _("%(n)d tháng") % {"n": self.months} if months else _("%(n)d năm") % {"n": years}


def issued_by(definition: Definition, registers: Mapping[str, RegisterSpec]) -> Certified | None:
    """The certificate that a procedure issues or renews."""
    for effect in _effects(definition):
        register = registers.get(str(effect.get("register")))
        if effect.get("kind") in _TIMED and register and register.certificate:
            return Certified(register, register.certificate)
    return None


def taken_over(definition: Definition, registers: Mapping[str, RegisterSpec]) -> Definition:
    """The procedure whose result, as far as it still is as it was begun, is called and numbered as the certificate it issues."""
    found = issued_by(definition, registers)
    results = definition.get("results")
    known = results[0] if isinstance(results, list) and results and isinstance(results[0], Mapping) else {}
    parts: dict[str, Any] = {}
    if found and known.get("name") == BEGUN_RESULT["name"]:
        parts["name"] = found.section.title
    if found and found.section.series and known.get("number_suffix") == BEGUN_RESULT["number_suffix"]:
        parts["number_suffix"] = ""
    return put_result(definition, **parts) if parts else definition


def name_of(definition: Definition) -> str:
    """What the result is called."""
    results = definition.get("results")
    first = results[0] if isinstance(results, list) and results else None
    return str(first.get("name", "")) if isinstance(first, Mapping) else ""


def put(definition: Definition, found: Certified, **parts: Any) -> dict[str, Any]:
    """The result with these parts; what the register says already is not said once more."""
    months = parts.get("valid_months")
    own = months if months != found.months and found.section.expires else None
    changed = put_result(definition, **{**parts, "valid_months": own})
    effects = [_until(effect, is_own=own is not None) for effect in changed.get("effects") or ()]
    return {**changed, "effects": effects}


def _until(effect: Any, *, is_own: bool) -> Any:
    """An act whose certificate is good as long as the result says, or as the register says; a last day that was written stays."""
    if not isinstance(effect, Mapping) or effect.get("kind") not in _TIMED:
        return effect
    if effect.get("expires", _LAST_DAY) != _LAST_DAY:
        return effect
    return put_part(effect, "expires", _LAST_DAY if is_own else "", _EFFECT_ORDER)


def unsaid(definition: Definition, registers: Mapping[str, RegisterSpec], fields: Collection[str]) -> set[str]:
    """The fields that the paper of a certificate does not say below its first line: those that the holder and their number come
    from, and those that only the fees read."""
    found: set[str] = set()
    for effect in _effects(definition):
        register, values = registers.get(str(effect.get("register"))), effect.get("set")
        if effect.get("kind") in _TIMED and register and register.certificate and isinstance(values, Mapping):
            found |= {
                str(values.get(name, "")).strip() for name in (register.certificate.holder, register.subject) if name
            }
    if not found:
        return set()
    rest = {part: said for part, said in definition.items() if part not in ("charges", "form")}
    return {name for name in fields if name in found or name in _read(definition.get("charges")) - _read(rest)}


def _read(part: Any) -> set[str]:
    """The names that a part of a definition may read."""
    if isinstance(part, str):
        return set(_NAME.findall(part))
    inner = part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
    return {name for each in inner for name in _read(each)}


def _effects(definition: Definition) -> list[Mapping[str, Any]]:
    effects = definition.get("effects")
    return [each for each in effects if isinstance(each, Mapping)] if isinstance(effects, list) else []
