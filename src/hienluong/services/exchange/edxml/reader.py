"""Reading what real systems send: tolerant of form, strict about what a registered document needs.

Taken: any prefix, any case, a SOAP envelope around it, ``Bussiness`` or ``Business``, files packed before they were
encoded, dates day first, the flat form of some provinces, texts longer than the standard has them. Refused, with every
fault named: what is no XML or a dangerous one, no sender, no receiver, no subject, no way to tell which document it
is, a file that is announced but not there, an element twice where two readers would take two different ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from . import lengths, unpacking
from .checks import FORBIDDEN
from .faults import BadPackage, Fault, missing, out_of_range, too_long, wrong
from .moments import day, moment
from .package import (
    Agency,
    Attachment,
    Business,
    BusinessKind,
    Change,
    ChangedReceiver,
    DocumentPackage,
    Hop,
    Package,
    Reference,
    Replacement,
    Signer,
    Staff,
    Status,
    StatusPackage,
    document_id,
)
from .tree import Node, parse

MEGABYTE = 1024 * 1024
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # never told on: its package is refused


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one package may hold, in bytes and in pieces."""

    package: int = 120 * MEGABYTE
    attachment: int = 50 * MEGABYTE
    attachments: int = 50
    receivers: int = 1_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A package that was read, and where it departs from the standard without harm."""

    package: Package
    notes: tuple[Fault, ...] = ()
    signed: bool = False  # whether an XML signature is in it, or something that is meant as one; it is not judged here


def read(data: bytes, limits: Limits = Limits()) -> Reading:
    """The package in `data`. Raises :class:`BadPackage` with every fault and whom a refusal goes to."""
    if len(data) > limits.package:
        raise BadPackage([Fault("R.Package", f"Gói tin lớn quá {limits.package // MEGABYTE} MB.")])
    if not data.strip():
        raise BadPackage([missing("Package", "Gói tin trống.")])
    root = parse(data, limits.attachment * 4 // 3 + limits.attachment // 16 + 1024)
    return _Reader(root, limits).read()


def _way_to_envelope(root: Node) -> list[Node]:
    """From the root to the element that holds header and body: under the root, under SOAP, or the root itself."""
    way = [root]
    for _level in range(4):
        node = way[-1]
        header = node.first("edxmlheader", "header") or node
        if header.first("messageheader", "status"):
            return way
        inner = node.first("edxmlenvelope", "edxml", "envelope", "body")
        if inner is None:
            return way
        way.append(inner)
    return way


class _Reader:
    """One reading: collects faults (the package is refused) and notes (it is taken all the same)."""

    def __init__(self, root: Node, limits: Limits) -> None:
        self.limits = limits
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []
        self.root = root
        self.way = _way_to_envelope(root)
        self.envelope = self.way[-1]
        header = self.envelope.first("edxmlheader", "header")
        self.header = header or self.envelope

    def read(self) -> Reading:
        for name in ("messageheader", "status"):
            if len(self.header.all(name)) > 1:
                raise BadPackage([wrong("Header", "Gói tin có hai phần đầu; không biết phần nào đúng.")])
        head, status = self.header.first("messageheader"), self.header.first("status")
        if head is not None and status is not None:
            raise BadPackage([wrong("Header", "Gói tin vừa là văn bản vừa là trạng thái.")])
        if status is None and head is not None and head.first("statuscode"):
            head, status = None, head  # some systems put a status under the name of the other
        if status is not None:
            return self._finish(self._status(status))
        if head is None:
            raise BadPackage([missing("MessageHeader", "Không thấy phần đầu của văn bản (MessageHeader).")])
        return self._finish(self._document(head))

    def _finish(self, package: Package) -> Reading:
        about = package.about if isinstance(package, StatusPackage) else package.reference
        if self.faults:
            raise BadPackage(self.faults, about=about, sender=package.sender.code)
        return Reading(package, tuple(self.notes), self._signed())

    def _signed(self) -> bool:
        """The element for it is there and not empty, or there is a signature anywhere else."""
        holders = [found for place in (*self.way, self.header) for found in place.all("signature", "digitalsignature")]
        meant = any(found.children or found.text for found in holders)
        return meant or self.root.anywhere("signedinfo", "signaturevalue")

    # Texts

    def _text(
        self, node: Node | None, where: str, *names: str, most: int, hard: bool = False, need: bool = False
    ) -> str:
        """The text of a child; `hard`: too long is a fault and not only a note; `need`: so is none at all."""
        found = node.all(*names) if node else []
        if len(found) > 1:
            self.faults.append(wrong(where, f"{where} được ghi {len(found)} lần."))
        text = found[0].text if found else ""
        if not text:
            if need:
                self.faults.append(missing(where, f"Thiếu {where}."))
            return ""
        if len(text) > most:
            (self.faults if hard else self.notes).append(too_long(where, len(text), most))
        if FORBIDDEN.search(text):
            self.faults.append(wrong(where, f"{where} có ký tự điều khiển."))
        return text

    def _day(self, node: Node | None, where: str, *names: str) -> date | None:
        text = node.of(*names) if node else ""
        found = day(text)
        if text and found is None:
            self.notes.append(wrong(where, f"{where} không phải ngày: “{text[:30]}”."))
        return found

    def _number(self, node: Node | None, where: str, name: str, most: int = lengths.MOST_COUNT) -> int:
        text = node.of(name) if node else ""
        if not text:
            return 0
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= most):
            self.notes.append(out_of_range(where, f"{where} không phải số từ 0 đến {most}: “{text[:30]}”."))
            return 0
        return int(text)

    # Pieces

    def _agency(self, node: Node | None, where: str) -> Agency:
        code = self._text(node, f"{where}.OrganId", "organid", most=lengths.AGENCY_CODE, hard=True, need=True)
        texts = {
            name: self._text(node, f"{where}.{name}", name.lower(), most=most) for name, most in lengths.AGENCY.items()
        }
        return Agency(
            code=code.upper(),
            name=texts["OrganName"],
            in_charge=texts["OrganizationInCharge"],
            address=texts["OrganAdd"],
            email=texts["Email"],
            telephone=texts["Telephone"],
            fax=texts["Fax"],
            website=texts["Website"],
        )

    def _reference(self, node: Node, where: str) -> Reference:
        most = lengths.CODE_NUMBER + 1 + lengths.CODE_NOTATION
        return Reference(
            agency=self._text(node, f"{where}.OrganId", "organid", most=lengths.AGENCY_CODE).upper(),
            code=self._text(node, f"{where}.Code", "code", most=most),
            issued_on=self._day(node, f"{where}.PromulgationDate", "promulgationdate"),
            document_id=self._text(node, f"{where}.DocumentId", "documentid", most=lengths.DOCUMENT_ID),
        )

    def _staff(self, node: Node | None, where: str) -> Staff | None:
        found = node.first("staffinfo") if node else None
        if found is None:
            return None
        texts = [
            self._text(found, f"{where}.StaffInfo.{name}", name.lower(), most=lengths.STAFF)
            for name in ("Department", "Staff", "Mobile", "Email")
        ]
        return Staff(*texts) if any(texts) else None

    # Messages

    def _status(self, node: Node) -> StatusPackage:
        about = node.first("responsefor")
        if about is None:
            self.faults.append(missing("Status.ResponseFor", "Trạng thái không ghi là của văn bản nào."))
        reference = self._reference(about or Node("responsefor"), "Status.ResponseFor")
        if about is not None and not reference.document_id and not (reference.code and reference.agency):
            self.faults.append(missing("Status.ResponseFor.DocumentId", "Trạng thái không ghi mã văn bản."))
        code = self._text(node, "Status.StatusCode", "statuscode", most=10, hard=True, need=True)
        status = Status.ARRIVED
        try:
            status = Status(code.zfill(2))
        except ValueError:
            if code:
                self.faults.append(out_of_range("Status.StatusCode", f"Không có trạng thái “{code[:10]}”."))
        at = moment(node.of("timestamp"))
        if at is None:
            self.faults.append(missing("Status.Timestamp", "Trạng thái không ghi thời điểm."))
        return StatusPackage(
            about=reference,
            sender=self._agency(node.first("from"), "Status.From"),
            status=status,
            at=at or _NO_TIME,
            description=self._text(node, "Status.Description", "description", most=lengths.DESCRIPTION),
            staff=self._staff(node, "Status"),
        )

    def _document(self, node: Node) -> DocumentPackage:
        where = "MessageHeader"
        for name in ("From", "Code", "PromulgationInfo", "DocumentType", "SignerInfo", "OtherInfo"):
            if len(node.all(name.lower())) > 1:
                self.faults.append(wrong(f"{where}.{name}", f"{name} được ghi hai lần."))
        sender = self._agency(node.first("from"), f"{where}.From")
        code, issue = node.first("code"), node.first("promulgationinfo")
        number = self._text(code, f"{where}.Code.CodeNumber", "codenumber", most=lengths.CODE_NUMBER)
        notation = self._text(code, f"{where}.Code.CodeNotation", "codenotation", most=lengths.CODE_NOTATION)
        issued_on = self._day(issue, f"{where}.PromulgationInfo.PromulgationDate", "promulgationdate")
        if issued_on is None:
            self.faults.append(missing(f"{where}.PromulgationInfo.PromulgationDate", "Thiếu ngày ban hành văn bản."))
        told = self._text(node, f"{where}.DocumentId", "documentid", most=lengths.DOCUMENT_ID, hard=True)
        if not told and not (number or notation):
            self.faults.append(missing(f"{where}.DocumentId", "Không có mã văn bản, cũng không có số, ký hiệu."))
        trace, business = self._trace(node)
        signer, kind, other = node.first("signerinfo"), node.first("documenttype"), node.first("otherinfo")
        places = node.first("toplaces")
        in_other = f"{where}.OtherInfo"
        direction = other.of("direction").lower() if other else ""
        attachments = self._attachments(business)
        return DocumentPackage(
            sender=sender,
            receivers=self._receivers(node),
            number=number,
            notation=notation,
            issued_on=issued_on or date.min,
            subject=self._text(node, f"{where}.Subject", "subject", most=lengths.SUBJECT, hard=True, need=True),
            document_id=told or document_id(sender.code, issued_on or date.min, number, notation),
            place=self._text(issue, f"{where}.PromulgationInfo.Place", "place", most=lengths.PROMULGATION_PLACE),
            type_code=self._number(kind, f"{where}.DocumentType.Type", "type"),
            type_name=self._type_name(kind),
            type_detail=self._text(kind, f"{where}.DocumentType.TypeDetail", "typedetail", most=lengths.TYPE_DETAIL),
            content=self._text(node, f"{where}.Content", "content", most=lengths.CONTENT),
            signer=Signer(
                self._text(signer, f"{where}.SignerInfo.Competence", "competence", most=lengths.COMPETENCE),
                self._text(signer, f"{where}.SignerInfo.Position", "position", "function", most=lengths.POSITION),
                self._text(signer, f"{where}.SignerInfo.FullName", "fullname", "signer", most=lengths.FULL_NAME),
            ),
            due_on=self._day(node, f"{where}.DueDate", "duedate"),
            to_places=tuple(place.text for place in (places.all("place") if places else []) if place.text)[:1000],
            priority=self._number(other, f"{in_other}.Priority", "priority", lengths.PRIORITIES.stop - 1),
            sphere=self._text(other, f"{in_other}.SphereOfPromulgation", "sphereofpromulgation", most=lengths.SPHERE),
            typist=self._text(other, f"{in_other}.TyperNotation", "typernotation", most=lengths.TYPIST),
            copies=self._number(other, f"{in_other}.PromulgationAmount", "promulgationamount"),
            pages=self._number(other, f"{in_other}.PageAmount", "pageamount"),
            direction=None if not direction else direction in ("true", "1"),
            appendixes=self._appendixes(other),
            answers=tuple(
                self._reference(found, f"{where}.ResponseFor")
                for found in node.all("responsefor")
                if found.of("organid") or found.of("documentid") or found.of("code")
            ),
            steering=self._number(node, f"{where}.SteeringType", "steeringtype") if node.of("steeringtype") else None,
            trace=trace,
            business=business,
            attachments=attachments,
        )

    def _receivers(self, node: Node) -> tuple[Agency, ...]:
        """Each receiver once. An axis may leave the list to the headers of the message; then one empty To is none."""
        found: dict[str, Agency] = {}
        given = node.all("to")
        if not given:
            self.faults.append(missing("MessageHeader.To", "Nơi nhận văn bản không được để trống."))
        if len(given) > self.limits.receivers:
            self.faults.append(out_of_range("MessageHeader.To", f"Quá {self.limits.receivers} nơi nhận."))
            return ()
        for one in given:
            agency = self._agency(one, "MessageHeader.To")
            if agency.code in found:
                self.notes.append(wrong("MessageHeader.To.OrganId", f"Nơi nhận {agency.code} được ghi hai lần."))
            found.setdefault(agency.code, agency)
        return tuple(found.values())

    def _type_name(self, kind: Node | None) -> str:
        """The name of the type; the flat form has it as the text of DocumentType itself."""
        name = self._text(kind, "MessageHeader.DocumentType.TypeName", "typename", most=lengths.TYPE_NAME)
        return name or (kind.text[: lengths.TYPE_NAME] if kind and not kind.children else "")

    def _appendixes(self, other: Node | None) -> tuple[str, ...]:
        holder = other.first("appendixes") if other else None
        texts = [found.text for found in (holder.all("appendix") if holder else [])]
        return tuple(text for text in texts if text)

    def _trace(self, head: Node) -> tuple[tuple[Hop, ...], Business]:
        holder = self.header.first("traceheaderlist") or head.first("traceheaderlist")
        if len(self.header.all("traceheaderlist")) > 1:
            self.faults.append(wrong("TraceHeaderList", "TraceHeaderList được ghi hai lần."))
        if holder is None:
            return (), Business()
        hops = []
        for found in holder.all("traceheader"):
            at, code = moment(found.of("timestamp", "time")), found.of("organid")
            if at is None or not code:
                self.notes.append(wrong("TraceHeaderList.TraceHeader", "Một chặng không ghi đủ nơi và thời điểm."))
            else:
                hops.append(Hop(code[: lengths.AGENCY_CODE].upper(), at))
        given = holder.all("business")
        if len(given) > 1:
            self.faults.append(wrong("TraceHeaderList.Bussiness", "Nghiệp vụ được ghi hai lần."))
        return tuple(hops), self._business(given[0]) if given else Business()

    def _business(self, node: Node) -> Business:
        where = "TraceHeaderList.Bussiness"
        told = self._text(node, f"{where}.BussinessDocType", "businessdoctype", most=10, hard=True) or "0"
        kind = BusinessKind.NEW
        try:
            kind = BusinessKind(told)
        except ValueError:
            self.faults.append(out_of_range(f"{where}.BussinessDocType", f"Không có nghiệp vụ “{told[:10]}”."))
        target = self._text(node, f"{where}.DocumentId", "documentid", most=lengths.DOCUMENT_ID)
        if kind is BusinessKind.REVOKE and not target:
            self.faults.append(missing(f"{where}.DocumentId", "Không ghi văn bản bị thu hồi."))
        replaced = tuple(
            Replacement(found.of("documentid"), tuple(code.text.upper() for code in _codes(found) if code.text))
            for holder in node.all("replacementinfolist")
            for found in holder.all("replacementinfo")
            if found.of("documentid")
        )
        if kind is BusinessKind.REPLACE and not replaced:
            self.faults.append(missing(f"{where}.ReplacementInfoList", "Không ghi văn bản bị thay thế."))
        return Business(
            kind=kind,
            reason=self._text(node, f"{where}.BussinessDocReason", "businessdocreason", most=lengths.REASON),
            document_id=target,
            change=self._change(node.first("businessdocumentinfo")),
            staff=self._staff(node, where),
            paper=node.of("paper").lower() in ("1", "true"),
            replaced=replaced,
        )

    def _change(self, node: Node | None) -> Change | None:
        if node is None:
            return None
        holder = node.first("receiverlist")
        receivers = tuple(
            ChangedReceiver(found.of("receivertype"), found.of("organid").upper())
            for found in (holder.all("receiver") if holder else [])
            if found.of("organid")
        )
        change = Change(node.of("documentinfo") == "1", node.of("documentreceiver") == "1", receivers)
        return change if change != Change() or node.children else None

    def _attachments(self, business: Business) -> tuple[Attachment, ...]:
        announced = self._announced()
        encoded = self._encoded()
        if len(encoded) > self.limits.attachments or len(announced) > self.limits.attachments:
            self.faults.append(out_of_range("Attachment", f"Quá {self.limits.attachments} tệp."))
            return ()
        found: list[Attachment] = []
        for node in encoded:
            content_id = _content_id(node)
            manifest = announced.pop(content_id, None) or Node("reference")
            name = _either(node, manifest, "attachmentname", "filename") or "tep"
            if len(name) > lengths.ATTACHMENT_NAME:
                self.notes.append(too_long("AttachmentName", len(name), lengths.ATTACHMENT_NAME))
            try:
                content = unpacking.decoded(name, node.of("contenttransferencoded", "content"), self.limits.attachment)
            except BadPackage as error:
                self.faults += error.faults
                continue
            if not content:
                self.faults.append(missing("Attachment.ContentTransferEncoded", f"Tệp “{name}” trống."))
                continue
            found.append(
                Attachment(
                    name=name,
                    content=content,
                    content_type=_either(node, manifest, "contenttype", "filetype") or "application/octet-stream",
                    content_id=content_id,
                    description=_either(node, manifest, "description"),
                )
            )
        for node in announced.values():
            name = node.of("attachmentname") or node.of("contentid")
            self.faults.append(missing("Attachment", f"Tệp “{name[:100]}” được ghi nhưng không có trong gói tin."))
        if not found and not self.faults and business.kind in (BusinessKind.NEW, BusinessKind.REPLACE):
            self.faults.append(missing("Attachment", "Gói tin không có tệp văn bản nào."))
        return tuple(found)

    def _announced(self) -> dict[str, Node]:
        """The files that the body names, by their content id."""
        bodies = [self.envelope, *self.envelope.all("edxmlbody", "body")]
        manifests = [manifest for body in bodies for manifest in body.all("edxmlmanifest", "manifest")]
        return {_content_id(node): node for manifest in manifests for node in manifest.all("reference")}

    def _encoded(self) -> list[Node]:
        """The files with their content, wherever the sender put them."""
        places = (*self.way, *self.envelope.all("edxmlbody", "body"))
        holders = [
            holder
            for place in places
            for holder in place.all("attachmentencoded", "attachments", "edxmlmanifest", "manifest")
        ]
        unique = {id(node): node for holder in holders for node in holder.all("attachment")}
        return list(unique.values())


def _codes(node: Node) -> list[Node]:
    holder = node.first("organidlist")
    return holder.all("organid") if holder else node.all("organid")


def _content_id(node: Node) -> str:
    return node.of("contentid").removeprefix("cid:")


def _either(node: Node, manifest: Node, *names: str) -> str:
    return node.of(*names) or manifest.of(*names)
