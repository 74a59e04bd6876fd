"""What comes in: taking it in, finding that it came before, giving it its number, refusing it.

Nghị định 30/2020/NĐ-CP, Điều 20–22: what comes in is registered the same day or the next working day, what is urgent at
once; it has one number in one book, whether it came on paper or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable

from .. import access, finding, secrecy, types
from ..models import Arrival, Direction, Document, DocumentFile, Source, State, Urgency, Why
from . import handling, steps


@dataclass(frozen=True)
class FileIn:
    """One file that came: kept already, for the purpose ``access.FILE_PURPOSE``."""

    file: StoredFile
    role: str = DocumentFile.Role.MAIN
    name: str = ""


class SameAgain(DomainError):
    """Another document of this agency has the same author, code and day; `other` is its id."""

    code = "documents.same_again"
    other = 0


@action("documents.arrive")
def arrive(
    act: Act,
    *,
    agency: Organization,
    source: str,
    subject: str,
    source_ref: str = "",
    sender_code: str = "",
    sender_name: str = "",
    author_code: str = "",
    author_name: str = "",
    type: str = "CV",
    code: str = "",
    issued_on: date | None = None,
    urgency: int = Urgency.NORMAL,
    secrecy_level: str = "",
    restricted: bool = False,
    signer_name: str = "",
    signer_title: str = "",
    pages: int | None = None,
    due_at: datetime | None = None,
    arrived_at: datetime | None = None,
    note: str = "",
    seal_said: str = "",
    files: Sequence[FileIn] = (),
    despite_same: bool = False,
) -> Document:
    """Take a document in for `agency`; what bears the same `source` and `source_ref` again is the one that came first.

    `author_*` is who issued it, the sender when left out; `due_at` until when the sender wants an answer; `seal_said` is a
    sentence about the signature over the package it came in. A person who does it works in the records office of exactly this agency, and is told of one that looks the same
    (:class:`SameAgain`, unless `despite_same`); a process takes it in, and the office is asked when it registers.
    :class:`secrecy.StateSecret` for a level of secrecy: callers ask ``secrecy.refuse`` before they keep a file, too.
    """
    secrecy.refuse(secrecy_level)
    access.require_in(act.actor, "documents.clerk", agency)
    if type not in types.ALL:
        raise InvalidInput(_("Không có loại văn bản này."), field="type")
    if not (subject := _fit(subject, 500)):
        raise InvalidInput(_("Nhập trích yếu nội dung."), field="subject")
    came = _came_before(agency, source, source_ref)
    if came is not None:
        act.record(came, note="đã đến trước đó", organization_id=agency.pk)
        return came
    document = Document(
        direction=Direction.INCOMING,
        agency=agency,
        type=type,
        code=_fit(code, 60),
        notation=_fit(code, 60).partition("/")[2][:30],
        subject=subject,
        author_code=_fit(author_code or sender_code, 35),
        author_name=_fit(author_name or sender_name, 200),
        issued_on=issued_on,
        urgency=urgency if urgency in Urgency.values else Urgency.NORMAL,
        restricted=restricted,
        signer_name=_fit(signer_name, 100),
        signer_title=_fit(signer_title, 150),
        pages=pages,
        due_at=due_at,
        state=State.ARRIVED,
    )
    if act.actor.kind != "system" and not despite_same:
        _refuse_same(document)
    arrival = Arrival(
        source=source,
        source_ref=_fit(source_ref, 200),
        sender_code=_fit(sender_code, 35),
        sender_name=_fit(sender_name, 200),
        arrived_at=arrived_at or timezone.now(),
        agency=agency,
        note=_fit(note, 300),
        seal_said=_fit(seal_said, 300),
        despite_same=despite_same,
    )
    try:
        with transaction.atomic():
            document.save()
            arrival.document = document
            arrival.save()
    except IntegrityError:  # the same came twice at once, and the other was quicker
        came = _came_before(agency, source, source_ref)
        if came is None:
            raise
        act.record(came, note="đã đến trước đó", organization_id=agency.pk)
        return came
    attach(document, files, by=act.actor.official_id)
    access.let_read(document, agency=agency, why=Why.AGENCY, by_label=act.actor.label)
    finding.index(document)
    steps.add(act, document, f"Đến: {arrival.get_source_display()}", arrival.sender_name)
    act.record(document, after={"state": document.state, "source": source}, organization_id=agency.pk)
    act.emit("document.arrived", document, {"agency": agency.pk, "source": source, "source_ref": source_ref})
    return document


def attach(document: Document, files: Sequence[FileIn], *, by: int | None = None) -> None:
    """Add files to a document, after those it has."""
    after = document.files.count()
    DocumentFile.objects.bulk_create(
        DocumentFile(
            document=document,
            file=each.file,
            role=each.role,
            position=after + place,
            name=_fit(each.name or each.file.name, 200),
            added_by_id=by,
        )
        for place, each in enumerate(files)
    )


def same_as(document: Document) -> Document | None:
    """Another incoming document of the same agency with the same author, code and day; None when there is none.

    Authors are compared by code when both have one, else by name.
    """
    if not document.code or document.issued_on is None:
        return None
    found = (
        Document.objects.filter(
            agency=document.agency_id,
            direction=Direction.INCOMING,
            code__iexact=document.code,
            issued_on=document.issued_on,
        )
        .exclude(pk=document.pk)
        .exclude(state__in=(State.REFUSED, State.TAKEN_BACK))
        .order_by("pk")
    )
    return next((each for each in found[:20] if _same_author(document, each)), None)


def _same_author(one: Document, other: Document) -> bool:
    if one.author_code and other.author_code:
        return one.author_code == other.author_code
    return one.author_name.casefold() == other.author_name.casefold()


def _refuse_same(document: Document) -> None:
    other = same_as(document)
    if other is not None:
        fault = SameAgain(
            _(
                "Cơ quan đã có văn bản %(code)s ngày %(day)s của %(author)s. Nếu không phải bản trùng, hãy đánh dấu xác nhận."
            )
            % {"code": other.code, "day": f"{other.issued_on:%d/%m/%Y}", "author": other.author_name},
            field="despite_same",
        )
        fault.other = other.pk
        raise fault


def _came_before(agency: Organization, source: str, source_ref: str) -> Document | None:
    if not source_ref:
        return None
    arrival = (
        Arrival.objects.filter(agency=agency, source=source, source_ref=_fit(source_ref, 200))
        .select_related("document")
        .first()
    )
    return arrival.document if arrival else None


def _fit(text: str, most: int) -> str:
    """Text as it can be kept: blanks tidied, and no longer than its column."""
    tidy = " ".join(storable(text).split())
    return tidy if len(tidy) <= most else tidy[: most - 1] + "…"


@dataclass(frozen=True)
class Described:
    """What the records office reads off a document; it may differ from what the sender's package said."""

    type: str
    code: str
    subject: str
    author_name: str
    issued_on: date | None
    urgency: int = Urgency.NORMAL
    restricted: bool = False
    signer_name: str = ""
    signer_title: str = ""
    pages: int | None = None
    due_at: datetime | None = None


@action("documents.register")
def register(
    act: Act, *, document: Document, described: Described | None = None, note: str = "", despite_same: bool = False
) -> Document:
    """Give an arrived document the next number of the agency's book of this year, with its fields as they were confirmed.

    :class:`SameAgain` when it looks like another, unless that was confirmed.
    """
    document = steps.lock(document)
    access.require_in(act.actor, "documents.clerk", document.agency)
    access.require_read(act.actor, document)
    steps.require_state(document, (State.ARRIVED,))
    arrival = document.arrival
    before = _describe(document, described)
    if not (despite_same or arrival.despite_same):
        _refuse_same(document)
    now = timezone.now()
    arrival.year = timezone.localtime(now).year
    arrival.number = next_number(f"documents:arrival:{document.agency_id}:{arrival.year}")
    arrival.registered_at, arrival.registered_by_id = now, act.actor.official_id
    arrival.despite_same = arrival.despite_same or despite_same
    arrival.note = _fit(note, 300) or arrival.note
    arrival.save()
    if before:
        act.record(document, verb="documents.describe", before=before, after=_said(document, before))
    steps.move(act, document, State.REGISTERED, f"Đăng ký, số đến {arrival.number}", arrival.note)
    act.emit(
        "document.registered",
        document,
        {"agency": document.agency_id, "number": arrival.number, "year": arrival.year, "source": arrival.source},
    )
    return document


@action("documents.take_in")
def take_in(
    act: Act,
    *,
    agency: Organization,
    source: str,
    described: Described,
    files: Sequence[FileIn] = (),
    secrecy_level: str = "",
    note: str = "",
    despite_same: bool = False,
) -> Document:
    """Take a paper in and register it at once, as the records office does that has it in hand."""
    document = arrive(
        act,
        agency=agency,
        source=source,
        sender_name=described.author_name,
        files=files,
        secrecy_level=secrecy_level,
        note=note,
        despite_same=despite_same,
        **asdict(described),
    )
    return register(act, document=document, despite_same=despite_same)


@action("documents.describe")
def describe(act: Act, *, document: Document, described: Described) -> Document:
    """Correct what is on record about a document that came; its number stays."""
    document = steps.lock(document)
    access.require_in(act.actor, "documents.clerk", document.agency)
    access.require_read(act.actor, document)
    if document.direction != Direction.INCOMING:
        raise DomainError(_("Chỉ sửa được thông tin của văn bản đến."), code="documents.not_incoming")
    steps.require_state(document, (State.ARRIVED, State.REGISTERED, State.SUBMITTED, State.ASSIGNED, State.PROCESSING))
    before = _describe(document, described)
    if before:
        steps.add(act, document, "Sửa thông tin văn bản")
    act.record(document, before=before, after=_said(document, before), organization_id=document.agency_id)
    return document


def _describe(document: Document, described: Described | None) -> dict[str, Any]:
    """Put what was confirmed into a document; returns what stood there before, of what is different now."""
    if described is None:
        return {}
    wanted = asdict(described)
    if wanted["type"] not in types.ALL:
        raise InvalidInput(_("Không có loại văn bản này."), field="type")
    if not wanted["subject"].strip():
        raise InvalidInput(_("Nhập trích yếu nội dung."), field="subject")
    title = handling.title_of(document)
    before: dict[str, Any] = {}
    for field in fields(Described):
        value, old = wanted[field.name], getattr(document, field.name)
        most = Document._meta.get_field(field.name).max_length  # type: ignore[union-attr]
        if isinstance(value, str) and most:
            value = _fit(value, most)
        if value != old:
            before[field.name] = str(old) if old is not None else None
            setattr(document, field.name, value)
    if before:
        document.notation = document.code.partition("/")[2][:30]
        document.save()
        finding.index(document)
    if document.restricted and "restricted" in before:
        handling.hide_in_tasks(document, title)
    return before


def _said(document: Document, before: dict[str, Any]) -> dict[str, Any]:
    return {name: str(getattr(document, name)) for name in before}


@action("documents.refuse")
def refuse(act: Act, *, document: Document, reason: str) -> Document:
    """Send back what should not have come here, with a reason that its sender reads (wrong agency, unreadable, no seal)."""
    document = steps.lock(document)
    access.require_in(act.actor, "documents.clerk", document.agency)
    access.require_read(act.actor, document)
    steps.require_state(document, (State.ARRIVED,))
    if not reason.strip():
        raise InvalidInput(_("Nhập lý do từ chối."), field="reason")
    document.arrival.refused_reason = storable(reason).strip()
    document.arrival.save(update_fields=("refused_reason",))
    steps.move(act, document, State.REFUSED, "Từ chối tiếp nhận", document.arrival.refused_reason)
    act.emit(
        "document.refused",
        document,
        {"agency": document.agency_id, "reason": document.arrival.refused_reason, "source": document.arrival.source},
    )
    return document


def is_paper(source: str) -> bool:
    """Whether it came on paper, so that what is kept is a scan or nothing."""
    return source in (Source.SCAN, Source.HAND)
