"""What a package says: plain values, no XML. The names in brackets are those of QCVN 102:2016/BTTTT."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class BusinessKind(StrEnum):
    """What a document package is for (BussinessDocType)."""

    NEW = "0"
    REVOKE = "1"
    UPDATE = "2"
    REPLACE = "3"


class Status(StrEnum):
    """How far a document is at its receiver, and the asking for it back (StatusCode)."""

    ARRIVED = "01"
    REFUSED = "02"
    RECEIVED = "03"
    ASSIGNED = "04"
    PROCESSING = "05"
    COMPLETED = "06"
    TAKE_BACK = "13"
    TAKE_BACK_AGREED = "15"
    TAKE_BACK_REFUSED = "16"


#: What each status is called on screen and in the description that goes with it.
STATUS_NAMES = {
    Status.ARRIVED: "Đã đến",
    Status.REFUSED: "Từ chối tiếp nhận",
    Status.RECEIVED: "Đã tiếp nhận",
    Status.ASSIGNED: "Phân công",
    Status.PROCESSING: "Đang xử lý",
    Status.COMPLETED: "Hoàn thành",
    Status.TAKE_BACK: "Yêu cầu lấy lại",
    Status.TAKE_BACK_AGREED: "Đồng ý lấy lại",
    Status.TAKE_BACK_REFUSED: "Từ chối lấy lại",
}


@dataclass(frozen=True, slots=True)
class Agency:
    """A sender or receiver (From, To): `code` is its electronic identifier (OrganId)."""

    code: str
    name: str = ""
    in_charge: str = ""  # OrganizationInCharge: the agency above it
    address: str = ""
    email: str = ""
    telephone: str = ""
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed (SignerInfo): `competence` is TM., KT., TL. …"""

    competence: str = ""
    position: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Staff:
    """Who handled the package (StaffInfo)."""

    department: str = ""
    name: str = ""
    mobile: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Which document something is about (ResponseFor): `agency` is the code of who issued it, `code` is 12/QĐ-UBND."""

    agency: str
    code: str = ""
    issued_on: date | None = None
    document_id: str = ""


@dataclass(frozen=True, slots=True)
class Hop:
    """One system that the package went through (TraceHeader); `at` is aware."""

    agency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChangedReceiver:
    """A receiver that an update adds or takes off (Receiver): `kind` is ReceiverType, kept as it was written."""

    kind: str
    agency: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an update changes (BussinessDocumentInfo)."""

    document: bool = False
    receivers_changed: bool = False
    receivers: tuple[ChangedReceiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Replacement:
    """A document that this one replaces, at which agencies (ReplacementInfo)."""

    document_id: str
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Business:
    """What the package is for (Bussiness [sic])."""

    kind: BusinessKind = BusinessKind.NEW
    reason: str = ""
    document_id: str = ""  # the document that is revoked or updated
    change: Change | None = None
    staff: Staff | None = None
    paper: bool = False  # a paper copy follows
    replaced: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file: its content as it is, neither packed nor encoded."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"
    content_id: str = ""  # empty: the writer makes one
    description: str = ""


@dataclass(frozen=True, slots=True)
class DocumentPackage:
    """One official document on its way (a message with MessageHeader)."""

    sender: Agency
    receivers: tuple[Agency, ...]
    number: str  # CodeNumber, 12
    notation: str  # CodeNotation, QĐ-UBND
    issued_on: date
    subject: str
    document_id: str
    place: str = ""
    type_code: int = 0
    type_name: str = ""
    type_detail: str = ""
    content: str = ""
    signer: Signer = Signer()
    due_on: date | None = None
    to_places: tuple[str, ...] = ()
    priority: int = 0
    sphere: str = ""  # SphereOfPromulgation
    typist: str = ""  # TyperNotation
    copies: int = 0  # PromulgationAmount
    pages: int = 0  # PageAmount
    direction: bool | None = None
    appendixes: tuple[str, ...] = ()
    answers: tuple[Reference, ...] = ()  # ResponseFor: the documents that this one answers
    steering: int | None = None  # SteeringType
    trace: tuple[Hop, ...] = ()
    business: Business = Business()
    attachments: tuple[Attachment, ...] = ()

    @property
    def code(self) -> str:
        """Number and notation as one: 12/QĐ-UBND."""
        return "/".join(part for part in (self.number, self.notation) if part)

    @property
    def reference(self) -> Reference:
        """How others point at this document."""
        return Reference(self.sender.code, self.code, self.issued_on, self.document_id)


@dataclass(frozen=True, slots=True)
class StatusPackage:
    """One status of one document (a message with Status); `at` is aware."""

    about: Reference
    sender: Agency
    status: Status
    at: datetime
    description: str = ""
    staff: Staff | None = None


Package = DocumentPackage | StatusPackage


def document_id(agency: str, issued_on: date, number: str, notation: str) -> str:
    """The identifier of a document: ``000.00.00.H50,2026/03/05,125/UBND-TH``."""
    code = "/".join(part for part in (number, notation) if part)
    return f"{agency},{issued_on:%Y/%m/%d},{code}"
