"""What is dangerous or wrong is refused, quickly, with words; whatever comes, nothing else is raised."""

from __future__ import annotations

import base64
import io
import time
import tracemalloc
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.services.exchange import edxml
from tests.services.exchange.packages import document, status
from tests.thorough import examples

WRITTEN = edxml.write(document()).decode()
INSIDE = WRITTEN.split("?>", 1)[1]
BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
SMALL = edxml.Limits(package=1 << 20, attachment=1 << 18, attachments=3, receivers=5)


def refusal(data: bytes | str, limits: edxml.Limits = edxml.Limits()) -> edxml.BadPackage:
    with pytest.raises(edxml.BadPackage) as refused:
        edxml.read(data.encode() if isinstance(data, str) else data, limits)
    assert refused.value.faults
    assert all(fault.words and fault.code[:2] in ("N.", "R.", "M.") for fault in refused.value.faults)
    return refused.value


def codes(data: bytes | str, limits: edxml.Limits = edxml.Limits()) -> list[str]:
    return [fault.code for fault in refusal(data, limits).faults]


DOCTYPES = {
    "a billion laughs": f'<!DOCTYPE edXML [<!ENTITY l0 "lol">{BOMB}]>',
    "a file of the server": '<!DOCTYPE edXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "an address": '<!DOCTYPE edXML SYSTEM "http://127.0.0.1:9/x.dtd">',
    "a parameter entity": '<!DOCTYPE edXML [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
    "nothing at all": "<!DOCTYPE edXML>",
    "a quadratic bomb": f'<!DOCTYPE edXML [<!ENTITY a "{"A" * 50_000}">]>',
}


@pytest.mark.parametrize("doctype", DOCTYPES.values(), ids=DOCTYPES.keys())
def test_a_document_type_is_refused_before_anything_of_it_is_used(doctype: str) -> None:
    began = time.process_time()
    tracemalloc.start()
    text = INSIDE.replace("báo cáo", "&l11;&x;&a;")
    assert codes(f'<?xml version="1.0"?>{doctype}{text}') == ["M.XML.Doctype"]
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000
    assert time.process_time() - began < 2


def test_an_entity_that_nobody_declared_is_no_xml() -> None:
    assert codes(WRITTEN.replace("báo cáo", "&x;")) == ["M.XML"]


def test_depth_and_number_of_elements_are_bounded() -> None:
    assert codes("<a>" * 200_000) == ["M.XML.Size"]
    assert codes("<a>" + "<b/>" * 50_000 + "</a>") == ["M.XML.Size"]
    many = " ".join(f'a{n}="1"' for n in range(100))
    assert codes(f"<a {many}/>") == ["M.XML.Size"]


def test_a_text_is_bounded() -> None:
    assert codes(WRITTEN.replace("báo cáo", "x" * 30_000)) == ["R.XML.Text"]


def test_a_package_and_its_files_are_bounded() -> None:
    assert codes(b" " * (SMALL.package + 1), SMALL) == ["R.Package"]
    large = replace(document(), attachments=(edxml.Attachment("a.pdf", b"x" * (SMALL.attachment + 1)),))
    assert codes(edxml.write(large), SMALL)[0].startswith("R.")
    files = tuple(edxml.Attachment(f"{n}.pdf", b"x%d" % n) for n in range(4))
    assert codes(edxml.write(replace(document(), attachments=files)), SMALL) == ["R.Attachment"]
    agencies = tuple(edxml.Agency(f"H50.0{n}", "A") for n in range(6))
    assert "R.MessageHeader.To" in codes(edxml.write(replace(document(), receivers=agencies)), SMALL)


def test_a_file_that_unpacks_to_far_more_is_refused_without_unpacking_it() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", b"\0" * 60_000_000)
    package = replace(document(), attachments=(edxml.Attachment("a.pdf", out.getvalue()),))
    written = edxml.write(package)
    tracemalloc.start()
    assert codes(written) == ["R.Attachment"]
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000


def test_an_archive_that_lies_about_its_size_is_bounded_too() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", b"\0" * 2_000_000)
    lied = out.getvalue().replace((2_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    package = replace(document(), attachments=(edxml.Attachment("a.pdf", lied),))
    codes_found, content = outcome(edxml.write(package))
    assert codes_found == ["M.Attachment.ContentTransferEncoded"] or len(content) <= 1000


def outcome(data: bytes) -> tuple[list[str], bytes]:
    """The codes of a refusal, or the content of the first file."""
    try:
        package = edxml.read(data, SMALL).package
    except edxml.BadPackage as error:
        return [fault.code for fault in error.faults], b""
    files = package.attachments if isinstance(package, edxml.DocumentPackage) else ()
    return [], files[0].content if files else b""


REFUSED = {
    "nothing": ("", "N.Package"),
    "no XML": ("PK\x03\x04 gói tin", "M.XML"),
    "cut off": (WRITTEN[:900], "M.XML"),
    "an unknown encoding": ('<?xml version="1.0" encoding="x-viet"?><a/>', "M.XML"),
    "another document": ("<html><body>Bảo trì</body></html>", "N.MessageHeader"),
    "no sender": (WRITTEN.replace("<edXML:OrganId>000.00.00.H50</edXML:OrganId>", "", 1), "N.MessageHeader.From.OrganId"),
    "no subject": (WRITTEN.replace("<edXML:Subject>", "<edXML:S>").replace("</edXML:Subject>", "</edXML:S>"), "N.MessageHeader.Subject"),
    "no receiver": (WRITTEN.replace("edXML:To>", "edXML:T>"), "N.MessageHeader.To"),
    "no date": (WRITTEN.replace("2026/03/05</edXML:Promul", "hôm qua</edXML:Promul"), "N.MessageHeader.PromulgationInfo.PromulgationDate"),
    "no file": (WRITTEN.replace("AttachmentEncoded>", "Nothing>"), "N.Attachment"),
    "a broken file": (WRITTEN.replace("<ContentTransferEncoded>", "<ContentTransferEncoded>@@"), "M.Attachment.ContentTransferEncoded"),
    "an unknown business": (WRITTEN.replace("DocType>0<", "DocType>7<"), "R.TraceHeaderList.Bussiness.BussinessDocType"),
    "a subject too long": (WRITTEN.replace("báo cáo", "x" * 501), "R.MessageHeader.Subject"),
    "two subjects": (WRITTEN.replace("<edXML:Subject>", "<edXML:Subject>Khác</edXML:Subject><edXML:Subject>"), "M.MessageHeader.Subject"),
    "two senders": (WRITTEN.replace("<edXML:From>", "<edXML:From><edXML:OrganId>G09</edXML:OrganId></edXML:From><edXML:From>"), "M.MessageHeader.From"),
    "two heads": (WRITTEN.replace("<edXML:MessageHeader>", "<edXML:MessageHeader/><edXML:MessageHeader>"), "M.Header"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_refused_with_its_code(text: str, code: str) -> None:
    assert any(found == code or found.startswith(f"{code}.") for found in codes(text))


def test_a_refusal_knows_whom_to_tell() -> None:
    error = refusal(WRITTEN.replace("báo cáo", "x" * 501))
    assert error.sender == "000.00.00.H50"
    assert error.about == document().reference


def test_a_status_nobody_knows_is_refused() -> None:
    text = edxml.write(status(edxml.Status.RECEIVED)).decode()
    assert codes(text.replace("Code>03<", "Code>99<")) == ["R.Status.StatusCode"]
    assert codes(text.replace("edXML:Timestamp>", "edXML:T>")) == ["N.Status.Timestamp"]
    assert codes(text.replace("edXML:ResponseFor>", "edXML:R>")) == ["N.Status.ResponseFor"]


@pytest.mark.thorough
@settings(max_examples=examples(200, 5000), deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome(data)


@pytest.mark.thorough
@settings(max_examples=examples(300, 10_000), deadline=None)
@given(st.integers(0, len(WRITTEN.encode()) - 1), st.integers(0, 255), st.integers(0, 40))
def test_a_damaged_package_is_read_or_refused(place: int, byte: int, gone: int) -> None:
    data = WRITTEN.encode()
    outcome(data[:place] + bytes([byte]) + data[place + gone :])


NAMES = st.sampled_from(
    "edXML edXMLEnvelope Envelope Header Body MessageHeader Status From To OrganId Code ResponseFor Subject Attachment "
    "AttachmentEncoded ContentTransferEncoded Manifest Reference ContentId TraceHeaderList Bussiness Timestamp".split()
)
TREES = st.recursive(
    st.text("aÂ1/, &;<", max_size=8).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>", NAMES, st.lists(inner, max_size=5)
    ),
    max_leaves=30,
)


@pytest.mark.thorough
@settings(max_examples=examples(200, 5000), deadline=None)
@given(NAMES, st.lists(TREES, max_size=6))
def test_any_tree_of_known_names_is_read_or_refused(root: str, parts: list[str]) -> None:
    outcome(f"<{root}>{''.join(parts)}</{root}>".encode())


def test_a_large_package_is_read_in_little_more_memory_than_it_has() -> None:
    content = base64.b64encode(b"hienluong" * 500_000)
    package = replace(document(), attachments=(edxml.Attachment("a.pdf", content),))
    written = edxml.write(package)
    tracemalloc.start()
    edxml.read(written)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5 * len(written)
