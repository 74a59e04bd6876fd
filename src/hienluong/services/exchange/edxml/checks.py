"""Whether a package may go out: everything a strict reader would refuse is refused here first, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from . import lengths
from .faults import Fault, missing, out_of_range, too_long, wrong
from .package import Agency, BusinessKind, DocumentPackage, Package, Reference, Staff, Status, StatusPackage

#: Characters that XML 1.0 cannot carry, however they are written.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODE = re.compile(r"[0-9A-Z]+(\.[0-9A-Z]+)*", re.ASCII)
_CONTENT_ID = re.compile(r"[A-Za-z0-9._@-]{1,100}", re.ASCII)


def faults_of(package: Package) -> list[Fault]:
    """Every reason why `package` must not be written; empty when it may."""
    if isinstance(package, StatusPackage):
        return list(_status_faults(package))
    return list(_document_faults(package))


def _text(where: str, text: str, most: int, *, needed: bool = False) -> Iterator[Fault]:
    if not text.strip():
        if needed:
            yield missing(where, f"Thiếu {where}.")
        return
    if len(text) > most:
        yield too_long(where, len(text), most)
    if FORBIDDEN.search(text):
        yield wrong(where, f"{where} có ký tự điều khiển không ghi được vào XML.")


def _agency_code(where: str, code: str) -> Iterator[Fault]:
    found = list(_text(where, code, lengths.AGENCY_CODE, needed=True))
    yield from found
    if not found and not _CODE.fullmatch(code):
        yield out_of_range(where, f"“{code}” không phải mã định danh cơ quan.")


def _agency(where: str, agency: Agency) -> Iterator[Fault]:
    yield from _agency_code(f"{where}.OrganId", agency.code)
    for name, text in agency_texts(agency):
        yield from _text(f"{where}.{name}", text, lengths.AGENCY[name], needed=name == "OrganName")


def agency_texts(agency: Agency) -> list[tuple[str, str]]:
    """The texts of From and To after OrganId, in the order of the standard."""
    return [
        ("OrganizationInCharge", agency.in_charge),
        ("OrganName", agency.name),
        ("OrganAdd", agency.address),
        ("Email", agency.email),
        ("Telephone", agency.telephone),
        ("Fax", agency.fax),
        ("Website", agency.website),
    ]


def _reference(where: str, about: Reference) -> Iterator[Fault]:
    yield from _agency_code(f"{where}.OrganId", about.agency)
    yield from _text(f"{where}.DocumentId", about.document_id, lengths.DOCUMENT_ID, needed=True)
    yield from _text(f"{where}.Code", about.code, lengths.CODE_NUMBER + 1 + lengths.CODE_NOTATION)


def _staff(where: str, staff: Staff | None) -> Iterator[Fault]:
    if staff is None:
        return
    texts = (("Department", staff.department), ("Staff", staff.name), ("Mobile", staff.mobile), ("Email", staff.email))
    for name, text in texts:
        yield from _text(f"{where}.StaffInfo.{name}", text, lengths.STAFF)


def _moment(where: str, at: datetime) -> Iterator[Fault]:
    if at.tzinfo is None:
        yield wrong(where, f"{where} không có múi giờ.")


def _count(where: str, number: int) -> Iterator[Fault]:
    if not 0 <= number <= lengths.MOST_COUNT:
        yield out_of_range(where, f"{where} phải từ 0 đến {lengths.MOST_COUNT}.")


def _document_faults(package: DocumentPackage) -> Iterator[Fault]:
    head = "MessageHeader"
    yield from _agency(f"{head}.From", package.sender)
    if not package.receivers:
        yield missing(f"{head}.To", "Nơi nhận văn bản không được để trống.")
    for receiver in package.receivers:
        yield from _agency(f"{head}.To", receiver)
    if len({receiver.code for receiver in package.receivers}) < len(package.receivers):
        yield wrong(f"{head}.To.OrganId", "Một nơi nhận được ghi hai lần.")
    yield from _text(f"{head}.Code.CodeNumber", package.number, lengths.CODE_NUMBER, needed=True)
    yield from _text(f"{head}.Code.CodeNotation", package.notation, lengths.CODE_NOTATION, needed=True)
    yield from _text(f"{head}.PromulgationInfo.Place", package.place, lengths.PROMULGATION_PLACE)
    yield from _text(f"{head}.DocumentType.TypeName", package.type_name, lengths.TYPE_NAME, needed=True)
    yield from _text(f"{head}.DocumentType.TypeDetail", package.type_detail, lengths.TYPE_DETAIL)
    yield from _count(f"{head}.DocumentType.Type", package.type_code)
    yield from _text(f"{head}.Subject", package.subject, lengths.SUBJECT, needed=True)
    yield from _text(f"{head}.Content", package.content, lengths.CONTENT)
    yield from _text(f"{head}.SignerInfo.Competence", package.signer.competence, lengths.COMPETENCE)
    yield from _text(f"{head}.SignerInfo.Position", package.signer.position, lengths.POSITION)
    yield from _text(f"{head}.SignerInfo.FullName", package.signer.name, lengths.FULL_NAME)
    for place in package.to_places:
        yield from _text(f"{head}.ToPlaces.Place", place, lengths.PLACE, needed=True)
    yield from _other_info(package)
    for answered in package.answers:
        yield from _reference(f"{head}.ResponseFor", answered)
    if package.steering is not None:
        yield from _count(f"{head}.SteeringType", package.steering)
    yield from _text(f"{head}.DocumentId", package.document_id, lengths.DOCUMENT_ID, needed=True)
    yield from _trace(package)
    yield from _attachments(package)


def _other_info(package: DocumentPackage) -> Iterator[Fault]:
    where = "MessageHeader.OtherInfo"
    if package.priority not in lengths.PRIORITIES:
        yield out_of_range(f"{where}.Priority", "Độ khẩn phải từ 0 đến 4.")
    yield from _text(f"{where}.SphereOfPromulgation", package.sphere, lengths.SPHERE)
    yield from _text(f"{where}.TyperNotation", package.typist, lengths.TYPIST)
    yield from _count(f"{where}.PromulgationAmount", package.copies)
    yield from _count(f"{where}.PageAmount", package.pages)
    for appendix in package.appendixes:
        yield from _text(f"{where}.Appendixes.Appendix", appendix, lengths.APPENDIX, needed=True)


def _trace(package: DocumentPackage) -> Iterator[Fault]:
    where, business = "TraceHeaderList", package.business
    if not package.trace:
        yield missing(f"{where}.TraceHeader", "Gói tin chưa ghi hệ thống nào đã gửi.")
    for hop in package.trace:
        yield from _agency_code(f"{where}.TraceHeader.OrganId", hop.agency)
        yield from _moment(f"{where}.TraceHeader.Timestamp", hop.at)
    needed = business.kind is not BusinessKind.NEW
    yield from _text(f"{where}.Bussiness.BussinessDocReason", business.reason, lengths.REASON, needed=needed)
    pointing = business.kind in (BusinessKind.REVOKE, BusinessKind.UPDATE)
    yield from _text(f"{where}.Bussiness.DocumentId", business.document_id, lengths.DOCUMENT_ID, needed=pointing)
    yield from _staff(f"{where}.Bussiness", business.staff)
    if business.kind is BusinessKind.REPLACE and not business.replaced:
        yield missing(f"{where}.Bussiness.ReplacementInfoList", "Chưa ghi văn bản bị thay thế.")
    for replaced in business.replaced:
        at = f"{where}.Bussiness.ReplacementInfo"
        yield from _text(f"{at}.DocumentId", replaced.document_id, lengths.DOCUMENT_ID, needed=True)
        for code in replaced.agencies:
            yield from _agency_code(f"{at}.OrganId", code)
    for changed in business.change.receivers if business.change else ():
        yield from _agency_code(f"{where}.Bussiness.Receiver.OrganId", changed.agency)
        yield from _text(f"{where}.Bussiness.Receiver.ReceiverType", changed.kind, 10, needed=True)


def _attachments(package: DocumentPackage) -> Iterator[Fault]:
    if not package.attachments and package.business.kind in (BusinessKind.NEW, BusinessKind.REPLACE):
        yield missing("Attachment", "Gói tin không có tệp văn bản nào.")
    for attachment in package.attachments:
        yield from _text("AttachmentName", attachment.name, lengths.ATTACHMENT_NAME, needed=True)
        yield from _text("Attachment.Description", attachment.description, lengths.DESCRIPTION)
        yield from _text("Attachment.ContentType", attachment.content_type, 100, needed=True)
        if attachment.content_id and not _CONTENT_ID.fullmatch(attachment.content_id):
            yield wrong("Attachment.ContentId", "Mã tệp chỉ gồm chữ, số và . _ @ -.")
        if not attachment.content:
            yield missing("Attachment.ContentTransferEncoded", f"Tệp “{attachment.name}” trống.")
    named = [attachment.content_id for attachment in package.attachments if attachment.content_id]
    if len(set(named)) < len(named):
        yield wrong("Attachment.ContentId", "Hai tệp mang cùng một mã.")


def _status_faults(package: StatusPackage) -> Iterator[Fault]:
    yield from _reference("Status.ResponseFor", package.about)
    yield from _agency("Status.From", package.sender)
    refusing = package.status in (Status.REFUSED, Status.TAKE_BACK_REFUSED, Status.TAKE_BACK)
    yield from _text("Status.Description", package.description, lengths.DESCRIPTION, needed=refusing)
    yield from _moment("Status.Timestamp", package.at)
    yield from _staff("Status", package.staff)
