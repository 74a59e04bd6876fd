"""XML that others signed (xmlsec1): enveloped, enveloping, detached, XAdES; and every known way to be fooled by it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from hienluong.capabilities.signing import revocation
from hienluong.capabilities.signing.judging import canonical, chain, xml
from hienluong.capabilities.signing.verification import verify, verify_xml
from tests.capabilities.signing.strangers import Person, make_authority, sign_xml
from tests.thorough import examples

pytestmark = [pytest.mark.django_db, pytest.mark.once]
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DS}enveloped-signature"
GOOD = "signed"
BAD_WORDS = ("signed", "valid")


@pytest.fixture(scope="module")
def person() -> Person:
    return make_authority().issue("Trần Thị Ký XML", "Sở Thử")


@pytest.fixture(autouse=True)
def believed(settings: LazySettings, tmp_path: Path, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is believed, and nobody is asked about revocation: a list is put beside (the same for all here)."""
    settings.TRUST_FOLDER = tmp_path / "trust"
    settings.TRUST_FOLDER.mkdir()
    (settings.TRUST_FOLDER / "goc.cer").write_bytes(person.authority.der)
    settings.REVOCATION_ASK = False
    told = person.authority.list_now()
    own = revocation.lists
    monkeypatch.setattr(revocation, "lists", lambda: [*own(), told])
    monkeypatch.setattr(chain, "_is_ours", lambda path, anchors: True)


def signature(references: str, *, method: str = C14N, objects: str = "", key: str = "") -> str:
    """A signature to be filled in."""
    info = key or "<ds:KeyInfo><ds:X509Data/></ds:KeyInfo>"
    return (
        f'<ds:Signature xmlns:ds="{DS}" Id="S1"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{method}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f"{references}</ds:SignedInfo><ds:SignatureValue/>{info}{objects}</ds:Signature>"
    )


def reference(uri: str, *transforms: str, kind: str = "") -> str:
    steps = "".join(f'<ds:Transform Algorithm="{each}"/>' for each in transforms)
    return (
        f'<ds:Reference URI="{uri}"{kind}>'
        + (f"<ds:Transforms>{steps}</ds:Transforms>" if steps else "")
        + '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>'
    )


def whole(method: str = C14N) -> str:
    """A package whose signature covers all of it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?kieu a="b"?><Goi xmlns="urn:thu" xmlns:x="urn:x" xml:lang="vi">'
        '<Dau so="12/QĐ-UBND">Về việc &lt;thử&gt;</Dau><!-- ghi chú --><Than x:a="1" b="2">Kính gửi: các sở</Than>'
        f"{signature(reference('', ENVELOPED, method), method=method)}</Goi>"
    )


def parts() -> str:
    """A package as the exchange makes them: head and body signed by name, the signature between."""
    both = reference("#dau", EXCLUSIVE) + reference("#than", EXCLUSIVE)
    return (
        '<Goi xmlns="urn:thu"><Dau xmlns="" Id="dau"><So>12</So></Dau><KhoiChuKy>'
        f'{signature(both, method=EXCLUSIVE)}</KhoiChuKy><Than xmlns="" Id="than"><NoiDung>Duyệt 5 triệu</NoiDung></Than></Goi>'
    )


@pytest.mark.parametrize("method", [C14N, C14N11, EXCLUSIVE])
def test_enveloped_over_the_whole(person: Person, tmp_path: Path, method: str) -> None:
    found = verify(sign_xml(whole(method), person, tmp_path))
    assert (found.verdict, [each.code for each in found.signatures[0].problems]) == (GOOD, [])
    one = found.signatures[0]
    assert (one.signer, one.form, one.covers_whole_file, one.timestamped) == (
        "Trần Thị Ký XML",
        "XML-DSig",
        True,
        False,
    )


def test_enveloping(person: Person, tmp_path: Path) -> None:
    inside = '<ds:Object Id="noi-dung"><VanBan>Nội dung</VanBan></ds:Object>'
    signed = sign_xml(signature(reference("#noi-dung", C14N), objects=inside), person, tmp_path)
    assert verify(signed).verdict == GOOD
    fake = signed.replace(b"</ds:Object>", b"</ds:Object><ds:Object><VanBan>Khac</VanBan></ds:Object>")
    assert verify(fake).verdict == "partial"
    assert verify(signed.replace(b"dung</VanBan>", b"dunG</VanBan>")).verdict == "altered"


def test_detached_with_the_file_and_without(person: Person, tmp_path: Path) -> None:
    content = "Phụ lục\n".encode() * 40
    (tmp_path / "phu-luc.txt").write_bytes(content)
    signed = sign_xml(signature(reference("phu-luc.txt")), person, tmp_path)
    assert verify(content, signed, name="phu-luc.txt").verdict == GOOD
    assert verify(signed, content, name="chu-ky.xml").verdict == GOOD
    assert verify(content + b".", signed, name="phu-luc.txt").verdict == "altered"
    alone = verify(signed)
    assert alone.verdict == "partial"
    assert "phu-luc.txt" in alone.sentence


def test_the_parts_of_a_package_by_name(person: Person, tmp_path: Path) -> None:
    signed = sign_xml(parts(), person, tmp_path)
    assert verify(signed).verdict == GOOD
    read = xml.read(signed, {})[0]
    assert [etree.fromstring(part).tag for part in read.parts] == ["Dau", "Than"]


def xades(person: Person, *, digest: str = "", target: str = "#S1", time: str = "2026-11-20T08:00:00+07:00") -> str:
    """A package with the properties of XAdES."""
    der = person.asn1.dump()
    digest = digest or base64.b64encode(hashlib.sha256(der).digest()).decode()
    properties = (
        f'<ds:Object><xa:QualifyingProperties xmlns:xa="http://uri.etsi.org/01903/v1.3.2#" Target="{target}">'
        '<xa:SignedProperties Id="P1"><xa:SignedSignatureProperties>'
        f"<xa:SigningTime>{time}</xa:SigningTime><xa:SigningCertificateV2><xa:Cert><xa:CertDigest>"
        '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></xa:CertDigest></xa:Cert></xa:SigningCertificateV2>"
        "</xa:SignedSignatureProperties></xa:SignedProperties></xa:QualifyingProperties></ds:Object>"
    )
    both = reference("", ENVELOPED, C14N11)
    both += reference("#P1", C14N11, kind=' Type="http://uri.etsi.org/01903#SignedProperties"')
    return f"<Goi><Than>Nội dung</Than>{signature(both, method=C14N11, objects=properties)}</Goi>"


def test_xades(person: Person, tmp_path: Path) -> None:
    found = verify(sign_xml(xades(person), person, tmp_path))
    one = found.signatures[0]
    assert (found.verdict, one.form) == (GOOD, "XAdES")
    assert one.signed_at is not None
    assert one.signed_at.isoformat() == "2026-11-20T08:00:00+07:00"


def test_properties_of_another_signature_or_certificate_are_not_believed(person: Person, tmp_path: Path) -> None:
    other = base64.b64encode(hashlib.sha256(b"another").digest()).decode()
    assert verify(sign_xml(xades(person, digest=other), person, tmp_path)).verdict == "altered"
    assert verify(sign_xml(xades(person, target="#S2"), person, tmp_path)).verdict == "altered"
    unsigned = xades(person).replace(
        reference("#P1", C14N11, kind=' Type="http://uri.etsi.org/01903#SignedProperties"'), ""
    )
    assert verify(sign_xml(unsigned, person, tmp_path)).verdict == "altered"


Attack = Callable[[bytes], bytes]


def _wrap_and_replace(signed: bytes) -> bytes:
    """The signed body goes into a corner, another one takes its place: the classic."""
    body = re.search(rb'<Than xmlns="" Id="than">.*?</Than>', signed)
    assert body
    evil = body[0].replace(b'Id="than"', b'Id="khac"').replace(b"5", b"500")
    return signed.replace(body[0], evil).replace(b"</Goi>", b"<Goc>" + body[0] + b"</Goc></Goi>")


def _same_id_first(signed: bytes) -> bytes:
    return signed.replace(b"<KhoiChuKy>", b'<Than xmlns="" Id="than"><NoiDung>500</NoiDung></Than><KhoiChuKy>')


def _same_id_last(signed: bytes) -> bytes:
    return signed.replace(b"</Goi>", b'<Than xmlns="" ID="than"><NoiDung>500</NoiDung></Than></Goi>')


def _beside(signed: bytes) -> bytes:
    return signed.replace(b"</Goi>", b'<Than xmlns=""><NoiDung>500</NoiDung></Than></Goi>')


def _into_an_object(signed: bytes) -> bytes:
    body = re.search(rb'<Than xmlns="" Id="than">.*?</Than>', signed)
    assert body
    evil = body[0].replace(b' Id="than"', b"")
    inside = b"<ds:Object>" + body[0] + b"</ds:Object></ds:Signature>"
    return signed.replace(body[0], evil).replace(b"</ds:Signature>", inside)


def _text_beside(signed: bytes) -> bytes:
    return signed.replace(b"</KhoiChuKy>", b"</KhoiChuKy>Ngoai le: khong ap dung")


def _attribute_above(signed: bytes) -> bytes:
    return signed.replace(b'<Goi xmlns="urn:thu">', b'<Goi xmlns="urn:thu" trangThai="da duyet">')


@pytest.mark.parametrize(
    "attack",
    [_wrap_and_replace, _same_id_first, _same_id_last, _beside, _into_an_object, _text_beside, _attribute_above],
)
def test_what_is_signed_must_be_what_is_used(person: Person, tmp_path: Path, attack: Attack) -> None:
    signed = sign_xml(parts(), person, tmp_path)
    changed = attack(signed)
    assert changed != signed
    assert verify(changed).verdict in ("partial", "altered", "unreadable")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116"),
        (ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116"),
        (ENVELOPED, "http://www.w3.org/2002/06/xmldsig-filter2"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{DS}hmac-sha1"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"),
        ("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", ""),
        ("<ds:X509Data>", '<ds:RetrievalMethod URI="http://127.0.0.1/key"/><ds:X509Data>'),
        ('URI=""', 'URI="http://127.0.0.1/x"'),
        ('URI=""', 'URI="file:///etc/hostname"'),
        ('URI=""', 'URI="#xpointer(//*)"'),
        ("<ds:SignatureValue>", "<ds:SignatureValue/><ds:SignatureValue>"),
    ],
)
def test_what_could_fool_us_is_refused(person: Person, tmp_path: Path, old: str, new: str) -> None:
    signed = sign_xml(whole(), person, tmp_path).decode()
    assert old in signed
    found = verify(signed.replace(old, new).encode())
    assert found.verdict in ("unreadable", "partial", "altered")


def test_a_public_key_is_never_a_shared_secret(person: Person, tmp_path: Path) -> None:
    """HMAC with the bytes of the certificate as its key: who takes keys of any kind believes it."""
    signed = sign_xml(whole(), person, tmp_path).decode()
    forged = signed.replace("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", f"{DS}hmac-sha1")
    root = etree.fromstring(forged.encode())
    info = root.find(f".//{{{DS}}}SignedInfo")
    value = hmac.new(person.asn1.public_key.dump(), canonical.canonical(info, xml.PLAIN), "sha1").digest()
    root.find(f".//{{{DS}}}SignatureValue").text = base64.b64encode(value).decode()
    assert verify(etree.tostring(root)).verdict == "unreadable"


def test_the_certificate_of_somebody_else_does_not_do(person: Person, tmp_path: Path) -> None:
    signed = sign_xml(whole(), person, tmp_path)
    other = base64.b64encode(person.authority.certificate.public_bytes(Encoding.DER))
    path = re.search(rb"<ds:X509Certificate>.*?</ds:X509Certificate>", signed, re.DOTALL)
    assert path
    swapped = re.sub(
        rb"<ds:X509Certificate>.*</ds:X509Certificate>",
        b"<ds:X509Certificate>" + other + b"</ds:X509Certificate>",
        signed,
        flags=re.DOTALL,
    )
    assert verify(swapped).verdict == "altered"


BOMB = (
    '<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx">'
    + "".join(
        f'<!ENTITY b{n} "{"&b" + (str(n - 1) if n else "") + ";"}{"&b" + (str(n - 1) if n else "") + ";" * 1}">'
        for n in range(30)
    )
    + "]><a>&b29;</a>"
)


@pytest.mark.parametrize(
    "hostile",
    [
        BOMB.encode(),
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><a/>',
        '<!DOCTYPE a [<!ATTLIST a Id ID "x">]><a/>'.encode("utf-16"),
        b"<a>" * 5000 + b"</a>" * 5000,
        b"<a>" + b"<b/>" * 500_000 + b"</a>",
        b"<a",
        b"<a></b>",
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b"\xff\xfe<\x00a",
        b"<a>\x00</a>",
        b"<a>&nothing;</a>",
    ],
)
def test_hostile_xml_is_refused(hostile: bytes) -> None:
    found = verify(hostile)
    assert found.verdict in ("unreadable", "unsigned")
    assert found.signatures == []


def test_unsigned_xml_is_told_so() -> None:
    assert verify(b'<?xml version="1.0"?><a>b</a>').verdict == "unsigned"


def test_too_many_signatures_and_references(person: Person, tmp_path: Path) -> None:
    one = re.search(rb"<ds:Signature .*</ds:Signature>", sign_xml(parts(), person, tmp_path), re.DOTALL)
    assert one
    assert verify(b"<a>" + one[0] * 30 + b"</a>").verdict == "unreadable"


@pytest.fixture(scope="module")
def kept(person: Person, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sign_xml(xades(person), person, tmp_path_factory.mktemp("xml"))


def _meaning(data: bytes) -> list[bytes] | None:
    """What a reader takes from a document: its canonical form; None when there is nothing to read."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    return [etree.tostring(root.getroottree(), method="c14n", with_comments=False)]


@given(st.data())
@settings(max_examples=examples(60, 600), deadline=None)
@pytest.mark.thorough
def test_a_flipped_byte_is_never_believed(kept: bytes, data: st.DataObject) -> None:
    """But where the document stays the same document: white space within tags, the kind of quotes, line ends in base64."""
    spot = data.draw(st.integers(0, len(kept) - 1))
    changed = kept[:spot] + bytes([kept[spot] ^ data.draw(st.integers(1, 255))]) + kept[spot + 1 :]
    if verify_xml(changed).verdict in BAD_WORDS:
        before, after = _meaning(kept), _meaning(changed)
        assert before is not None
        assert after is not None
        assert [re.sub(rb"\s", b"", each) for each in after] == [re.sub(rb"\s", b"", each) for each in before]


@given(st.data())
@settings(max_examples=examples(40, 400), deadline=None)
@pytest.mark.thorough
def test_cut_and_appended(kept: bytes, data: st.DataObject) -> None:
    spot = data.draw(st.integers(0, len(kept) - 1))
    assert verify_xml(kept[:spot]).verdict not in BAD_WORDS or not kept[spot:].strip()
    more = data.draw(st.binary(min_size=1, max_size=40))
    assert verify_xml(kept + more).verdict not in BAD_WORDS or not more.strip(b" \t\r\n")


@given(st.binary(max_size=300))
@settings(max_examples=examples(60, 300), deadline=None)
def test_noise_never_ends_in_an_error(noise: bytes) -> None:
    for head in (b"", b"<a>", b"<?xml", b"0\x82", b"MII", b"-----BEGIN PKCS7-----\n"):
        assert verify(head + noise).verdict not in BAD_WORDS
        assert verify(b"content", head + noise).verdict not in BAD_WORDS


def test_the_page_and_the_interface_take_two_files(person: Person, tmp_path: Path, client: Client) -> None:
    content = b"Noi dung"
    (tmp_path / "a.txt").write_bytes(content)
    signed = sign_xml(signature(reference("a.txt")), person, tmp_path)
    form = {"file": SimpleUploadedFile("a.txt", content), "signature": SimpleUploadedFile("a.xml", signed)}
    said = client.post("/xac-minh", form).content.decode()
    assert "hl-verdict--signed" in said
    form = {"file": SimpleUploadedFile("a.txt", content), "signature": SimpleUploadedFile("a.xml", signed)}
    told = client.post("/api/v1/verify", form).json()
    assert (told["verdict"], told["signatures"][0]["form"]) == ("signed", "XML-DSig")
    whole_one = sign_xml(whole(), person, tmp_path)
    told = client.post("/api/v1/verify", whole_one, content_type="application/xml").json()
    assert told["verdict"] == "signed"
