"""The papers of certificates: made and signed when an official acts, the result itself when a dossier does; and what the
verification page says of each, which follows from the acts that came after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import history
from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.certificates import course
from hienluong.capabilities.registers.certificates.section import Certificate
from hienluong.capabilities.registers.definition import RegisterSpec, label
from hienluong.capabilities.registers.models import CertificateAct, Record, Version
from hienluong.capabilities.signing import actions as signing
from hienluong.capabilities.signing import masking
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Act, Actor, NotAllowed, action, system
from hienluong.foundation.files import pictures, printed, store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations import letterhead
from hienluong.foundation.people.identifiers import is_personal_id
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.kinds import FILES as KINDS_OF_FILES
from hienluong.foundation.schemas.kinds import PICTURES

#: The purpose of the files.
FILES = "registers.certificate"
GENERAL_TEMPLATE = "certificates/paper.html"
WHO = system("Ký và phát hành giấy chứng nhận")


def follow(act: Act, record: Record) -> None:
    """After an act: have the new paper made, and let the earlier ones say what became of them."""
    from .tasks import make_paper

    acts = list(CertificateAct.objects.filter(record=record).select_related("change"))
    settle(act, record, acts)
    if acts and acts[-1].paper == CertificateAct.Paper.DUE and acts[-1].undone_at is None:
        make_paper.defer(act_id=acts[-1].pk)


@dataclass(frozen=True)
class Fate:
    """What became of a paper: why it holds no more, what replaced it, and the days of a suspension."""

    revoked: str = ""
    replaced_by: str = ""
    since: date | None = None
    until: date | None = None


def fate(done: CertificateAct, later: Sequence[CertificateAct], is_over: bool) -> Fate:
    """What the acts after it made of the paper of an act."""
    if done.undone_at:
        return Fate(revoked=_("Việc cấp giấy này đã bị hủy bỏ."))
    since = until = None
    for one in later:
        if one.undone_at:
            continue
        if one.kind in course.WITH_PAPER:
            words = _replacement(done, one)
            return Fate(revoked=_("Được thay bằng %(other)s.") % {"other": words}, replaced_by=words)
        if one.kind in ("revoke", "close"):
            return Fate(revoked=one.change.reason or str(course.ACTS[one.kind]))
        since, until = one.since, one.until
    return Fate(revoked=_("Bản ghi mang giấy này đã chấm dứt.")) if is_over else Fate(since=since, until=until)


def _replacement(before: CertificateAct, after: CertificateAct) -> str:
    day = f"{after.on:%d/%m/%Y}"
    if after.number and after.number != before.number:
        return _("giấy số %(number)s cấp ngày %(day)s") % {"number": after.number, "day": day}
    return _("bản cấp ngày %(day)s") % {"day": day}


def settle(act: Act, record: Record, acts: Sequence[CertificateAct]) -> None:
    """Let the register of issued files say of each paper of a record what became of it; doing it again changes nothing."""
    issued = IssuedFile.objects.in_bulk([one.token for one in acts if one.token])
    if not issued:
        return
    newest = history.newest(record)
    is_over = newest is None or (newest.valid.upper is not None and newest.valid.upper <= timezone.now())
    with translation.override("vi"):  # what is kept has one language
        for position, one in enumerate(acts):
            if one.token in issued:
                _settle_one(act, issued[one.token], fate(one, acts[position + 1 :], is_over))


def _settle_one(act: Act, paper: IssuedFile, now: Fate) -> None:
    is_revoked = paper.state == IssuedFile.State.REVOKED
    if now.revoked and not is_revoked:
        signing.revoke(act, token=paper.pk, reason=now.revoked, replaced_by=now.replaced_by)
    elif not now.revoked and is_revoked:
        signing.reinstate(act, token=paper.pk, reason=_("Quyết định thay thế, thu hồi đã bị hủy bỏ."))
    if not now.revoked and (paper.suspended_since, paper.suspended_until) != (now.since, now.until):
        signing.suspend(act, token=paper.pk, since=now.since, until=now.until)


def produce(done: CertificateAct) -> CertificateAct:
    """Render, sign and publish the paper of an act. Doing it again after a crash changes nothing.

    Signed outside of transactions, since a token and a timestamp take their time; published in one, whole or not at all.
    """
    from hienluong.capabilities.signing.service import sign_result  # pyHanko takes half a second to load

    if done.paper != CertificateAct.Paper.DUE:
        return done
    record, agency, signer = done.record, done.organization, done.official
    version = written(done)
    spec = spec_of(version.definition)
    section = spec.certificate
    if section is None or signer is None:
        raise RuntimeError("an act that makes a paper has its section and its signer")
    token = signing.new_token()
    context = paper_context(done, spec, section, version.data, token)
    pdf = render_pdf(section.template or GENERAL_TEMPLATE, context, title=f"{section.title} {done.number}")
    signed = sign_result(
        WHO, pdf, official=signer, organization=agency, title=done.official_title, reason=section.title
    )
    with transaction.atomic():
        held = CertificateAct.objects.select_for_update(of=("self",)).select_related("record__register", "organization")
        done = held.get(pk=done.pk)
        if done.paper != CertificateAct.Paper.DUE:  # another run was first
            return done
        file = store(BytesIO(signed), name=f"{record.key}-{done.pk}.pdf", owner=None, purpose=FILES)
        signing.issue(
            WHO,
            token=token,
            kind=record.register.code,
            title=section.title,
            file=file,
            issuer_code=agency.code,
            issuer_name=agency.name,
            signers=[{"name": signer.full_name, "title": done.official_title}],
            subject_ref=f"certificate:{record.register.code}:{record.key}"[:100],
            facts=_facts(done, section, version.data),
            valid_until=done.expires,
        )
        return attach(WHO, done=done, file=file, token=token)


def written(done: CertificateAct) -> Version:
    """What the act wrote: the latest of the pieces that its change opened, with the definition that it obeys."""
    opened = Version.objects.filter(register=done.record.register_id, record=done.record, opened_by=done.change)
    return opened.order_by("-valid").select_related("organization", "definition")[0]


def paper_context(
    done: CertificateAct, spec: RegisterSpec, section: Certificate, data: dict[str, Any], token: str
) -> dict[str, Any]:
    """What the template of a certificate may print."""
    named = printed.in_words(
        data.get(name) for name in section.shows if spec.fields[name].get("x-kind") in KINDS_OF_FILES
    )
    verb = {"renew": "Gia hạn", "reissue": "Cấp lại"}.get(done.kind, "")
    return {
        "act": done,
        "verb": verb,
        "spec": spec,
        "section": section,
        "data": data,
        "holder": show(data.get(section.holder), spec.fields[section.holder]),
        "rows": [
            {
                "label": label(spec, name),
                "value": named.get(str(data[name])) or show(data[name], spec.fields[name]),
                "picture": pictures.as_address(data[name]) if spec.fields[name].get("x-kind") in PICTURES else "",
            }
            for name in section.shows
            if data.get(name) not in (None, "", [])
        ],
        "issued": section.terms(data).issued,
        "agency": done.organization,
        "place": letterhead.place(done.organization),
        "signer": done.official,
        "signer_title": done.official_title,
        "authority": letterhead.authority(done.official_title),
        "signed_at": _noon(done.on),
        "verify_url": f"{settings.BASE_URL}/xac-minh/{token}",
    }


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, 12))


def _facts(done: CertificateAct, section: Certificate, data: dict[str, Any]) -> list[dict[str, str]]:
    """What whoever scans the code may compare; a number that is a person's is shown by its end only."""
    number = masking.tail(done.number) if is_personal_id(done.number) else done.number
    return masking.facts(
        number=number,
        granted_to=masking.initials(str(data.get(section.holder) or "")),
        signed_on=f"{done.on:%d/%m/%Y}",
    )


@action("registers.attach_certificate")
def attach(act: Act, *, done: CertificateAct, file: StoredFile, token: str) -> CertificateAct:
    """The signed paper is there: keep it with the act that made it."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình ký số được gắn giấy đã ký."))
    done.file, done.token, done.paper = file, token, CertificateAct.Paper.SIGNED
    done.save(update_fields=("file", "token", "paper"))
    act.record(done, after={"token": token, "number": done.number}, organization_id=done.organization_id)
    acts = list(CertificateAct.objects.filter(record=done.record_id).select_related("change"))
    settle(act, done.record, acts)
    return done


def attach_result(act: Act | Actor, *, dossier: str, file: StoredFile, token: str) -> int:
    """The signed result of a dossier is the paper of the certificates that it issued; returns how many."""
    waiting = CertificateAct.objects.filter(
        change__source="dossier", change__source_ref=dossier, paper=CertificateAct.Paper.DOSSIER
    )
    found = list(waiting.select_related("record__register", "organization"))
    for done in found:
        attach(act, done=done, file=file, token=token)
    return len(found)
