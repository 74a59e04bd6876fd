"""Opening a work file, collecting what belongs to it, closing it (Nghị định 30/2020/NĐ-CP, Điều 29)."""

from __future__ import annotations

from datetime import date

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.schemas.cleaning import storable
from hienluong.services.documents import access as documents
from hienluong.services.documents import stamps
from hienluong.services.documents.models import Document

from .. import access
from ..models import Item, Member, Mode, Planned, Retention, State, WorkFile

#: Lines of the list of contents at most.
MOST_ITEMS = 5_000


@action("workfiles.plan")
def plan(
    act: Act,
    *,
    agency: Organization,
    year: int,
    notation: str,
    title: str,
    retention: str,
    retention_years: int | None = None,
    unit: Organization | None = None,
    keeper: Official | None = None,
) -> Planned:
    """Put a line into the agency's list of files for a year; its number is the next of the year."""
    documents.require_in(act.actor, "workfiles.archive", agency)
    _check_retention(retention, retention_years)
    planned = Planned.objects.create(
        agency=agency,
        year=year,
        number=next_number(f"workfiles.plan:{agency.pk}:{year}"),
        notation=_notation(notation),
        title=_title(title),
        retention=retention,
        retention_years=retention_years if retention == Retention.OTHER else None,
        unit=unit,
        keeper=keeper,
    )
    act.record(planned, after={"title": planned.title, "retention": retention}, organization_id=agency.pk)
    return planned


@action("workfiles.open")
def open_file(
    act: Act,
    *,
    agency: Organization,
    title: str,
    notation: str,
    retention: str,
    retention_years: int | None = None,
    mode: str = Mode.PUBLIC,
    keyword: str = "",
    description: str = "",
    planned: Planned | None = None,
    unit: Organization | None = None,
    opened_on: date | None = None,
) -> WorkFile:
    """Open a file; who opens it keeps it. Its number is the next of the agency's year, without gaps."""
    documents.require_in(act.actor, "documents.draft", agency)
    if act.actor.official_id is None:
        raise InvalidInput(_("Chỉ cán bộ lập hồ sơ công việc."))
    _check_retention(retention, retention_years)
    if planned is not None and planned.agency_id != agency.pk:
        raise InvalidInput(_("Dòng danh mục này của cơ quan khác."), field="planned")
    if mode not in Mode.values:
        raise InvalidInput(_("Chọn chế độ sử dụng."), field="mode")
    day = opened_on or timezone.localdate()
    if day > timezone.localdate():
        raise InvalidInput(_("Ngày mở hồ sơ chưa đến."), field="opened_on")
    number = next_number(f"workfiles.file:{agency.pk}:{day.year}")
    notation = _notation(notation)
    work_file = WorkFile.objects.create(
        agency=agency,
        unit=unit,
        planned=planned,
        year=day.year,
        number=number,
        notation=notation,
        code=f"{agency.code}.{day.year}.{number:02d}-{notation}",
        title=_title(title),
        retention=retention,
        retention_years=retention_years if retention == Retention.OTHER else None,
        mode=mode,
        keyword=storable(keyword).strip()[:100],
        description=storable(description).strip(),
        keeper_id=act.actor.official_id,
        opened_on=day,
    )
    act.record(work_file, after={"title": work_file.title, "retention": retention}, organization_id=agency.pk)
    act.emit("workfile.opened", work_file)
    return work_file


@action("workfiles.change")
def change(
    act: Act,
    *,
    work_file: WorkFile,
    title: str,
    retention: str,
    retention_years: int | None = None,
    mode: str = Mode.PUBLIC,
    keyword: str = "",
    description: str = "",
) -> WorkFile:
    """Correct what a file is called and how long it is kept, while it is not in the archive."""
    work_file = _locked(work_file)
    access.require(access.keeps(act.actor, work_file), work_file)
    if work_file.state not in (State.OPEN, State.CLOSED):
        raise DomainError(_("Hồ sơ đã giao nộp, không sửa được."), code="workfiles.not_open")
    _check_retention(retention, retention_years)
    if mode not in Mode.values:
        raise InvalidInput(_("Chọn chế độ sử dụng."), field="mode")
    before = {"title": work_file.title, "retention": work_file.retention}
    work_file.title, work_file.retention = _title(title), retention
    work_file.retention_years = retention_years if retention == Retention.OTHER else None
    work_file.mode, work_file.keyword = mode, storable(keyword).strip()[:100]
    work_file.description = storable(description).strip()
    work_file.save()
    act.record(
        work_file,
        before=before,
        after={"title": work_file.title, "retention": retention},
        organization_id=work_file.agency_id,
    )
    return work_file


@action("workfiles.add_member")
def add_member(act: Act, *, work_file: WorkFile, official: Official) -> Member:
    """Let somebody of the same agency work on the file."""
    work_file = _open(act, work_file, access.keeps)
    in_agency = Position.objects.filter(official=official, valid__contains=timezone.localdate()).values_list(
        "organization__path", flat=True
    )
    from hienluong.services.documents.agencies import agencies_at

    if work_file.agency_id not in agencies_at(in_agency):
        raise InvalidInput(_("Người này không làm việc ở cơ quan của hồ sơ."), field="official")
    member, _fresh = Member.objects.get_or_create(work_file=work_file, official=official)
    act.record(work_file, after={"member": official.pk}, organization_id=work_file.agency_id)
    return member


@action("workfiles.remove_member")
def remove_member(act: Act, *, work_file: WorkFile, official: Official) -> None:
    """Let somebody work on the file no longer."""
    work_file = _open(act, work_file, access.keeps)
    Member.objects.filter(work_file=work_file, official=official).delete()
    act.record(work_file, before={"member": official.pk}, organization_id=work_file.agency_id)


@action("workfiles.add_document")
def add_document(act: Act, *, work_file: WorkFile, document: Document, note: str = "") -> Item:
    """Put a document of the same agency that one may read into the file, at the end; twice changes nothing.

    Nobody reads it by that, so the list of contents does not say what a restricted one is about. One of another agency
    is not this agency's to hand over or to destroy.
    """
    work_file = _open(act, work_file, access.works_on)
    documents.require_read(act.actor, document)
    if document.agency_id != work_file.agency_id:
        raise InvalidInput(_("Văn bản này của cơ quan khác, không đưa vào hồ sơ của cơ quan bạn được."))
    found = Item.objects.filter(work_file=work_file, document=document).first()
    if found is not None:
        act.record(work_file, note="đã có trong hồ sơ", organization_id=work_file.agency_id)
        return found
    subject = "" if document.restricted else document.subject
    title = " ".join(filter(None, (document.kind.name, document.code, subject)))
    item = _add(work_file, document=document, title=title, issued_on=document.issued_on, note=note, act=act)
    act.record(work_file, after={"document": document.pk}, organization_id=work_file.agency_id)
    return item


@action("workfiles.add_file")
def add_file(
    act: Act, *, work_file: WorkFile, file: StoredFile, title: str, issued_on: date | None = None, note: str = ""
) -> Item:
    """Put a paper of its own into the file (kept for the purpose ``access.FILE``), at the end.

    ``secrecy.StateSecret`` for a stamp of secrecy in it: callers ask ``stamps.refuse_in_upload`` before they keep it, too.
    """
    access.require(access.works_on(act.actor, work_file), work_file)
    stamps.refuse_in_kept(file)
    work_file = _open(act, work_file, access.works_on)
    item = _add(work_file, file=file, title=_title(title), issued_on=issued_on, note=note, act=act)
    act.record(work_file, after={"file": str(file.pk)}, organization_id=work_file.agency_id)
    return item


@action("workfiles.remove_item")
def remove_item(act: Act, *, work_file: WorkFile, item_id: int) -> None:
    """Take a line out again; those after it move up."""
    work_file = _open(act, work_file, access.works_on)
    items = list(work_file.items.order_by("position"))
    gone = next((item for item in items if item.pk == item_id), None)
    if gone is None:
        raise InvalidInput(_("Không có tài liệu này trong hồ sơ."))
    gone.delete()
    _number([item for item in items if item.pk != item_id])
    act.record(work_file, before={"title": gone.title}, organization_id=work_file.agency_id)


@action("workfiles.move")
def move(act: Act, *, work_file: WorkFile, item_id: int, up: bool) -> None:
    """Change places with the line before (`up`) or after; the first stays first, the last stays last."""
    work_file = _open(act, work_file, access.works_on)
    items = list(work_file.items.order_by("position"))
    place = next((place for place, item in enumerate(items) if item.pk == item_id), None)
    if place is None:
        raise InvalidInput(_("Không có tài liệu này trong hồ sơ."))
    other = place - 1 if up else place + 1
    if 0 <= other < len(items):
        items[place], items[other] = items[other], items[place]
        _number(items)
    act.record(work_file, after={"item": item_id, "up": up}, organization_id=work_file.agency_id)


@action("workfiles.close")
def close(act: Act, *, work_file: WorkFile, closed_on: date | None = None) -> WorkFile:
    """The matter has ended: nothing is added any more, and 60 days for the archive begin. Not without a paper."""
    work_file = _open(act, work_file, access.keeps)
    day = closed_on or timezone.localdate()
    if not work_file.items.exists():
        raise InvalidInput(_("Hồ sơ chưa có tài liệu nào."))
    if day > timezone.localdate():
        raise InvalidInput(_("Ngày kết thúc chưa đến."), field="closed_on")
    if day < work_file.opened_on:
        raise InvalidInput(_("Ngày kết thúc trước ngày mở hồ sơ."), field="closed_on")
    work_file.state, work_file.closed_on = State.CLOSED, day
    work_file.save(update_fields=("state", "closed_on"))
    act.record(
        work_file, after={"state": work_file.state, "closed_on": day.isoformat()}, organization_id=work_file.agency_id
    )
    act.emit("workfile.closed", work_file)
    return work_file


@action("workfiles.reopen")
def reopen(act: Act, *, work_file: WorkFile, reason: str) -> WorkFile:
    """The matter goes on after all, with a reason; not once it went to the archive."""
    work_file = _locked(work_file)
    access.require(access.keeps(act.actor, work_file), work_file)
    if work_file.state != State.CLOSED:
        raise DomainError(_("Chỉ mở lại được hồ sơ đã kết thúc và chưa giao nộp."), code="workfiles.not_closed")
    if not reason.strip():
        raise InvalidInput(_("Ghi lý do."), field="reason")
    work_file.state, work_file.closed_on = State.OPEN, None
    work_file.save(update_fields=("state", "closed_on"))
    act.record(work_file, after={"state": work_file.state, "reason": reason}, organization_id=work_file.agency_id)
    return work_file


def _add(
    work_file: WorkFile,
    *,
    act: Act,
    title: str,
    issued_on: date | None,
    note: str,
    document: Document | None = None,
    file: StoredFile | None = None,
) -> Item:
    last = work_file.items.aggregate(last=Max("position"))["last"] or 0
    if last >= MOST_ITEMS:
        raise InvalidInput(_("Hồ sơ có quá nhiều tài liệu. Hãy lập thêm hồ sơ."))
    return Item.objects.create(
        work_file=work_file,
        position=last + 1,
        document=document,
        file=file,
        title=title[:500],
        issued_on=issued_on,
        note=storable(note).strip()[:300],
        added_by_id=act.actor.official_id,
    )


def _number(items: list[Item]) -> None:
    """Number the lines from 1, in this order."""
    for place, item in enumerate(items, start=1):
        item.position = place
    Item.objects.bulk_update(items, ("position",))


def _open(act: Act, work_file: WorkFile, allowed: object) -> WorkFile:
    """The file, locked, when the actor is allowed and it may still be changed."""
    work_file = _locked(work_file)
    access.require(bool(allowed(act.actor, work_file)), work_file)  # type: ignore[operator]
    if work_file.state not in access.CHANGEABLE:
        raise DomainError(_("Hồ sơ đã kết thúc. Hãy mở lại trước khi sửa."), code="workfiles.not_open")
    return work_file


def _locked(work_file: WorkFile) -> WorkFile:
    return WorkFile.objects.select_for_update().get(pk=work_file.pk)


def _check_retention(retention: str, years: int | None) -> None:
    if retention not in Retention.values:
        raise InvalidInput(_("Chọn thời hạn lưu trữ."), field="retention")
    if retention == Retention.OTHER and not (years and 1 <= years <= 100):
        raise InvalidInput(_("Ghi số năm lưu trữ, từ 1 đến 100."), field="retention_years")


def _title(title: str) -> str:
    found = " ".join(storable(title).split())[:500]
    if not found:
        raise InvalidInput(_("Nhập tiêu đề."), field="title")
    return found


def _notation(notation: str) -> str:
    found = storable(notation).strip()[:30]
    if not found or not all(c.isalnum() or c in "-." for c in found):
        raise InvalidInput(_("Ký hiệu hồ sơ chỉ gồm chữ, số, gạch nối và dấu chấm, ví dụ KHTC."), field="notation")
    return found
