"""Signing a paper and telling a stranger the truth about it."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import tsp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import engines
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.signing import actions, papers, pki
from hienluong.capabilities.signing.papers import OutsideResource
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.files import store
from tests.capabilities.signing.papers import issue, paper, sign
from tests.factories import TESTER, actor_for_role
from tests.thorough import examples

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign(paper())


def test_valid_with_a_proof_from_the_log(signed: bytes) -> None:
    issue(signed)
    found = verify_pdf(signed)
    assert (found.verdict, found.good) == ("valid", True)
    assert [finding.signer for finding in found.signatures] == ["Nguyễn Văn Ký", "UBND phường Đông Hà"]
    assert all(finding.timestamped and finding.trusted and finding.intact for finding in found.signatures)
    assert found.log_proof is not None
    assert found.log_proof["holds"]


def test_unknown_unsigned_and_revoked(signed: bytes) -> None:
    assert verify_pdf(signed).verdict == "signed"
    assert verify_pdf(paper()).verdict == "unsigned"
    issue(signed)
    with pytest.raises(InvalidInput):
        actions.revoke(TESTER, token="ABCD2345EFGH6789", reason=" ")
    actions.revoke(TESTER, token="ABCD2345EFGH6789", reason="Cấp sai")
    assert verify_pdf(signed).verdict == "revoked"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_an_altered_byte_is_never_believed(signed: bytes, share: float) -> None:
    issue(signed)
    spot = signed.index(b"stream\n", int(len(paper()) * share)) + 12
    assert verify_pdf(signed[:spot] + bytes([signed[spot] ^ 1]) + signed[spot + 1 :]).verdict in {
        "altered",
        "unreadable",
    }


def test_content_appended_after_signing_is_told(signed: bytes) -> None:
    assert verify_pdf(signed + b"\n% more\n").verdict == "altered"
    assert verify_pdf(signed + b"\n1 0 obj\n<< /Type /Catalog >>\nendobj\n").verdict in {"altered", "unreadable"}


def test_the_same_names_from_another_authority_are_not_trusted(tmp_path: Path) -> None:
    with override_settings(PKI_FOLDER=tmp_path / "other"):
        foreign = sign(paper())
        assert verify_pdf(foreign).verdict == "signed"
        other_root = pki.root_certificate_der()
    assert pki.root_certificate_der() != other_root
    assert verify_pdf(foreign).verdict == "untrusted"


@given(st.sampled_from([b"", b"%PDF-1.7\n"]), st.binary(max_size=400))
@settings(max_examples=examples(60, 240), deadline=None)
def test_noise_is_unreadable_and_never_raises(head: bytes, noise: bytes) -> None:
    assert verify_pdf(head + noise).verdict in {"unreadable", "unsigned"}


def test_only_the_signing_process_issues() -> None:
    file = store(BytesIO(paper()), name="a.pdf", owner=None, purpose="dossiers.result")
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
    asking = engines["django"].from_string(f'<p>Giấy</p><img alt="" src="{url}">')
    with pytest.raises(OutsideResource):
        papers.render_pdf(asking, {}, title="Giấy thử")


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


def test_the_interface_for_programs(client: Client, signed: bytes) -> None:
    issue(signed)
    raw = client.post("/api/v1/verify", signed, content_type="application/pdf").json()
    form = client.post("/api/v1/verify", {"file": SimpleUploadedFile("a.pdf", signed)}).json()
    assert raw == form
    assert (raw["verdict"], raw["issued"]["issuer_code"], len(raw["signatures"])) == ("valid", "H50.31", 2)
    assert client.post("/api/v1/verify", b"junk", content_type="application/pdf").json()["verdict"] == "unreadable"
    assert client.post("/api/v1/verify").json()["verdict"] == "unreadable"
