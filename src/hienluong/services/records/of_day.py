"""By which version of a register a page asks: that of the day from which on what is written will be true.

Until that day the form of today knows nothing of what the version to come demands. So once such a day is named, its form
is shown, with what the record says by it and with all that was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.forms.one_page import OnePage
from hienluong.capabilities.registers import migrating, obeying, temporal
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Definition, Record, Register, Version

from .forms import WRONG


@dataclass(frozen=True)
class Asked:
    """What a page asks for by one version, and what the record says by it. Not `is_there`: it says nothing at that time."""

    definition: Definition
    form: OnePage
    data: Mapping[str, Any]
    is_there: bool = True

    @property
    def spec(self) -> RegisterSpec:
        """The version read."""
        return spec_of(self.definition)

    @property
    def begins(self) -> date:
        """From when the version holds."""
        day: date = self.definition.valid.lower
        return day


def shown(register: Register, posted: Any, prefix: str) -> Definition:
    """The version whose fields the page showed from which something was sent; that of today when it does not say."""
    number = (posted or {}).get(f"{prefix}-version", "")
    if number.isascii() and number.isdigit() and len(number) < 10:
        found = Definition.objects.filter(register=register, version=int(number)).first()
        if found is not None and (found.valid.upper is None or found.valid.upper > timezone.localdate()):
            return found
    return definition_on(register, timezone.localdate())


def wanted(
    register: Register, about: forms.Form, before: Definition, correction_since: date | None = None
) -> Definition:
    """The version by which what is said in `about` is kept; `before`, that of the page, while its day cannot be read.

    A correction is true from `correction_since`, whatever day is named. What is written of a past day is asked for as today.
    """
    about.is_valid()
    if "since" in about.errors:
        return before
    is_correction = correction_since is not None and about.cleaned_data.get("kind") == WRONG
    day = correction_since if is_correction else about.cleaned_data.get("since")
    today = timezone.localdate()
    return definition_on(register, max(day or today, today))


def standing(
    record: Record, definition: Definition, newest: Version | None, day: date | None
) -> tuple[Mapping[str, Any], bool]:
    """What a record says from `day` on (now when None) as a version has it, and whether it says anything then; if not, what
    it said last."""
    stands = temporal.standing(record, temporal.moment(day))
    is_there = stands.definition is not None
    if not is_there and newest is not None:
        stands = temporal.Standing(newest.data, definition=newest.definition_id)
    return obeying.brought_to(record.register, stands, definition).data, is_there


def typed_over(register: Register, before: Asked, after: Asked, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of `after` begins with: what the record says, and over it all that was typed in the form of `before`."""
    said = before.spec.cleaner.clean(typed)
    changed = {name: said.get(name) for name in before.form.fields if said.get(name) != before.data.get(name)}
    if before.definition.version < after.definition.version:
        changed = migrating.brought_up(register, changed, meant_for=before.begins, day=after.begins, is_new=False)
    return {**after.data, **{name: value for name, value in changed.items() if name in after.spec.fields}}


def said_of(asked: Asked, *, is_turned: bool) -> str:
    """Which version the form is of, in words; empty for that of today, unless the form has just become it again."""
    today = timezone.localdate()
    is_coming = asked.begins > today
    if not is_coming and not is_turned:
        return ""
    told = {"number": asked.definition.version, "day": f"{asked.begins:%d/%m/%Y}"}
    first = (
        _(
            "Điều bạn ghi có từ khi phiên bản %(number)s của cơ sở dữ liệu đã có hiệu lực (từ ngày %(day)s), "
            "nên biểu mẫu dưới đây theo phiên bản ấy."
        )
        if is_coming
        else _("Biểu mẫu dưới đây theo phiên bản %(number)s của cơ sở dữ liệu, có hiệu lực từ ngày %(day)s.")
    ) % told
    again = _("Chưa ghi gì; những gì đã nhập vẫn còn. Hãy xem lại các trường rồi bấm “Ghi”.")
    return f"{first} {again}" if is_turned else first
