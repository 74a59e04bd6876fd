"""Looks at a person's data in words: which fields, by whom, grouped by day. A constant number of queries a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.properties import label_of

from .models import Question


@dataclass(frozen=True)
class Look:
    """One look as the person reads it."""

    read: PersonalDataRead
    place: str
    fields: str
    about: str
    question: Question | None


def by_day(reads: Sequence[PersonalDataRead]) -> list[tuple[date, list[Look]]]:
    """Looks, newest first, under the days on which they happened."""
    places = dict(
        Organization.objects.filter(pk__in={read.organization_id for read in reads}).values_list("pk", "name")
    )
    asked = {question.read_id: question for question in Question.objects.filter(read__in=[read.pk for read in reads])}
    specs = _specs({read.subject for read in reads})
    looks = [
        Look(
            read,
            places.get(read.organization_id or 0, ""),
            _fields(read, specs),
            specs[read.subject].title if read.subject in specs else read.subject,
            asked.get(read.pk),
        )
        for read in reads
    ]
    return [(day, list(found)) for day, found in groupby(looks, key=lambda look: timezone.localdate(look.read.at))]


def one(read: PersonalDataRead) -> Look:
    """One look."""
    return by_day([read])[0][1][0]


def _specs(codes: set[str]) -> dict[str, RegisterSpec]:
    found = Definition.objects.filter(register__code__in=codes, valid__contains=timezone.localdate())
    return {one.register.code: spec_of(one) for one in found.select_related("register")}


def _fields(read: PersonalDataRead, specs: Mapping[str, RegisterSpec]) -> str:
    """The fields in words; those of a dossier's own form are counted, since forms differ."""
    known = {
        "name": _("Họ tên"),
        "identifier": _("Số định danh"),
        "phone": _("Điện thoại"),
        "address": _("Địa chỉ"),
        "email": _("Thư điện tử"),
        "username": _("Tên đăng nhập"),
    }
    spec = specs.get(read.subject)
    if spec:
        return ", ".join(label_of(name, spec.fields[name]) if name in spec.fields else name for name in read.fields)
    if read.agreement:  # of a service of another agency: as its description calls them
        return ", ".join(read.fields)
    named = [str(known[name]) for name in read.fields if name in known]
    if others := len(read.fields) - len(named):
        named.append(_("%(count)d mục khác của hồ sơ") % {"count": others})
    return ", ".join(named)
