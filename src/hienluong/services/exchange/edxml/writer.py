"""Writing a package: text put together by hand, because the prefix must stand on every child.

The .NET readers of the axis refuse a message whose children rely on the default namespace instead of the prefix
``edXML``; common XML writers drop a prefix that the default namespace makes needless. The same package gives the same
bytes each time, so a package that is sent again after a lost answer is the same to the letter.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .checks import agency_texts, faults_of
from .faults import BadPackage
from .package import Agency, Attachment, DocumentPackage, Package, Reference, Staff, StatusPackage

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
XLINK = "http://www.w3.org/1999/xlink"
ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"
VIETNAM = timezone(timedelta(hours=7), "+07:00")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\r": "&#13;"})


@dataclass(frozen=True, slots=True)
class Form:
    """What two systems agree on beyond the standard."""

    signature: str = "Signature"  # the name of the element for an XML signature, empty without one
    alone: bool = False  # whether a signature stands in the place of that element, and not within it
    zipped: bool = False  # whether each file is packed before it is encoded


#: As the standard has it.
QCVN_102 = Form()
#: The later variant on the national axis.
AXIS = Form(signature="DigitalSignature", zipped=True)


def write(package: Package, form: Form = QCVN_102) -> bytes:
    """The package as XML in UTF-8. Raises :class:`BadPackage` with every fault, and writes nothing then."""
    if faults := faults_of(package):
        raise BadPackage(faults)
    body = _status(package) if isinstance(package, StatusPackage) else _document(package, form)
    opening = f'<?xml version="1.0" encoding="utf-8"?>\n<edXML xmlns="{NAMESPACE}">'
    return "".join((opening, *body, "</edXML>\n")).encode()


def _document(package: DocumentPackage, form: Form) -> Iterator[str]:
    files = [(attachment, attachment.content_id or _content_id(n, attachment)) for n, attachment in _counted(package)]
    yield f'<edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}"><edXML:edXMLHeader>'
    yield _e("MessageHeader", *_message_header(package))
    yield from _trace(package)
    yield f"<edXML:{form.signature}/></edXML:edXMLHeader><edXML:edXMLBody>"
    yield '<edXML:edXMLManifest version="1.0">'
    for attachment, content_id in files:
        yield f'<edXML:Reference xmlns:xlink="{XLINK}" xlink:href="cid:{content_id}" xlink:role="XLinkRole"'
        yield ' xlink:type="simple">'
        yield _t("Description", attachment.description or attachment.name)
        yield _t("AttachmentName", attachment.name)
        yield _t("ContentType", attachment.content_type)
        yield _t("ContentId", content_id)
        yield "</edXML:Reference>"
    yield "</edXML:edXMLManifest></edXML:edXMLBody></edXML:edXMLEnvelope>"
    if files:
        yield "<AttachmentEncoded>"
        for attachment, content_id in files:
            yield from _encoded(attachment, content_id, form)
        yield "</AttachmentEncoded>"


def _message_header(package: DocumentPackage) -> Iterator[str]:
    yield _agency("From", package.sender)
    for receiver in package.receivers:
        yield _agency("To", receiver)
    yield _e("Code", _t("CodeNumber", package.number), _t("CodeNotation", package.notation))
    issued = f"{package.issued_on:%Y/%m/%d}"
    yield _e("PromulgationInfo", _t("Place", package.place), _t("PromulgationDate", issued))
    kind = (_t("Type", str(package.type_code)), _t("TypeName", package.type_name))
    yield _e("DocumentType", *kind, _t("TypeDetail", package.type_detail))
    yield _t("Subject", package.subject)
    yield _t("Content", package.content)
    signer = package.signer
    signed = (_t("Competence", signer.competence), _t("Position", signer.position), _t("FullName", signer.name))
    yield _e("SignerInfo", *signed)
    yield _t("DueDate", f"{package.due_on:%Y/%m/%d}" if package.due_on else "")
    yield _e("ToPlaces", *(_t("Place", place) for place in package.to_places))
    yield _e("OtherInfo", *_other_info(package))
    for answered in package.answers:
        yield _reference(answered)
    if package.steering is not None:
        yield _t("SteeringType", str(package.steering))
    yield _t("DocumentId", package.document_id)


def _other_info(package: DocumentPackage) -> Iterator[str]:
    yield _t("Priority", str(package.priority))
    yield _t("SphereOfPromulgation", package.sphere)
    yield _t("TyperNotation", package.typist)
    yield _t("PromulgationAmount", str(package.copies))
    yield _t("PageAmount", str(package.pages))
    if package.direction is not None:
        yield _t("Direction", "true" if package.direction else "false")
    yield _e("Appendixes", *(_t("Appendix", appendix) for appendix in package.appendixes))


def _trace(package: DocumentPackage) -> Iterator[str]:
    name = hashlib.sha256(f"{package.document_id}|{package.business.kind}".encode()).hexdigest()[:8]
    yield f'<edXML:TraceHeaderList id="x{name}" version="1.0" mustUnderstand="1" actor="{ACTOR}">'
    for hop in package.trace:
        yield _e("TraceHeader", _t("OrganId", hop.agency), _t("Timestamp", moment(hop.at)))
    yield _e("Bussiness", *_business(package))
    yield "</edXML:TraceHeaderList>"


def _business(package: DocumentPackage) -> Iterator[str]:
    business = package.business
    yield _t("BussinessDocType", business.kind)
    yield _t("BussinessDocReason", business.reason)
    if business.change is not None:
        change = business.change
        yield _e(
            "BussinessDocumentInfo",
            _t("DocumentInfo", "1" if change.document else "0"),
            _t("DocumentReceiver", "1" if change.receivers_changed else "0"),
            _e(
                "ReceiverList",
                *(_e("Receiver", _t("ReceiverType", r.kind), _t("OrganId", r.agency)) for r in change.receivers),
            ),
        )
    if business.document_id:
        yield _t("DocumentId", business.document_id)
    yield _staff(business.staff or Staff())
    yield _t("Paper", "1" if business.paper else "0")
    if business.replaced:
        yield _e(
            "ReplacementInfoList",
            *(
                _e(
                    "ReplacementInfo",
                    _t("DocumentId", replaced.document_id),
                    _e("OrganIdList", *(_t("OrganId", code) for code in replaced.agencies)),
                )
                for replaced in business.replaced
            ),
        )


def _status(package: StatusPackage) -> Iterator[str]:
    yield f'<edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}"><edXML:edXMLHeader>'
    yield _e(
        "Status",
        _reference(package.about),
        _agency("From", package.sender),
        _t("StatusCode", package.status),
        _t("Description", package.description),
        _t("Timestamp", moment(package.at)),
        _staff(package.staff or Staff()),
    )
    yield "</edXML:edXMLHeader><edXML:edXMLBody/></edXML:edXMLEnvelope>"


def _agency(name: str, agency: Agency) -> str:
    return _e(name, _t("OrganId", agency.code), *(_t(child, text) for child, text in agency_texts(agency)))


def _reference(about: Reference) -> str:
    return _e(
        "ResponseFor",
        _t("OrganId", about.agency),
        _t("Code", about.code),
        _t("PromulgationDate", f"{about.issued_on:%Y/%m/%d}" if about.issued_on else ""),
        _t("DocumentId", about.document_id),
    )


def _staff(staff: Staff) -> str:
    texts = (("Department", staff.department), ("Staff", staff.name), ("Mobile", staff.mobile), ("Email", staff.email))
    return _e("StaffInfo", *(_t(name, text) for name, text in texts))


def _encoded(attachment: Attachment, content_id: str, form: Form) -> Iterator[str]:
    content = zipped(attachment) if form.zipped else attachment.content
    yield f"<Attachment><ContentType>{_escape(attachment.content_type)}</ContentType><ContentId>{content_id}</ContentId>"
    yield f"<Description>{_escape(attachment.description or attachment.name)}</Description><ContentTransferEncoded>"
    yield base64.b64encode(content).decode("ascii")
    yield f"</ContentTransferEncoded><AttachmentName>{_escape(attachment.name)}</AttachmentName></Attachment>"


def zipped(attachment: Attachment) -> bytes:
    """The file alone in a ZIP archive, with no time in it: the same file gives the same bytes.

    Packed lightly: a PDF is packed already.
    """
    packed = io.BytesIO()
    member = zipfile.ZipInfo(attachment.name.replace("/", "_"), (1980, 1, 1, 0, 0, 0))
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, attachment.content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return packed.getvalue()


def moment(at: datetime) -> str:
    """A time as the standard writes it, by the clock of Việt Nam: ``2026/03/05 14:07:09``."""
    return f"{at.astimezone(VIETNAM):%Y/%m/%d %H:%M:%S}"


def _counted(package: DocumentPackage) -> Iterator[tuple[int, Attachment]]:
    return enumerate(package.attachments, 1)


def _content_id(number: int, attachment: Attachment) -> str:
    return f"{number}-{hashlib.sha256(attachment.content).hexdigest()[:32]}"


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)


def _e(name: str, *children: str) -> str:
    return f"<edXML:{name}>{''.join(children)}</edXML:{name}>"


def _t(name: str, text: str) -> str:
    return f"<edXML:{name}>{text.strip().translate(_ESCAPES)}</edXML:{name}>" if text else f"<edXML:{name}/>"
