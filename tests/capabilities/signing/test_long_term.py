"""A signed paper years later: certificates end, lists of revoked ones grow old, and the paper is still what it is."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore

from hienluong.capabilities.signing import pki, revocation, timestamping
from hienluong.capabilities.signing.evidence import AuthorityAway
from hienluong.capabilities.signing.service import extend
from hienluong.capabilities.signing.verification import verify_pdf
from tests.capabilities.signing.papers import issue, paper, sign
from tests.clock import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LEADER = pki.Holder("CB000001", "Nguyễn Văn Ký", "UBND phường Đông Hà")


@pytest.fixture(autouse=True)
def own_authority(settings: LazySettings, tmp_path: Path) -> Path:
    """An authority of its own for each test: certificates are revoked here."""
    settings.PKI_FOLDER = tmp_path / "pki"
    return tmp_path / "pki"


def test_the_validation_data_is_in_the_file() -> None:
    data = sign(paper())
    store = DocumentSecurityStore.read_dss(PdfFileReader(BytesIO(data)))
    names = {certificate.subject.native["common_name"] for certificate in store.load_certs()}
    assert names == {
        "Hiền Lương Demo OCSP",
        "Nguyễn Văn Ký",
        "UBND phường Đông Hà",
        "Hiền Lương Demo TSA",
        "Hiền Lương Demo Issuing CA",
        "Hiền Lương Demo Root CA",
    }
    assert len(store.crls) == 2
    issue(data)
    assert all(finding.long_term for finding in verify_pdf(data).signatures)


def test_five_years_later_it_is_as_valid_as_today(at: Clock) -> None:
    data = sign(paper())
    issue(data)
    then = timezone.now() + timedelta(days=5 * 366)
    assert pki.certificate_of(pki.holder_file(LEADER)).not_valid_after_utc < then
    at(then)
    found = verify_pdf(data)
    assert found.verdict == "valid"
    assert all(finding.trusted and finding.timestamped and finding.long_term for finding in found.signatures)


def test_the_log_says_when_it_existed_after_the_timestamp_authority_has_ended(at: Clock) -> None:
    data = sign(paper())
    issue(data)
    stranger = sign(paper(number="02/GP"))  # signed the same day, in no register
    at(timezone.now() + timedelta(days=pki.TSA_DAYS + 400))
    assert verify_pdf(data).verdict == "valid"
    assert verify_pdf(stranger).verdict == "certificate_expired"  # nothing proves any more when it was signed


def test_a_timestamp_over_the_whole_keeps_it_valid_after_that(at: Clock) -> None:
    data = sign(paper())
    start = timezone.now()
    longer = extend(data)
    assert longer.startswith(data)
    issued = issue(data)
    found = verify_pdf(longer)
    assert (found.verdict, found.issued) == ("valid", issued)
    assert verify_pdf(extend(longer)).verdict == "valid"
    assert verify_pdf(longer + b"\n% more\n").verdict == "altered"
    assert verify_pdf(data + b"\n% more\n").verdict == "altered"
    at(start + timedelta(days=5 * 366))
    assert verify_pdf(longer).verdict == "valid"


def test_what_was_signed_before_a_certificate_was_revoked_stays_valid() -> None:
    before = sign(paper())
    issue(before)
    serial = pki.certificate_of(pki.holder_file(LEADER)).serial_number
    revocation.revoke_certificate("issuing", serial, at=timezone.now() + timedelta(seconds=2))
    assert verify_pdf(before).verdict == "valid"
    listed = x509.load_der_x509_crl(revocation.crl("issuing"))
    assert listed.get_revoked_certificate_by_serial_number(serial) is not None


def test_what_is_signed_with_a_revoked_certificate_is_not_trusted() -> None:
    before = sign(paper())
    serial = pki.certificate_of(pki.holder_file(LEADER)).serial_number
    revocation.revoke_certificate("issuing", serial, at=timezone.now() - timedelta(hours=1))
    after = sign(paper())
    for data in (before, after):  # the first too: its list is of before, our own book is of today
        assert verify_pdf(data).verdict == "certificate_revoked"


def test_lists_are_served_and_renewed(client: Client, at: Clock) -> None:
    first = client.get("/pki/issuing.crl")
    assert first["Content-Type"] == "application/pkix-crl"
    issuing = x509.load_der_x509_certificate(client.get("/pki/issuing.cer").content)
    listed = x509.load_der_x509_crl(first.content)
    assert listed.is_signature_valid(issuing.public_key())  # type: ignore[arg-type]
    assert client.get("/pki/issuing.crl").content == first.content
    at(timezone.now() + timedelta(days=1))
    assert client.get("/pki/issuing.crl").content != first.content
    assert client.get("/pki/nobody.crl").status_code == 404
    holder = pki.certificate_of(pki.holder_file(LEADER))
    points = holder.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name is not None
    assert str(points[0].full_name[0].value).endswith("/pki/issuing.crl")


def test_certificates_are_replaced_before_they_end(at: Clock) -> None:
    first = pki.certificate_of(pki.holder_file(LEADER))
    old = sign(paper())
    issue(old)
    at(timezone.now() + timedelta(days=pki.HOLDER_DAYS - 10))
    second = pki.certificate_of(pki.holder_file(LEADER))
    assert second.serial_number != first.serial_number
    assert second.not_valid_after_utc > timezone.now() + timedelta(days=1000)
    assert verify_pdf(old).verdict == "valid"


def test_a_new_root_does_not_disown_the_old(at: Clock) -> None:
    old = sign(paper())
    issue(old)
    first = pki.root_certificate_der()
    at(timezone.now() + timedelta(days=pki.ROOT_DAYS - pki.ROOT_RENEWED + 10))
    assert pki.root_certificate_der() != first
    assert first in pki.trusted_roots()
    assert verify_pdf(old).verdict == "valid"


def test_the_timestamp_over_http_is_as_good_as_our_own(live_server: Any, settings: LazySettings) -> None:
    settings.TSA_URL = f"{live_server.url}/tsa"
    asked: list[str] = []
    client = timestamping.timestamper()
    inner = client.async_request_tsa_response

    async def watched(req: Any) -> Any:
        asked.append(settings.TSA_URL)
        return await inner(req)

    client.async_request_tsa_response = watched
    data = sign(paper())
    assert len(asked) == 2
    issue(data)
    found = verify_pdf(data)
    assert found.verdict == "valid"
    assert all(finding.timestamped for finding in found.signatures)


def test_a_timestamp_authority_that_is_away_signs_nothing(settings: LazySettings) -> None:
    settings.TSA_URL = "http://127.0.0.1:9/tsa"
    with pytest.raises(AuthorityAway, match="Máy chủ dấu thời gian chưa trả lời"):
        sign(paper())


def _nss(folder: Path) -> None:
    """A certificate store of NSS that trusts the demo's root, as pdfsig wants it."""
    folder.mkdir()
    root = folder / "root.der"
    root.write_bytes(pki.root_certificate_der())
    store = f"sql:{folder}"
    subprocess.run(["certutil", "-N", "-d", store, "--empty-password"], check=True, capture_output=True)
    subprocess.run(
        ["certutil", "-A", "-d", store, "-n", "demo root", "-t", "CT,C,C", "-i", str(root)],
        check=True,
        capture_output=True,
    )


def test_pdfsig_agrees_and_trusts_the_chain(live_server: Any, tmp_path: Path, settings: LazySettings) -> None:
    """It asks our authority about each signer over HTTP (OCSP)."""
    settings.BASE_URL = live_server.url
    _nss(tmp_path / "nss")
    path = tmp_path / "signed.pdf"
    path.write_bytes(sign(paper()))
    said = subprocess.run(
        ["pdfsig", "-nssdir", f"sql:{tmp_path / 'nss'}", str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert said.count("Signature is Valid.") == 2
    assert said.count("Certificate is Trusted.") == 2
    assert said.count("ETSI.CAdES.detached") == 2
    leader, agency = said.split("Signature #2:")
    assert "Not total document signed" in leader
    assert "- Total document signed" in agency
    assert "Nguyễn Văn Ký" in leader
