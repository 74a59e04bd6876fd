"""Our authorities asked about a certificate (RFC 6960), judged by openssl; what they said is in the signed file."""

from __future__ import annotations

import base64
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from django.conf import LazySettings
from django.test import Client
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore

from hienluong.capabilities.signing import pki, revocation
from tests.capabilities.signing.papers import paper, sign

pytestmark = pytest.mark.django_db
LEADER = pki.Holder("CB000001", "Nguyễn Văn Ký", "UBND phường Đông Hà")
KIND = "application/ocsp-request"


@pytest.fixture(autouse=True)
def own_authority(settings: LazySettings, tmp_path: Path) -> None:
    settings.PKI_FOLDER = tmp_path / "pki"


def _question(algorithm: hashes.HashAlgorithm) -> tuple[bytes, x509.Certificate, x509.Certificate]:
    leader, issuer = pki.certificate_of(pki.holder_file(LEADER)), pki.certificate_of(pki.issuing_file())
    asked = ocsp.OCSPRequestBuilder().add_certificate(leader, issuer, algorithm).build()
    return asked.public_bytes(Encoding.DER), leader, issuer


@pytest.mark.parametrize("algorithm", [hashes.SHA1(), hashes.SHA256()])
def test_good_then_revoked(client: Client, algorithm: hashes.HashAlgorithm) -> None:
    question, leader, _issuer = _question(algorithm)
    first = ocsp.load_der_ocsp_response(client.post("/pki/issuing.ocsp", question, content_type=KIND).content)
    assert first.certificate_status == ocsp.OCSPCertStatus.GOOD
    assert first.serial_number == leader.serial_number
    revocation.revoke_certificate("issuing", leader.serial_number)
    by_get = client.get(f"/pki/issuing.ocsp/{base64.b64encode(question).decode()}")
    assert ocsp.load_der_ocsp_response(by_get.content).certificate_status == ocsp.OCSPCertStatus.REVOKED


def test_openssl_believes_the_answer(client: Client, tmp_path: Path) -> None:
    question, leader, issuer = _question(hashes.SHA1())
    files = {
        "root.pem": pki.certificate_of(pki.root_file()).public_bytes(Encoding.PEM),
        "issuer.pem": issuer.public_bytes(Encoding.PEM),
        "leader.pem": leader.public_bytes(Encoding.PEM),
        "answer.der": client.post("/pki/issuing.ocsp", question, content_type=KIND).content,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    command = "openssl ocsp -respin answer.der -issuer issuer.pem -cert leader.pem -CAfile root.pem -no_nonce"
    told = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Response verify OK" in told.stderr
    assert "leader.pem: good" in told.stdout


def test_junk_and_strange_issuers_are_told_so(client: Client) -> None:
    for junk in (b"", b"junk", b"0" * 20_000):
        told = client.post("/pki/issuing.ocsp", junk, content_type=KIND)
        assert told.status_code == 200
        assert ocsp.load_der_ocsp_response(told.content).response_status == ocsp.OCSPResponseStatus.MALFORMED_REQUEST
    assert client.get("/pki/issuing.ocsp/%F0%9F%98%80").status_code == 200
    question, _leader, _issuer = _question(hashes.SHA1())
    told = client.post("/pki/root.ocsp", question, content_type=KIND)
    assert ocsp.load_der_ocsp_response(told.content).response_status == ocsp.OCSPResponseStatus.UNAUTHORIZED
    assert client.post("/pki/other.ocsp", question, content_type=KIND).status_code == 404


def test_answers_about_all_of_the_chain_are_in_the_file() -> None:
    store = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(sign(paper()))))
    serials = set()
    for item in store.ocsps:
        told = asn1_ocsp.OCSPResponse.load(item.get_object().data).response_data["responses"]
        serials |= {each["cert_id"]["serial_number"].native for each in told}
    asked_about = [each for each in store.load_certs() if "OCSP" not in each.subject.native["common_name"]]
    wanted = {certificate.serial_number for certificate in asked_about if certificate.self_signed == "no"}
    assert serials == wanted
    assert len(wanted) == 4  # leader, agency, issuing authority, timestamp authority
