"""Our own authorities asked about one certificate (OCSP, RFC 6960): answered by a key of its own for each, over HTTP."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import pki, revocation

#: How long an answer holds, and for how long the same one is given.
HOLDS, SAME = timedelta(days=1), timedelta(hours=1)
#: Longest question, in bytes.
MOST = 10_000
Hash = hashes.SHA1 | hashes.SHA256


def about(certificate: x509.Certificate) -> bytes | None:
    """The answer (DER) of whichever of our authorities signed this certificate; None when none did."""
    signer = signer_of(certificate)
    if signer is None:
        return None
    return _answer(signer, certificate.serial_number, "sha1", _hour())


def signer_of(certificate: x509.Certificate) -> Path | None:
    """The key file of the authority of ours that signed a certificate, also one whose key was replaced since."""
    for name in revocation.AUTHORITIES:
        for path in _files(name):
            issuer = pki.certificate_of(path)
            if issuer.subject != certificate.issuer or issuer == certificate:
                continue
            try:
                certificate.verify_directly_issued_by(issuer)
            except Exception:  # noqa: S112 - the library has a fault of its own for each reason
                continue
            return path
    return None


def _files(name: str) -> list[Path]:
    """The key files of an authority that still holds, the present one and those before it."""
    pki.issuing_file()
    found, now = sorted(Path(settings.PKI_FOLDER).glob(f"{name}*.p12")), timezone.now()
    return [path for path in found if pki.certificate_of(path).not_valid_after_utc > now]


def _hour() -> datetime:
    now = timezone.now()
    return now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % SAME


def _answer(signer: Path, serial: int, algorithm: Literal["sha1", "sha256"], hour: datetime) -> bytes:
    book = Path(settings.PKI_FOLDER) / "revoked.json"
    written = book.stat().st_mtime_ns if book.exists() else 0
    return _signed(signer, signer.stat().st_mtime_ns, serial, algorithm, hour, written)


@lru_cache(maxsize=4096)
def _signed(
    signer: Path, made: int, serial: int, algorithm: Literal["sha1", "sha256"], hour: datetime, written: int
) -> bytes:
    held = pki.load(signer)
    if held.cert is None or not isinstance(held.key, RSAPrivateKey):
        raise RuntimeError(f"the key {signer.stem} cannot be used")
    issuer = held.cert.certificate
    answering = pki.load(pki.responder_file(signer))
    if answering.cert is None or not isinstance(answering.key, RSAPrivateKey):
        raise RuntimeError(f"the key that answers for {signer.stem} cannot be used")
    hashed: Hash = hashes.SHA1() if algorithm == "sha1" else hashes.SHA256()  # noqa: S303 - names the issuer (RFC 6960)
    since = revocation.revoked_at(serial)
    ours = x509.SubjectKeyIdentifier.from_public_key(held.key.public_key()).digest
    response = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=_digest(issuer.subject.public_bytes(), hashed),
            issuer_key_hash=ours if algorithm == "sha1" else _digest(_key_bits(issuer), hashed),
            serial_number=serial,
            algorithm=hashed,
            cert_status=ocsp.OCSPCertStatus.REVOKED if since else ocsp.OCSPCertStatus.GOOD,
            this_update=hour - timedelta(minutes=5),
            next_update=hour + HOLDS,
            revocation_time=since,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, answering.cert.certificate)
        .certificates([answering.cert.certificate])
    )
    return response.sign(answering.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _digest(data: bytes, algorithm: Hash) -> bytes:
    whole = hashes.Hash(algorithm)
    whole.update(data)
    return whole.finalize()


def _key_bits(certificate: x509.Certificate) -> bytes:
    """The public key as it is hashed: the bit string alone."""
    from asn1crypto import x509 as asn1_x509

    found = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    return bytes(found.public_key["public_key"])


@csrf_exempt
@require_http_methods(["GET", "POST"])
def serve(request: HttpRequest, name: str, asked: str = "") -> HttpResponse:
    """Answer what RFC 6960 asks over HTTP (appendix A): POST the question, or GET it in Base64."""
    if name not in revocation.AUTHORITIES:
        raise Http404
    try:
        content = base64.b64decode(asked, validate=True) if request.method == "GET" else request.body[: MOST + 1]
        if len(content) > MOST:
            raise ValueError("too long")
        question = ocsp.load_der_ocsp_request(content)
        signer = _asked(name, question)
        algorithm: Literal["sha1", "sha256"] = "sha1" if isinstance(question.hash_algorithm, hashes.SHA1) else "sha256"
    except (ValueError, binascii.Error, TypeError, NotImplementedError):
        return _http(ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST))
    if signer is None:  # RFC 6960 2.3: we do not speak for the issuer that is named
        return _http(ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED))
    return HttpResponse(
        _answer(signer, question.serial_number, algorithm, _hour()), content_type="application/ocsp-response"
    )


def _asked(name: str, question: ocsp.OCSPRequest) -> Path | None:
    """The key file of the issuer that a question names."""
    if not isinstance(question.hash_algorithm, hashes.SHA1 | hashes.SHA256):
        return None
    for path in _files(name):
        if _digest(_key_bits(pki.certificate_of(path)), question.hash_algorithm) == question.issuer_key_hash:
            return path
    return None


def _http(response: ocsp.OCSPResponse) -> HttpResponse:
    return HttpResponse(response.public_bytes(Encoding.DER), content_type="application/ocsp-response")
