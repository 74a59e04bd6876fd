"""Signatures in XML (XAdES) and beside any file (CAdES), judged by xmlsec1 and openssl; one flipped byte, and they say no."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hienluong.capabilities.signing import cades, pades, pki, requests, xades
from hienluong.capabilities.signing.models import Look, SignatureRequest
from hienluong.capabilities.signing.providers.demo import DemoKeys, label_of
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files.storing import keep_made
from tests.capabilities.signing.asking import content, make_signer, work
from tests.capabilities.signing.papers import paper, sign
from tests.factories import TESTER, make_roles
from tests.thorough import examples

HOLDER = label_of(pki.Holder("H50.31", "UBND phường Đông Hà", "UBND phường Đông Hà"))
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<?goi tin?>\n'
    '<g:goi xmlns:g="urn:thu:goi" xmlns="urn:thu" xml:lang="vi" ma="1">\n  <!-- chú thích -->\n'
    '  <tieuDe kieu="a &amp; b">Quyết định số 12/QĐ-UBND</tieuDe><g:noiDung xml:space="preserve"> đ&#13;\n</g:noiDung>\n</g:goi>\n'
).encode()


def _xml(xml: bytes = XML, *, proven: bool = True) -> bytes:
    chain = DemoKeys().find(HOLDER).chain
    prepared = xades.prepare(xml, chain, place="Quảng Trị")
    (raw,) = DemoKeys().sign(HOLDER, chain, [prepared.to_sign])
    return xades.finish(prepared, raw, chain, timestamp=proven, proof=pades.proof_for([chain]) if proven else None)


def _cms(data: bytes) -> bytes:
    chain = DemoKeys().find(HOLDER).chain
    prepared = cades.prepare(data, chain)
    (raw,) = DemoKeys().sign(HOLDER, chain, [prepared.to_sign])
    return cades.finish(prepared, raw, chain, proof=pades.proof_for([chain]))


def _root(folder: Path) -> Path:
    path = folder / "root.pem"
    if not path.exists():
        from cryptography.hazmat.primitives.serialization import Encoding

        path.write_bytes(pki.certificate_of(pki.root_file()).public_bytes(Encoding.PEM))
    return path


def _xmlsec(signed: bytes, folder: Path) -> bool:
    path = folder / "goi.xml"
    path.write_bytes(signed)
    ids = ["--id-attr:Id", f"{xades.XADES}:SignedProperties"]
    command = ["xmlsec1", "--verify", *ids, "--trusted-pem", str(_root(folder)), str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _openssl(data: bytes, signature: bytes, folder: Path) -> bool:
    (folder / "tep.bin").write_bytes(data)
    (folder / "tep.p7s").write_bytes(signature)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "tep.p7s")]
    command += [
        "-content",
        str(folder / "tep.bin"),
        "-CAfile",
        str(_root(folder)),
        "-purpose",
        "any",
        "-out",
        "/dev/null",
    ]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("signed")


@pytest.fixture(scope="module")
def signed_xml() -> bytes:
    return _xml()


def flipped(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]


@pytest.mark.parametrize(
    "xml",
    [XML, b"<a/>", '<a xmlns="urn:x" xml:base="http://goi.example/" xml:space="preserve">đ<b xmlns=""/></a>'.encode()],
)
@pytest.mark.parametrize("proven", [True, False])
def test_xmlsec_accepts_what_we_sign(xml: bytes, proven: bool, folder: Path) -> None:
    assert _xmlsec(_xml(xml, proven=proven), folder)


def test_the_levels_are_in_the_file(signed_xml: bytes) -> None:
    found = {etree.QName(each).localname for each in etree.fromstring(signed_xml).iter(f"{{{xades.XADES}}}*")}
    wanted = {"SigningCertificateV2", "SigningTime", "EncapsulatedTimeStamp", "EncapsulatedCRLValue"}
    assert wanted | {"EncapsulatedOCSPValue", "EncapsulatedX509Certificate", "DataObjectFormat"} <= found
    plain = {etree.QName(each).localname for each in etree.fromstring(_xml(proven=False)).iter(f"{{{xades.XADES}}}*")}
    assert "UnsignedProperties" not in plain


def _signed_parts(signed: bytes) -> list[range]:
    """Where the bytes stand that the signature speaks for: the file itself, what was signed of the signature, its value
    (without its last sign, some of whose bits mean nothing; the name of the value is not signed)."""
    begins = signed.index(b"<g:goi")
    signature, value = signed.index(b"<ds:Signature "), signed.index(b"</ds:SignatureValue>")
    properties = signed.index(b"<xades:SignedProperties"), signed.index(b"</xades:SignedProperties>")
    comment = signed.index(b"<!--"), signed.index(b"-->") + 3
    info = signed.index(b"<ds:SignedInfo>")
    return [
        range(begins, comment[0]),
        range(comment[1], signature),
        range(info, signed.index(b"</ds:SignedInfo>")),
        range(signed.index(b">", signed.index(b"<ds:SignatureValue")) + 1, value - 3),
        range(*properties),
        range(signed.index(b"</g:goi>"), len(signed) - 1),
    ]


@given(st.data())
@settings(max_examples=examples(60, 600), deadline=None)
def test_a_flipped_byte_of_what_was_signed_is_refused(signed_xml: bytes, folder: Path, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(_signed_parts(signed_xml)))
    place, bit = data.draw(st.integers(part.start, part.stop - 1)), data.draw(st.integers(0, 7))
    assert not _xmlsec(flipped(signed_xml, place, bit), folder), (place, bit)


@given(st.data())
@settings(max_examples=examples(40, 400), deadline=None)
def test_openssl_accepts_and_refuses(folder: Path, data: st.DataObject) -> None:
    signature = folder / "made.p7s"
    content = bytes(range(256)) * 8
    if not signature.exists():
        signature.write_bytes(_cms(content))
        assert _openssl(content, signature.read_bytes(), folder)
    place, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    assert not _openssl(flipped(content, place, bit), signature.read_bytes(), folder)


@pytest.fixture(scope="module")
def signed_pdf() -> bytes:
    return sign(paper())


@given(st.data())
@settings(max_examples=examples(60, 600), deadline=None)
def test_pdfsig_refuses_a_flipped_byte(signed_pdf: bytes, folder: Path, data: st.DataObject) -> None:
    """Anywhere but in the gap of the last signature, which no signature can speak for."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    first, length, second, rest = (
        int(each) for each in PdfFileReader(BytesIO(signed_pdf)).embedded_signatures[-1].byte_range
    )
    assert (first, second + rest) == (0, len(signed_pdf))
    parts = [range(length), range(second, len(signed_pdf))]
    part = data.draw(st.sampled_from(parts))
    place, bit = data.draw(st.integers(part.start, part.stop - 1)), data.draw(st.integers(0, 7))
    path = folder / "flipped.pdf"
    path.write_bytes(flipped(signed_pdf, place, bit))
    told = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    # Either a signature is refused, or it is no longer over the whole file: never two that hold and cover all.
    assert not (
        told.count("Signature is Valid") == 2 and "- Total document signed" in told.split("Signature #2")[-1]
    ), (
        place,
        bit,
        told,
    )


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"not xml",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b"<a>" * 300,
        b'<a xmlns="relative"/>',
    ],
)
def test_hostile_xml_is_refused(bad: bytes) -> None:
    with pytest.raises(InvalidInput):
        xades.prepare(bad, DemoKeys().find(HOLDER).chain)


def test_a_signed_file_is_not_signed_again(signed_xml: bytes) -> None:
    with pytest.raises(InvalidInput, match="đã có chữ ký"):
        xades.prepare(signed_xml, DemoKeys().find(HOLDER).chain)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kind", "form"),
    [("goi.xml", "application/xml", "xades"), ("so-lieu.csv", "text/csv", "cades")],
)
def test_requests_for_other_files(name: str, kind: str, form: str, folder: Path) -> None:
    make_roles()
    official, leader = make_signer()
    file = keep_made(BytesIO(XML), name=name, owner=None, purpose="thu", media_type=kind)
    mark = requests.Mark(official, "ChuKy", Look.NONE)
    given = {"subject_ref": "goi:1", "reason": "Gửi gói tin"}
    with pytest.raises(InvalidInput):
        requests.open_request(TESTER, file=file, marks=[mark, requests.Mark(official, "Hai", Look.NONE)], **given)
    request = requests.open_request(TESTER, file=file, marks=[mark], **given)
    requests.sign(leader, request_ids=[request.pk])
    work()
    request.refresh_from_db()
    assert (request.form, request.state) == (form, SignatureRequest.State.COMPLETED)
    if form == "xades":
        assert _xmlsec(content(request.file_id), folder)
    else:
        assert request.file_id == file.pk
        assert _openssl(XML, content(request.signature_id), folder)
