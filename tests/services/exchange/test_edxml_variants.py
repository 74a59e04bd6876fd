"""What real systems send is read: other roots, other prefixes, SOAP around it, files packed, dates day first."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from hienluong.services.exchange import edxml
from tests.services.exchange.packages import PDF, document, status


def read_document(data: bytes | str) -> edxml.DocumentPackage:
    found = edxml.read(data.encode() if isinstance(data, str) else data).package
    assert isinstance(found, edxml.DocumentPackage)
    return found


def read_status(data: bytes | str) -> edxml.StatusPackage:
    found = edxml.read(data.encode() if isinstance(data, str) else data).package
    assert isinstance(found, edxml.StatusPackage)
    return found


def said(package: edxml.DocumentPackage) -> edxml.DocumentPackage:
    """The package without the ids that a writer may choose."""
    return replace(package, attachments=tuple(replace(file, content_id="") for file in package.attachments))


WRITTEN = edxml.write(document()).decode()
VARIANTS = {
    "no prefix at all": lambda text: re.sub(r"(</?)edXML:", r"\1", text),
    "another prefix": lambda text: text.replace("edXML:", "ns2:").replace("xmlns:edXML", "xmlns:ns2"),
    "a prefix nobody declared": lambda text: re.sub(r' xmlns:edXML="[^"]*"', "", text),
    "the root in other letters": lambda text: text.replace("<edXML ", "<EdXML ").replace("</edXML>", "</EdXML>"),
    "the envelope as the root": lambda text: re.sub(
        r"<edXML xmlns[^>]*><edXML:edXMLEnvelope(.*)</edXML:edXMLEnvelope>(<AttachmentEncoded>.*)</edXML>",
        r"<edXML:edXMLEnvelope\1\2</edXML:edXMLEnvelope>",
        text,
        flags=re.S,
    ),
    "SOAP around its parts": lambda text: (
        text.replace("edXML:edXMLEnvelope", "SOAP-ENV:Envelope")
        .replace("edXML:edXMLHeader", "SOAP-ENV:Header")
        .replace("edXML:edXMLBody", "SOAP-ENV:Body")
        .replace("edXMLManifest", "Manifest")
    ),
    "SOAP around all of it": lambda text: (
        "<?xml version='1.0'?><s:Envelope xmlns:s='urn:soap'><s:Header/><s:Body>"
        + text.split("?>", 1)[1]
        + "</s:Body></s:Envelope>"
    ),
    "the word spelt rightly": lambda text: text.replace("Bussiness", "Business"),
    "the old namespace": lambda text: text.replace(edxml.writer.NAMESPACE, "http://www.e-doc.vn/Schema/"),
    "cid: in the id": lambda text: re.sub("<edXML:ContentId>", "<edXML:ContentId>cid:", text),
    "a byte order mark": lambda text: "\ufeff" + text,
    "space and comments": lambda text: text.replace("><", "> \n <!-- ghi chú --> <"),
    "days first": lambda text: text.replace("2026/03/05</edXML:Prom", "05/03/2026</edXML:Prom"),
    "dashes and a time": lambda text: text.replace("2026/03/05</edXML:Prom", "2026-03-05T00:00:00+07:00</edXML:Prom"),
    "an encoded text in lines": lambda text: text.replace(
        base64.b64encode(PDF).decode(), "\n".join(re.findall(".{1,20}", base64.b64encode(PDF).decode()))
    ),
    "a namespace inside the file": lambda text: text.replace(
        "ContentTransferEncoded>", "edXML:ContentTransferEncoded>"
    ).replace("<edXML:ContentTransferEncoded>", '<edXML:ContentTransferEncoded xmlns:edXML="urn:x">'),
    "elements nobody knows": lambda text: text.replace("<edXML:Subject>", "<edXML:New>1</edXML:New><edXML:Subject>"),
}


@pytest.mark.parametrize("change", VARIANTS.values(), ids=VARIANTS.keys())
def test_a_variant_says_the_same(change: object) -> None:
    changed = change(WRITTEN)  # type: ignore[operator]
    assert changed != WRITTEN
    assert said(read_document(changed)) == document()


def test_utf_16_is_read() -> None:
    data = WRITTEN.replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")
    assert said(read_document(data)) == document()


def test_a_status_in_soap_with_days_first() -> None:
    text = (
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header>'
        '<edXML:Status xmlns:edXML="http://schemas.xmlsoap.org/soap/envelope/"><edXML:ResponseFor>'
        "<edXML:OrganId>000.00.00.H50</edXML:OrganId><edXML:Code>125/UBND-TH</edXML:Code>"
        "<edXML:PromulgationDate>05/03/2026</edXML:PromulgationDate>"
        "<edXML:DocumentId>000.00.00.H50,2026/03/05,125/UBND-TH</edXML:DocumentId></edXML:ResponseFor><edXML:From>"
        "<edXML:OrganId>000.00.19.H57</edXML:OrganId><edXML:OrganName>Sở</edXML:OrganName><edXML:Fax /></edXML:From>"
        "<edXML:StatusCode>3</edXML:StatusCode><edXML:Description>Xong</edXML:Description>"
        "<edXML:Timestamp>05/03/2026 14:07:09</edXML:Timestamp><edXML:StaffInfo><edXML:Department>VP"
        "</edXML:Department><edXML:Staff>Bình</edXML:Staff></edXML:StaffInfo></edXML:Status></SOAP-ENV:Header>"
        "<SOAP-ENV:Body /></SOAP-ENV:Envelope>"
    )
    found = read_status(text)
    assert found.about == document().reference
    assert (found.status, found.sender.code) == (edxml.Status.RECEIVED, "000.00.19.H57")
    assert found.at == datetime(2026, 3, 5, 7, 7, 9, tzinfo=UTC)
    assert found.staff == edxml.Staff("VP", "Bình")


def test_a_status_under_the_name_of_a_message_header() -> None:
    text = edxml.write(status(edxml.Status.COMPLETED)).decode()
    assert read_status(text.replace("edXML:Status>", "edXML:MessageHeader>")) == status(edxml.Status.COMPLETED)


def test_the_flat_form_of_some_provinces() -> None:
    text = (
        '<EdXMLEnvelope xmlns="http://www.go.vn/eDoc"><MessageHeader><From><OrganId>H37.01</OrganId><OrganName>A'
        "</OrganName></From><To><OrganId>H50.08</OrganId><OrganName>B</OrganName></To><Code><CodeNumber>7</CodeNumber>"
        "<CodeNotation>CV</CodeNotation></Code><PromulgationInfo><Promulgator>A</Promulgator><PromulgationDate>"
        "2026-05-20T08:00:00.000Z</PromulgationDate></PromulgationInfo><DocumentType>Công văn</DocumentType><Subject>"
        "Mời họp</Subject><SignerInfo><Signer>Ông C</Signer><Position>GĐ</Position></SignerInfo><DocumentId>uuid-1"
        "</DocumentId></MessageHeader><Manifest><Attachment><Content>aGVsbG8=</Content><FileName>a.txt</FileName>"
        "<FileType>text/plain</FileType></Attachment></Manifest></EdXMLEnvelope>"
    )
    found = read_document(text)
    assert (found.code, found.issued_on, found.type_name) == ("7/CV", date(2026, 5, 20), "Công văn")
    assert (found.document_id, found.signer.name) == ("uuid-1", "Ông C")
    assert [(file.name, file.content, file.content_type) for file in found.attachments] == [
        ("a.txt", b"hello", "text/plain")
    ]


def test_a_document_without_an_identifier_gets_the_one_of_the_standard() -> None:
    text = re.sub(r"<edXML:DocumentId>.*?</edXML:DocumentId>", "<edXML:DocumentId/>", WRITTEN)
    assert read_document(text).document_id == "000.00.00.H50,2026/03/05,125/UBND-TH"


def packed(names: list[str], content: bytes = PDF) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "members", "unpacked"),
    [
        ("a.pdf", ["0f8c.pdf"], True),
        ("a.zip", ["b.zip"], True),
        ("a.zip", ["b.pdf"], False),
        ("a.docx", ["[Content_Types].xml", "word/document.xml"], False),
        ("a.zip", ["b.pdf", "c.pdf"], False),
    ],
)
def test_a_packed_file_is_unpacked_unless_the_archive_is_what_was_sent(
    name: str, members: list[str], unpacked: bool
) -> None:
    archive = packed(members)
    package = replace(document(), attachments=(edxml.Attachment(name, archive, "application/zip"),))
    found = read_document(edxml.write(package)).attachments[0]
    assert found.content == (PDF if unpacked else archive)


def test_what_is_longer_than_the_standard_is_taken_with_a_note() -> None:
    text = WRITTEN.replace("<edXML:Fax/>", f"<edXML:Fax>{'0' * 30}</edXML:Fax>", 1)
    reading = edxml.read(text.encode())
    assert [fault.code for fault in reading.notes] == ["R.MessageHeader.From.Fax"]


def test_a_receiver_named_twice_is_one() -> None:
    receiver = WRITTEN[WRITTEN.index("<edXML:To>") : WRITTEN.index("</edXML:To>") + len("</edXML:To>")]
    reading = edxml.read(WRITTEN.replace(receiver, receiver * 2).encode())
    assert isinstance(reading.package, edxml.DocumentPackage)
    assert len(reading.package.receivers) == 1
    assert [fault.code for fault in reading.notes] == ["M.MessageHeader.To.OrganId"]


def test_a_revocation_carries_no_file() -> None:
    business = edxml.Business(edxml.BusinessKind.REVOKE, "Ban hành sai thẩm quyền", document().document_id)
    package = replace(document("126"), business=business, attachments=())
    assert read_document(edxml.write(package)).business == business
