"""What is written is read back to the letter, and is what a strict reader of the axis wants."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.services.exchange import edxml
from hienluong.services.exchange.edxml import lengths
from tests.services.exchange.packages import document, status
from tests.thorough import examples

NS = {"e": edxml.writer.NAMESPACE}
LETTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\tđĐạồ&<>\"'", exclude_characters="￾￿")


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=least, max_size=most).map(str.strip).filter(lambda text: len(text) >= least)


CODES = st.one_of(
    st.builds(lambda a, b, c: f"H{a:02}.{b:02}.{c:02}", *[st.integers(0, 99)] * 3),
    st.builds(lambda a, b: f"000.{a:02}.{b:02}.H50", *[st.integers(0, 99)] * 2),
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
DAYS = st.dates(date(1945, 9, 2), date(2099, 12, 31))
AGENCIES = st.builds(
    edxml.Agency,
    code=CODES,
    name=texts(200, 1),
    in_charge=texts(200),
    address=texts(250),
    email=texts(100),
    telephone=texts(20),
    fax=texts(20),
    website=texts(100),
)
REFERENCES = st.builds(
    edxml.Reference, agency=CODES, code=texts(42, 1), issued_on=st.none() | DAYS, document_id=texts(100, 1)
)
STAFF = st.builds(edxml.Staff, department=texts(100, 1), name=texts(100), mobile=texts(20), email=texts(100))
REPLACEMENTS = st.builds(edxml.Replacement, document_id=texts(100, 1), agencies=st.lists(CODES, max_size=3).map(tuple))
CHANGES = st.builds(
    edxml.Change,
    document=st.booleans(),
    receivers_changed=st.booleans(),
    receivers=st.lists(st.builds(edxml.ChangedReceiver, kind=st.sampled_from("01"), agency=CODES), max_size=3).map(
        tuple
    ),
)
BUSINESSES = st.builds(
    edxml.Business,
    kind=st.sampled_from(edxml.BusinessKind),
    reason=texts(500, 1),
    document_id=texts(100, 1),
    change=st.none() | CHANGES,
    staff=st.none() | STAFF,
    paper=st.booleans(),
    replaced=st.lists(REPLACEMENTS, min_size=1, max_size=3).map(tuple),
)
ATTACHMENTS = st.lists(
    st.builds(
        edxml.Attachment,
        name=texts(190, 1).map(lambda name: f"{name}.pdf"),
        content=st.binary(min_size=1, max_size=3000),
        content_type=st.sampled_from(["application/pdf", "image/png"]),
        description=texts(500, 1),
    ),
    min_size=1,
    max_size=4,
).map(lambda files: tuple(replace(file, content_id=f"tep-{n}") for n, file in enumerate(files)))
DOCUMENTS = st.builds(
    edxml.DocumentPackage,
    sender=AGENCIES,
    receivers=st.lists(AGENCIES, min_size=1, max_size=5, unique_by=lambda agency: agency.code).map(tuple),
    number=texts(11, 1),
    notation=texts(30, 1),
    issued_on=DAYS,
    subject=texts(500, 1),
    document_id=texts(100, 1),
    place=texts(50),
    type_code=st.integers(0, 65535),
    type_name=texts(100, 1),
    type_detail=texts(100),
    content=texts(500),
    signer=st.builds(edxml.Signer, competence=texts(100), position=texts(100), name=texts(50)),
    due_on=st.none() | DAYS,
    to_places=st.lists(texts(150, 1), max_size=4).map(tuple),
    priority=st.integers(0, 4),
    sphere=texts(100),
    typist=texts(10),
    copies=st.integers(0, 65535),
    pages=st.integers(0, 65535),
    direction=st.none() | st.booleans(),
    appendixes=st.lists(texts(250, 1), max_size=3).map(tuple),
    answers=st.lists(REFERENCES, max_size=3).map(tuple),
    steering=st.none() | st.integers(0, 9),
    trace=st.lists(st.builds(edxml.Hop, agency=CODES, at=MOMENTS), min_size=1, max_size=4).map(tuple),
    business=BUSINESSES,
    attachments=ATTACHMENTS,
)
STATUSES = st.builds(
    edxml.StatusPackage,
    about=REFERENCES,
    sender=AGENCIES,
    status=st.sampled_from(edxml.Status),
    at=MOMENTS,
    description=texts(500, 1),
    staff=st.none() | STAFF,
)


@pytest.mark.parametrize("form", [edxml.QCVN_102, edxml.AXIS], ids=["standard", "axis"])
@pytest.mark.thorough
@settings(max_examples=examples(60, 1000), deadline=None)
@given(package=DOCUMENTS | STATUSES)
def test_what_is_written_is_read_back(form: edxml.Form, package: edxml.DocumentPackage | edxml.StatusPackage) -> None:
    written = edxml.write(package, form)
    reading = edxml.read(written)
    assert reading.package == package
    assert reading.notes == ()
    assert edxml.write(reading.package, form) == written


def test_every_child_of_the_envelope_carries_the_prefix() -> None:
    text = edxml.write(document()).decode()
    inside = text[text.index("<edXML:edXMLEnvelope") : text.index("</edXML:edXMLEnvelope>")]
    opened = [part.split(">")[0].split()[0] for part in inside.split("<")[1:]]
    assert opened
    assert all(name.lstrip("/").startswith("edXML:") for name in opened)
    outside = text[text.index("</edXML:edXMLEnvelope>") + len("</edXML:edXMLEnvelope>") :]
    assert outside.startswith("<AttachmentEncoded><Attachment><ContentType>")


def test_the_forms_of_the_standard() -> None:
    at = datetime(2026, 3, 5, 18, 7, 9, tzinfo=UTC)
    package = replace(document(), issued_on=date(2026, 3, 5), trace=(edxml.Hop("000.00.00.H50", at),))
    root = ElementTree.fromstring(edxml.write(package))
    assert root.tag == f"{{{NS['e']}}}edXML"
    assert root.findtext(".//e:PromulgationDate", namespaces=NS) == "2026/03/05"
    assert root.findtext(".//e:Timestamp", namespaces=NS) == "2026/03/06 01:07:09"  # by the clock of Việt Nam
    assert root.findtext(".//e:BussinessDocType", namespaces=NS) == "0"
    assert root.find(".//e:Signature", NS) is not None
    reference = root.find(".//e:edXMLManifest/e:Reference", NS)
    assert reference is not None
    link = "{http://www.w3.org/1999/xlink}"
    content_id = root.findtext("e:AttachmentEncoded/e:Attachment/e:ContentId", namespaces=NS)
    assert (reference.get(f"{link}href"), reference.get(f"{link}role")) == (f"cid:{content_id}", "XLinkRole")
    encoded = root.findtext("e:AttachmentEncoded/e:Attachment/e:ContentTransferEncoded", namespaces=NS)
    assert base64.b64decode(encoded or "") == package.attachments[0].content


def test_the_variant_on_the_axis_packs_files_and_names_the_signature_otherwise() -> None:
    root = ElementTree.fromstring(edxml.write(document(), edxml.AXIS))
    assert root.find(".//e:DigitalSignature", NS) is not None
    encoded = root.findtext(".//e:ContentTransferEncoded", namespaces=NS)
    assert base64.b64decode(encoded or "")[:4] == b"PK\x03\x04"


def test_the_identifier_of_a_document() -> None:
    assert (
        edxml.document_id("000.00.00.H50", date(2026, 3, 5), "125", "UBND-TH") == "000.00.00.H50,2026/03/05,125/UBND-TH"
    )


AT_MOST = {
    "subject": lengths.SUBJECT,
    "content": lengths.CONTENT,
    "number": lengths.CODE_NUMBER,
    "notation": lengths.CODE_NOTATION,
    "place": lengths.PROMULGATION_PLACE,
    "type_name": lengths.TYPE_NAME,
    "sphere": lengths.SPHERE,
    "typist": lengths.TYPIST,
    "document_id": lengths.DOCUMENT_ID,
}


@pytest.mark.parametrize(("name", "most"), AT_MOST.items())
def test_a_text_may_be_as_long_as_the_standard_says_and_not_a_letter_more(name: str, most: int) -> None:
    edxml.write(replace(document(), **{name: "ồ" * most}))
    with pytest.raises(edxml.BadPackage) as refused:
        edxml.write(replace(document(), **{name: "ồ" * (most + 1)}))
    assert [fault.code[:2] for fault in refused.value.faults] == ["R."]
    assert f"nhiều nhất {most} ký tự" in refused.value.faults[0].words


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": " "}, "N.MessageHeader.Subject"),
        ({"receivers": ()}, "N.MessageHeader.To"),
        ({"number": ""}, "N.MessageHeader.Code.CodeNumber"),
        ({"sender": edxml.Agency("", "A")}, "N.MessageHeader.From.OrganId"),
        ({"sender": edxml.Agency("H50 08", "A")}, "R.MessageHeader.From.OrganId"),
        ({"receivers": (edxml.Agency("H50", "A"), edxml.Agency("H50", "B"))}, "M.MessageHeader.To.OrganId"),
        ({"priority": 5}, "R.MessageHeader.OtherInfo.Priority"),
        ({"pages": 65536}, "R.MessageHeader.OtherInfo.PageAmount"),
        ({"subject": "a\x07b"}, "M.MessageHeader.Subject"),
        ({"attachments": ()}, "N.Attachment"),
        ({"attachments": (edxml.Attachment("a.pdf", b""),)}, "N.Attachment.ContentTransferEncoded"),
        ({"trace": ()}, "N.TraceHeaderList.TraceHeader"),
        ({"trace": (edxml.Hop("H50", datetime(2026, 1, 1)),)}, "M.TraceHeaderList.TraceHeader.Timestamp"),
        (
            {"business": edxml.Business(edxml.BusinessKind.REPLACE, "sai")},
            "N.TraceHeaderList.Bussiness.ReplacementInfoList",
        ),
        ({"business": edxml.Business(edxml.BusinessKind.REVOKE, "sai")}, "N.TraceHeaderList.Bussiness.DocumentId"),
        (
            {"business": edxml.Business(edxml.BusinessKind.UPDATE, "", "H50,2026/01/01,1/A")},
            "N.TraceHeaderList.Bussiness.BussinessDocReason",
        ),
    ],
)
def test_what_a_strict_reader_would_refuse_is_not_written(change: dict[str, object], code: str) -> None:
    with pytest.raises(edxml.BadPackage) as refused:
        edxml.write(replace(document(), **change))  # type: ignore[arg-type]
    assert code in [fault.code for fault in refused.value.faults]


@pytest.mark.parametrize("kind", [edxml.Status.REFUSED, edxml.Status.TAKE_BACK, edxml.Status.TAKE_BACK_REFUSED])
def test_a_refusal_and_a_taking_back_say_why(kind: edxml.Status) -> None:
    with pytest.raises(edxml.BadPackage) as refused:
        edxml.write(replace(status(kind), description=""))
    assert [fault.code for fault in refused.value.faults] == ["N.Status.Description"]


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(edxml.BadPackage) as refused:
        edxml.write(replace(document(), subject="", priority=9, attachments=()))
    assert [fault.code for fault in refused.value.faults] == [
        "N.MessageHeader.Subject",
        "R.MessageHeader.OtherInfo.Priority",
        "N.Attachment",
    ]


def test_a_time_keeps_its_moment_whatever_the_zone() -> None:
    at = datetime(2026, 3, 5, 23, 30, tzinfo=UTC) + timedelta(seconds=5)
    found = edxml.read(edxml.write(replace(status(edxml.Status.RECEIVED), at=at))).package
    assert isinstance(found, edxml.StatusPackage)
    assert found.at == at
