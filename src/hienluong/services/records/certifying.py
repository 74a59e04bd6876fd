"""The certificate on the page of a record: how it stands, what may be done with it, and its papers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.registers.certificates import actions, course
from hienluong.capabilities.registers.certificates.section import Certificate
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import CertificateAct, Change, Record
from hienluong.capabilities.registers.queries import place_of
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.standing import standing
from hienluong.foundation.actions import Actor
from hienluong.services.dossiers.models import Result
from hienluong.ui.widgets import DatePartsField, TextField

from . import presentation

#: The words of a paper's standing, and the colour of its tag.
PAPERS = {
    "in_force": (_("Còn hiệu lực"), "green"),
    "expired": (_("Đã hết hạn"), "orange"),
    "suspended": (_("Đang bị đình chỉ, tạm ngừng"), "yellow"),
    "superseded": (_("Đã được thay"), "grey"),
    "revoked": (_("Đã bị thu hồi"), "red"),
}


@dataclass(frozen=True)
class Paper:
    """One paper: what made it, its number and day, and what became of it."""

    act: str
    number: str
    on: date
    signer: str
    file_id: Any  # None while it is being signed
    token: str
    standing: str
    colour: str


@dataclass(frozen=True)
class Shown:
    """The certificate as the page of a record shows it."""

    title: str
    standing: presentation.Cell
    number: str
    issued: date | None
    expires: date | None
    since: date | None
    until: date | None
    acts: list[tuple[str, str]]
    papers: list[Paper]


def shown(
    actor: Actor, record: Record, spec: RegisterSpec, data: Mapping[str, Any], readable: Collection[str]
) -> Shown | None:
    """What an official sees of the certificate today; None where the register has none, or that may not be read."""
    section, today = spec.certificate, timezone.localdate()
    tag = presentation.certificate(spec, data, readable, today)
    if section is None or tag is None:
        return None
    terms = section.terms(data)
    may = actor.can("registers.certify", place_of(record).responsible)
    offered = actions.offered(spec, data, today) if may else ()
    sees_papers = not {section.number, section.holder, *section.shows} - set(readable)
    return Shown(
        section.title,
        tag,
        str(data.get(section.number) or "") if section.number in readable else "",
        terms.issued,
        terms.expires,
        terms.since,
        terms.until,
        [(kind, str(course.ACTS[kind])) for kind in course.ACTS if kind in offered],
        _papers(record) if sees_papers else [],
    )


def _papers(record: Record) -> list[Paper]:
    made = CertificateAct.objects.filter(record=record, undone_at=None).exclude(paper="").select_related("official")
    acts = list(made.order_by("-pk"))
    issued = IssuedFile.objects.in_bulk([one.token for one in acts if one.token])
    found = []
    for one in acts:
        words, colour = (
            PAPERS[standing(issued[one.token])] if one.token in issued else (one.get_paper_display(), "blue")
        )
        signer = one.official.full_name if one.official else ""
        act = str(course.ACTS[one.kind])
        found.append(Paper(act, one.number, one.on, signer, one.file_id, one.token, str(words), colour))
    return found


def replaced(
    record: Record, spec: RegisterSpec, data: Mapping[str, Any], readable: Collection[str]
) -> list[CertificateAct]:
    """The papers of before: each was replaced by the certificate that stands today. Nothing where that is not public."""
    section = spec.certificate
    if section is None or {section.number, *section.decides} - set(readable):
        return []
    made = CertificateAct.objects.filter(record=record, undone_at=None, kind__in=course.WITH_PAPER).order_by("-pk")
    return list(made[1:6])


def named(spec: RegisterSpec, record: Record, changes: Sequence[int]) -> dict[int, str]:
    """The changes that were acts of the certificate, by their number: what they are called."""
    if spec.certificate is None:
        return {}
    acts = CertificateAct.objects.filter(record=record, change__in=changes).values_list("change_id", "kind")
    return {change: str(course.ACTS[kind]) for change, kind in acts}


def signed(changes: Sequence[Change]) -> dict[int, str]:
    """Who signed the results of the dossiers that these changes come from, by the number of the change."""
    codes = {change.source_ref for change in changes if change.source == Change.Source.DOSSIER}
    if not codes:
        return {}
    results = Result.objects.filter(dossier__code__in=codes, signed_by__isnull=False).order_by("pk")
    names = dict(results.values_list("dossier__code", "signed_by__full_name"))
    return {change.pk: names[change.source_ref] for change in changes if change.source_ref in names}


class CertificateForm(forms.Form):
    """What an act asks for: the day of the decision, the days that it names, why."""

    use_required_attribute = False
    number = TextField(label=_("Số giấy"), max_length=80, required=False)
    on = DatePartsField(label=_("Ngày quyết định"), help_text=_("Để trống là hôm nay."), required=False)
    expires = DatePartsField(label=_("Có giá trị đến hết ngày"), required=False)
    since = DatePartsField(label=_("Từ ngày"), help_text=_("Để trống là từ ngày quyết định."), required=False)
    until = DatePartsField(
        label=_("Đến hết ngày"), help_text=_("Để trống là đến khi có quyết định khác."), required=False
    )
    reason = TextField(label=_("Lý do, căn cứ"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, kind: str, section: Certificate, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        asked = {"on", "expected", "reason"}
        if kind in ("issue", "renew"):
            self.fields["reason"].required = False
            if not section.series and (kind == "issue" or not section.renew_keeps_number):
                asked.add("number")
            if section.expires:
                asked.add("expires")
                if section.validity:
                    self.fields["expires"].help_text = _("Để trống thì tính theo thời hạn của loại giấy này.")
        if kind == "suspend":
            asked |= {"since", "until"}
        for name in set(self.fields) - asked:
            del self.fields[name]
