"""CMS signatures beside a file (OpenSSL's, and ours) and with the content inside; any byte changed, and they are refused."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.signing import cades, pades, pki, revocation, xades
from hienluong.capabilities.signing.judging import chain
from hienluong.capabilities.signing.providers.demo import DemoKeys, label_of
from hienluong.capabilities.signing.verification import verify
from tests.capabilities.signing.strangers import Person, make_authority, sign_cms
from tests.thorough import examples

pytestmark = [pytest.mark.django_db, pytest.mark.once]
GOOD = ("valid", "signed")
CONTENT = "Phụ lục kèm theo Quyết định số 12/QĐ-UBND\n".encode() * 20


@pytest.fixture(scope="module")
def person() -> Person:
    return make_authority().issue("Trần Thị Ký Rời", "Sở Thử")


@pytest.fixture(autouse=True)
def believed(settings: LazySettings, tmp_path: Path, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is believed and its list is at hand."""
    settings.TRUST_FOLDER = tmp_path / "trust"
    settings.TRUST_FOLDER.mkdir()
    (settings.TRUST_FOLDER / "goc.cer").write_bytes(person.authority.der)
    settings.REVOCATION_ASK = False
    own, told = revocation.lists, person.authority.list_now()
    monkeypatch.setattr(revocation, "lists", lambda: [*own(), told])
    monkeypatch.setattr(chain, "_is_ours", lambda path, anchors: True)


def test_beside_the_file_in_every_form_and_either_order(person: Person, tmp_path: Path) -> None:
    der = sign_cms(CONTENT, person, tmp_path)
    pem = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(der) + b"-----END PKCS7-----\n"
    for signature in (der, pem, base64.b64encode(der)):
        found = verify(CONTENT, signature)
        assert (found.verdict, found.signatures[0].signer) == ("signed", "Trần Thị Ký Rời")
        assert verify(signature, CONTENT).verdict == "signed"
        assert verify(CONTENT + b".", signature).verdict == "altered"
    alone = verify(der)
    assert alone.verdict == "partial"
    assert "hãy đưa cả tệp" in alone.sentence


def test_with_the_content_inside(person: Person, tmp_path: Path) -> None:
    whole = sign_cms(CONTENT, person, tmp_path, "-nodetach")
    assert verify(whole).verdict == "signed"
    assert verify(CONTENT, whole).verdict == "signed"
    assert verify(CONTENT + b".", whole).verdict == "altered"
    spot = whole.index(b"12/Q")
    assert verify(whole[:spot] + b"13/Q" + whole[spot + 4 :]).verdict == "altered"


def test_cades_and_weak(person: Person, tmp_path: Path) -> None:
    found = verify(CONTENT, sign_cms(CONTENT, person, tmp_path, "-cades"))
    assert (found.verdict, found.signatures[0].form) == ("signed", "CAdES")
    assert verify(CONTENT, sign_cms(CONTENT, person, tmp_path, "-md", "sha1")).verdict == "weak"


def test_two_signers_are_both_judged(person: Person, tmp_path: Path) -> None:
    first = sign_cms(CONTENT, person, tmp_path)
    other = make_authority("Nơi không ai tin").issue("Người Lạ", "Không rõ")
    folder = tmp_path / "khac"
    folder.mkdir()
    (tmp_path / "first.der").write_bytes(first)
    key, cert = other.files(folder)
    command = [
        "-resign",
        "-inform",
        "DER",
        "-in",
        str(tmp_path / "first.der"),
        "-signer",
        str(cert),
        "-inkey",
        str(key),
    ]
    both = _openssl("cms", *command, "-outform", "DER", "-content", str(tmp_path / "content"), "-binary")
    found = verify(CONTENT, both)
    assert found.verdict == "untrusted"
    assert {each.signer for each in found.signatures} == {"Trần Thị Ký Rời", "Người Lạ"}


def _openssl(*arguments: str) -> bytes:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout


def test_junk_is_told(person: Person, tmp_path: Path) -> None:
    der = sign_cms(CONTENT, person, tmp_path)
    for hostile in (
        der[:-1],
        der + b"\0",
        der[:40],
        b"\x30\x80" + der,
        b"MIIB" * 40,
        b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----",
    ):
        found = verify(CONTENT, hostile)
        assert (found.verdict, found.signatures) == ("unreadable", [])
    assert verify(CONTENT, CONTENT).verdict == "unreadable"


def test_a_version_that_is_not_the_one_of_what_is_signed_is_refused(person: Person, tmp_path: Path) -> None:
    der = sign_cms(CONTENT, person, tmp_path)
    assert (der[23:26], verify(CONTENT, der).verdict) == (b"\x02\x01\x01", "signed")
    for version in (0, 2, 3, 4, 5, 6):
        assert verify(CONTENT, der[:25] + bytes([version]) + der[26:]).verdict == "unreadable", version


@pytest.fixture(scope="module")
def detached(person: Person, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sign_cms(CONTENT, person, tmp_path_factory.mktemp("cms"))


@given(st.data())
@settings(max_examples=examples(120, 1500), deadline=None)
@pytest.mark.thorough
def test_a_flipped_byte_is_never_believed(detached: bytes, data: st.DataObject) -> None:
    spot = data.draw(st.integers(0, len(detached) - 1))
    changed = detached[:spot] + bytes([detached[spot] ^ data.draw(st.integers(1, 255))]) + detached[spot + 1 :]
    assert verify(CONTENT, changed).verdict not in GOOD
    place = data.draw(st.integers(0, len(CONTENT) - 1))
    other = CONTENT[:place] + bytes([CONTENT[place] ^ data.draw(st.integers(1, 255))]) + CONTENT[place + 1 :]
    assert verify(other, detached).verdict not in GOOD


def test_what_we_sign_ourselves_is_judged_good_with_its_timestamp() -> None:
    holder = label_of(pki.Holder("H50.31", "UBND phường Đông Hà", "UBND phường Đông Hà"))
    keys = DemoKeys()
    its_chain = keys.find(holder).chain
    ready = cades.prepare(CONTENT, its_chain)
    (raw,) = keys.sign(holder, its_chain, [ready.to_sign])
    signature = cades.finish(ready, raw, its_chain, proof=pades.proof_for([its_chain]))
    found = verify(CONTENT, signature)
    one = found.signatures[0]
    assert (found.verdict, one.form, one.timestamped) == ("signed", "CAdES", True)
    package = "<?xml version='1.0'?><goi><tieuDe>Số 12/QĐ-UBND</tieuDe></goi>".encode()
    prepared = xades.prepare(package, its_chain, place="Quảng Trị")
    (raw,) = keys.sign(holder, its_chain, [prepared.to_sign])
    signed = xades.finish(prepared, raw, its_chain, timestamp=True, proof=pades.proof_for([its_chain]))
    found = verify(signed)
    one = found.signatures[0]
    assert (found.verdict, one.form, one.timestamped, one.covers_whole_file) == ("signed", "XAdES", True, True)
    assert verify(signed.replace(b"goi>", b"gOi>")).verdict == "altered"


def test_the_page_and_the_interface(person: Person, tmp_path: Path, client: Client) -> None:
    der = sign_cms(CONTENT, person, tmp_path)

    def form() -> dict[str, SimpleUploadedFile]:
        return {"file": SimpleUploadedFile("phu-luc.txt", CONTENT), "signature": SimpleUploadedFile("phu-luc.p7s", der)}

    assert "hl-verdict--signed" in client.post("/xac-minh", form()).content.decode()
    told = client.post("/api/v1/verify", form()).json()
    assert (told["verdict"], told["signatures"][0]["form"]) == ("signed", "CMS")
