"""Signing a paper and telling a stranger the truth about it; the judge beside us is pdfsig (poppler)."""

from __future__ import annotations

import hashlib
import subprocess
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import tsp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.signing import actions, papers, pki
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.papers import OutsideResource, render_pdf
from hienluong.capabilities.signing.service import sign_result
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.files import store
from tests.factories import TESTER, actor_for_role

pytestmark = pytest.mark.django_db


def _paper() -> bytes:
    return render_pdf("signing/papers/base.html", {"number": "01/GP"}, title="Giấy phép thử")


def _sign(pdf: bytes) -> bytes:
    return sign_result(
        pdf,
        organization_code="H50.31",
        organization_name="UBND phường Đông Hà",
        leader_name="Nguyễn Văn Ký",
        leader_title="Chủ tịch",
        leader_code="CB000001",
        reason="Giấy phép thử",
    )


@pytest.fixture(scope="module")
def signed() -> bytes:
    return _sign(_paper())


def _issue(data: bytes, token: str = "ABCD2345EFGH6789") -> IssuedFile:
    file = store(BytesIO(data), name="a.pdf", owner=None, purpose="dossiers.result")
    return actions.issue(
        TESTER,
        token=token,
        kind="giấy phép",
        title="Giấy phép thử",
        file=file,
        issuer_code="H50.31",
        issuer_name="UBND phường Đông Hà",
        signers=[],
        subject_ref="t:1",
    )


def test_pdfsig_finds_both_signatures_valid(signed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid.") == 2
    assert "ETSI.CAdES.detached" in said


def test_the_signed_file_says_pdf_a_3b(signed: bytes) -> None:
    for data in (_paper(), signed):
        with pikepdf.open(BytesIO(data)) as document:
            with document.open_metadata() as metadata:
                assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
            assert [str(intent.S) for intent in document.Root.OutputIntents] == ["/GTS_PDFA1"]


def test_valid_with_a_proof_from_the_log(signed: bytes) -> None:
    _issue(signed)
    found = verify_pdf(signed)
    assert (found.verdict, found.good) == ("valid", True)
    assert [finding.signer for finding in found.signatures] == ["Nguyễn Văn Ký", "UBND phường Đông Hà"]
    assert all(finding.timestamped and finding.trusted and finding.intact for finding in found.signatures)
    assert found.log_proof is not None
    assert found.log_proof["holds"]


def test_unknown_unsigned_and_revoked(signed: bytes) -> None:
    assert verify_pdf(signed).verdict == "unknown"
    assert verify_pdf(_paper()).verdict == "unsigned"
    _issue(signed)
    with pytest.raises(InvalidInput):
        actions.revoke(TESTER, token="ABCD2345EFGH6789", reason=" ")
    actions.revoke(TESTER, token="ABCD2345EFGH6789", reason="Cấp sai")
    assert verify_pdf(signed).verdict == "revoked"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_an_altered_byte_is_never_believed(signed: bytes, share: float) -> None:
    _issue(signed)
    spot = signed.index(b"stream\n", int(len(_paper()) * share)) + 12
    assert verify_pdf(signed[:spot] + bytes([signed[spot] ^ 1]) + signed[spot + 1 :]).verdict in {
        "altered",
        "unreadable",
    }


def test_content_appended_after_signing_is_told(signed: bytes) -> None:
    assert verify_pdf(signed + b"\n% more\n").verdict == "altered"
    assert verify_pdf(signed + b"\n1 0 obj\n<< /Type /Catalog >>\nendobj\n").verdict in {"altered", "unreadable"}


def test_the_same_names_from_another_authority_are_not_trusted(tmp_path: Path) -> None:
    with override_settings(PKI_FOLDER=tmp_path / "other"):
        foreign = _sign(_paper())
        assert verify_pdf(foreign).verdict == "unknown"
        other_root = pki.root_certificate_der()
    assert pki.root_certificate_der() != other_root
    assert verify_pdf(foreign).verdict == "untrusted"


@given(st.sampled_from([b"", b"%PDF-1.7\n"]), st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_noise_is_unreadable_and_never_raises(head: bytes, noise: bytes) -> None:
    assert verify_pdf(head + noise).verdict in {"unreadable", "unsigned"}


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_a_damaged_signed_file_never_raises_and_is_never_valid(signed: bytes, data: st.DataObject) -> None:
    spot = data.draw(st.integers(0, len(signed) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=20))
    damaged = signed[:spot] + noise + signed[spot + len(noise) :]
    if damaged != signed:
        assert not verify_pdf(damaged).good
    assert not verify_pdf(signed[:spot]).good


def test_only_the_signing_process_issues() -> None:
    file = store(BytesIO(_paper()), name="a.pdf", owner=None, purpose="dossiers.result")
    with pytest.raises(NotAllowed):
        actions.issue(
            actor_for_role("leader"),
            token="X",
            kind="",
            title="",
            file=file,
            issuer_code="",
            issuer_name="",
            signers=[],
            subject_ref="",
        )
    with pytest.raises(NotFound):
        actions.revoke(TESTER, token="X", reason="không có")


def test_tokens_are_long_readable_and_fresh() -> None:
    tokens = {actions.new_token() for _turn in range(200)}
    assert len(tokens) == 200
    assert all(len(token) == 16 and set(token) <= set(actions.ALPHABET) for token in tokens)
    assert not set("01OIL") & set(actions.ALPHABET)


@pytest.mark.parametrize("url", ["http://example.org/a.png", "file:///etc/hostname", "https://[::1]/", "ftp://a/b"])
def test_papers_take_nothing_from_outside(url: str) -> None:
    with pytest.raises(OutsideResource):
        papers._refuse(url)


def test_the_timestamp_authority_answers_and_refuses_junk(client: Client) -> None:
    digest = hashlib.sha256(b"x").digest()
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    query = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": 7, "cert_req": True}).dump()
    kind = "application/timestamp-query"
    answer = client.post("/tsa", query, content_type=kind)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/timestamp-reply")
    reply = tsp.TimeStampResp.load(answer.content)
    assert reply["status"]["status"].native == "granted"
    stamped = reply["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert (stamped["message_imprint"]["hashed_message"].native, stamped["nonce"].native) == (digest, 7)
    for junk in (b"junk", b"\x30\x03\x02\x01\x01", query[:-8]):
        assert client.post("/tsa", junk, content_type=kind).status_code == 400
    assert client.post("/tsa", query, content_type="text/plain").status_code == 415
    assert client.post("/tsa", b"0" * 20_001, content_type=kind).status_code == 415
    assert client.get("/tsa").status_code == 405


def test_the_pages_for_a_stranger(client: Client, signed: bytes) -> None:
    issued = _issue(signed)
    assert client.get("/xac-minh").status_code == 200
    assert client.get("/xac-minh", {"ma": issued.token.lower()})["Location"].endswith(issued.token)
    assert "Giấy này là thật" in client.get(f"/xac-minh/{issued.token.lower()}").content.decode()
    assert client.get("/xac-minh/KHONGCO").status_code == 404
    assert client.get("/xac-minh/%00").status_code == 404
    assert client.get("/xac-minh", {"ma": "a/b?"}).status_code < 500
    assert client.post("/xac-minh").status_code == 422
    answer = client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", signed)})
    assert "Giấy này là thật" in answer.content.decode()
    answer = client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", b"junk")})
    assert (answer.status_code, "không phải PDF" in answer.content.decode()) == (200, True)


def test_the_interface_for_programs(client: Client, signed: bytes) -> None:
    _issue(signed)
    raw = client.post("/api/v1/verify", signed, content_type="application/pdf").json()
    form = client.post("/api/v1/verify", {"file": SimpleUploadedFile("a.pdf", signed)}).json()
    assert raw == form
    assert (raw["verdict"], raw["issued"]["issuer_code"], len(raw["signatures"])) == ("valid", "H50.31", 2)
    assert client.post("/api/v1/verify", b"junk", content_type="application/pdf").json()["verdict"] == "unreadable"
    assert client.post("/api/v1/verify").json()["verdict"] == "unreadable"
