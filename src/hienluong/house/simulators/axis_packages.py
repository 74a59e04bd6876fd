"""The axis's own look at a package: strict, and not with the product's code, so that each checks the other.

It also writes the simple packages by which a simulated agency answers.
"""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta, timezone
from html import escape
from typing import NamedTuple

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
VIETNAM = timezone(timedelta(hours=7))
_E = f"{{{NAMESPACE}}}"
_DAY = re.compile(r"\d{4}/\d{2}/\d{2}")
_MOMENT = re.compile(r"\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}")
_TAG = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*)")
_SIGNATURE = re.compile(rb"<ds:Signature\s.*?</ds:Signature>", re.DOTALL)
_STATUSES = {"01", "02", "03", "04", "05", "06", "13", "15", "16"}


class Seen(NamedTuple):
    """What the axis keeps of a package for its lists."""

    kind: str  # edoc or status
    sender: str
    title: str
    notation: str
    document_id: str
    status: str  # of a status message
    status_words: str


class Rejected(ValueError):
    """The package is not of the agreed form; the text says where."""


def look(content: bytes) -> Seen:
    """What is in a package. Raises :class:`Rejected` for all that a strict reader would refuse."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Rejected("có DOCTYPE")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - no document type gets here
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise Rejected("không phải XML") from error
    if root.tag != f"{_E}edXML":
        raise Rejected("gốc không phải edXML của QCVN 102:2016")
    _prefixed(content)
    header = root.find(f"{_E}edXMLEnvelope/{_E}edXMLHeader")
    if header is None:
        raise Rejected("không có edXMLHeader")
    head, status = header.find(f"{_E}MessageHeader"), header.find(f"{_E}Status")
    if (head is None) == (status is None):
        raise Rejected("phải có một trong hai: MessageHeader, Status")
    if status is not None:
        return _status(status)
    assert head is not None
    _files(root)
    if header.find(f"{_E}TraceHeaderList/{_E}Bussiness/{_E}BussinessDocType") is None:
        raise Rejected("không có Bussiness")
    return _document(head)


def _prefixed(content: bytes) -> None:
    """Every child of the envelope carries the prefix, as the .NET readers want it; but an XML signature its own."""
    start, end = content.find(b"<edXML:edXMLEnvelope"), content.find(b"</edXML:edXMLEnvelope>")
    if start < 0 or end < 0:
        raise Rejected("edXMLEnvelope không mang tiền tố edXML")
    for _slash, name in _TAG.findall(_SIGNATURE.sub(b"", content[start:end])):
        if not name.startswith(b"edXML:"):
            raise Rejected(f"phần tử {name.decode()} không mang tiền tố edXML")


def _text(node: ElementTree.Element, path: str, most: int, needed: bool = True) -> str:
    found = node.findtext("/".join(f"{_E}{part}" for part in path.split("/"))) or ""
    if needed and not found.strip():
        raise Rejected(f"thiếu {path}")
    if len(found) > most:
        raise Rejected(f"{path} dài quá {most} ký tự")
    return found


def _document(head: ElementTree.Element) -> Seen:
    number, notation = _text(head, "Code/CodeNumber", 11), _text(head, "Code/CodeNotation", 30)
    if not _DAY.fullmatch(_text(head, "PromulgationInfo/PromulgationDate", 10)):
        raise Rejected("PromulgationDate không có dạng yyyy/MM/dd")
    _text(head, "To/OrganId", 35)
    for to in head.findall(f"{_E}To"):
        _text(to, "OrganName", 200)
    return Seen(
        "edoc",
        _text(head, "From/OrganId", 35),
        _text(head, "Subject", 500),
        f"{number}/{notation}",
        _text(head, "DocumentId", 100),
        "",
        "",
    )


def _status(status: ElementTree.Element) -> Seen:
    code = _text(status, "StatusCode", 2)
    if code not in _STATUSES:
        raise Rejected(f"không có trạng thái {code}")
    if not _MOMENT.fullmatch(_text(status, "Timestamp", 19)):
        raise Rejected("Timestamp không có dạng yyyy/MM/dd HH:mm:ss")
    words = _text(status, "Description", 500, needed=False)
    document = _text(status, "ResponseFor/DocumentId", 100)
    notation = _text(status, "ResponseFor/Code", 42, needed=False)
    return Seen("status", _text(status, "From/OrganId", 35), f"Trạng thái {code}", notation, document, code, words)


def _files(root: ElementTree.Element) -> None:
    references = root.findall(f"{_E}edXMLEnvelope/{_E}edXMLBody/{_E}edXMLManifest/{_E}Reference")
    named = [reference.findtext(f"{_E}ContentId") for reference in references]
    carried = {node.findtext(f"{_E}ContentId"): node for node in root.findall(f"{_E}AttachmentEncoded/{_E}Attachment")}
    if set(named) != set(carried):
        raise Rejected("tệp kê khai và tệp kèm theo không khớp")
    for node in carried.values():
        try:
            content = base64.b64decode(node.findtext(f"{_E}ContentTransferEncoded") or "", validate=True)
        except ValueError as error:
            raise Rejected("tệp không phải Base64") from error
        if not content or len(node.findtext(f"{_E}AttachmentName") or "") > 200:
            raise Rejected("tệp trống hoặc tên quá dài")


def _node(name: str, text: str) -> str:
    return f"<edXML:{name}>{escape(text)}</edXML:{name}>"


def _agency(name: str, code: str, words: str) -> str:
    return f"<edXML:{name}>{_node('OrganId', code)}{_node('OrganName', words)}</edXML:{name}>"


def _whole(header: str, body: str, after: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><edXML xmlns="{NAMESPACE}"><edXML:edXMLEnvelope xmlns:edXML="{NAMESPACE}">'
        f"<edXML:edXMLHeader>{header}</edXML:edXMLHeader>{body}</edXML:edXMLEnvelope>{after}</edXML>"
    ).encode()


def answer(document_id: str, notation: str, sender: tuple[str, str], code: str, words: str) -> bytes:
    """A status of a document of somebody else; `sender` is code and name of the simulated agency."""
    author, day = [*document_id.split(","), ""][:2]
    about = _node("OrganId", author) + _node("Code", notation) + _node("PromulgationDate", day)
    stamp = datetime.now(VIETNAM).strftime("%Y/%m/%d %H:%M:%S")
    told = _node("StatusCode", code) + _node("Description", words) + _node("Timestamp", stamp)
    header = (
        f"<edXML:Status><edXML:ResponseFor>{about}{_node('DocumentId', document_id)}</edXML:ResponseFor>"
        f"{_agency('From', *sender)}{told}<edXML:StaffInfo>{_node('Staff', 'Văn thư mô phỏng')}</edXML:StaffInfo></edXML:Status>"
    )
    return _whole(header, "<edXML:edXMLBody/>")


def sample(sender: tuple[str, str], to: str, number: str, subject: str) -> bytes:
    """A new document from a simulated agency, with a PDF of one page that says what it is."""
    now = datetime.now(VIETNAM)
    day, identity = now.strftime("%Y/%m/%d"), _node("CodeNumber", number) + _node("CodeNotation", "MP-VP")
    header = (
        f"<edXML:MessageHeader>{_agency('From', *sender)}{_agency('To', to, to)}<edXML:Code>{identity}</edXML:Code>"
        f"<edXML:PromulgationInfo>{_node('Place', 'Hà Nội')}{_node('PromulgationDate', day)}</edXML:PromulgationInfo>"
        f"<edXML:DocumentType>{_node('Type', '18')}{_node('TypeName', 'Công văn')}</edXML:DocumentType>"
        f"{_node('Subject', subject)}<edXML:SignerInfo>{_node('FullName', 'Người ký mô phỏng')}</edXML:SignerInfo>"
        f"<edXML:OtherInfo>{_node('Priority', '0')}{_node('PageAmount', '1')}</edXML:OtherInfo>"
        f"{_node('DocumentId', f'{sender[0]},{day},{number}/MP-VP')}</edXML:MessageHeader>"
        '<edXML:TraceHeaderList id="mp" version="1.0" mustUnderstand="1" actor="http://schemas.xmlsoap.org/soap/actor/next">'
        f"<edXML:TraceHeader>{_node('OrganId', sender[0])}{_node('Timestamp', now.strftime('%Y/%m/%d %H:%M:%S'))}"
        f"</edXML:TraceHeader><edXML:Bussiness>{_node('BussinessDocType', '0')}{_node('BussinessDocReason', '')}"
        f"{_node('Paper', '0')}</edXML:Bussiness></edXML:TraceHeaderList><edXML:DigitalSignature/>"
    )
    name = f"{number}-MP-VP.pdf"
    file = _node("AttachmentName", name) + _node("ContentType", "application/pdf") + _node("ContentId", "mp-1")
    body = (
        '<edXML:edXMLBody><edXML:edXMLManifest version="1.0"><edXML:Reference xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' xlink:href="cid:mp-1" xlink:role="XLinkRole" xlink:type="simple">{file}</edXML:Reference></edXML:edXMLManifest>'
        "</edXML:edXMLBody>"
    )
    encoded = base64.b64encode(pdf(f"{number}/MP-VP (van ban mo phong)")).decode()
    after = (
        "<AttachmentEncoded><Attachment><ContentType>application/pdf</ContentType><ContentId>mp-1</ContentId>"
        f"<ContentTransferEncoded>{encoded}</ContentTransferEncoded><AttachmentName>{escape(name)}</AttachmentName>"
        "</Attachment></AttachmentEncoded>"
    )
    return _whole(header, body, after)


def pdf(words: str) -> bytes:
    """A PDF of one page with one line of plain letters."""
    text = f"BT /F1 16 Tf 72 760 Td ({words}) Tj ET".encode("ascii", "replace")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>",
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
