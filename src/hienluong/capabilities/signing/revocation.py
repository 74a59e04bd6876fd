"""Which certificates of our own authorities no longer hold: the list of each, signed, served over HTTP, embedded."""

from __future__ import annotations

import fcntl
import json
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from . import pki

Authority = Literal["root", "issuing"]
AUTHORITIES: tuple[Authority, ...] = ("root", "issuing")
#: A list is signed anew when it is older than this, and says itself that it holds this long.
FRESH, HOLDS = timedelta(hours=12), timedelta(days=7)


def _folder() -> Path:
    return Path(settings.PKI_FOLDER)


def _file_of(authority: Authority) -> Path:
    return pki.root_file() if authority == "root" else pki.issuing_file()


def revoke_certificate(authority: Authority, serial: int, *, at: datetime | None = None) -> None:
    """Put a certificate on the list of its authority from `at` (now): what it signed later is not trusted."""
    book = _folder() / "revoked.json"
    pki.issuing_file()  # makes the folder
    with (_folder() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lines = _lines()
        lines.setdefault(f"{authority}:{serial:x}", (at or timezone.now()).isoformat())
        fresh = book.with_suffix(".new")
        fresh.write_text(json.dumps(lines, indent=1, sort_keys=True))
        fresh.replace(book)
    for path in _folder().glob(f"{authority}*.crl"):
        path.unlink(missing_ok=True)


def _lines() -> dict[str, str]:
    book = _folder() / "revoked.json"
    if not book.exists():
        return {}
    lines: dict[str, str] = json.loads(book.read_text())
    return lines


def revoked_at(serial: int) -> datetime | None:
    """Since when the certificate with this serial does not hold; None when it does."""
    lines = _lines()
    found = next((lines[key] for key in (f"{who}:{serial:x}" for who in AUTHORITIES) if key in lines), None)
    return parse_datetime(found) if found else None


def crl(authority: Authority) -> bytes:
    """The authority's list in DER, at most :data:`FRESH` old."""
    return _fresh(authority, _file_of(authority))


def lists() -> list[bytes]:
    """The lists of our authorities in DER, also of keys that were replaced while their certificates still hold.

    What an earlier key signed can only be judged by a list that the same key signed.
    """
    now = timezone.now()
    found = [crl(name) for name in AUTHORITIES]
    for name in AUTHORITIES:
        for earlier in sorted(_folder().glob(f"{name}-*.p12")):
            if pki.certificate_of(earlier).not_valid_after_utc > now:
                found.append(_fresh(name, earlier))
    return found


def _fresh(authority: Authority, signer: Path) -> bytes:
    path, now = _folder() / f"{signer.stem}.crl", timezone.now()
    if path.exists():
        content = _read(path, path.stat().st_mtime_ns)
        listed = x509.load_der_x509_crl(content)
        same = listed.issuer == pki.certificate_of(signer).subject
        if (
            same
            and listed.last_update_utc <= now < listed.last_update_utc + FRESH
            and path.stat().st_mtime_ns >= (signer.stat().st_mtime_ns)
        ):
            return content
    content = _sign(authority, signer, now)
    fresh = path.with_suffix(".crl-new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return content


@lru_cache(maxsize=8)
def _read(path: Path, written: int) -> bytes:
    return path.read_bytes()


def _sign(authority: Authority, signer: Path, now: datetime) -> bytes:
    held = pki.load(signer)
    if held.cert is None or not isinstance(held.key, RSAPrivateKey):
        raise RuntimeError(f"the key of the {authority} authority cannot be used")
    issuer = held.cert.certificate
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - timedelta(minutes=5))
        .next_update(now + HOLDS)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(held.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    )
    for key, at in _lines().items():
        who, serial = key.split(":")
        since = parse_datetime(at)
        if who == authority and since is not None:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(since).build()
            )
    return builder.sign(held.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _authority(name: str) -> Authority:
    for authority in AUTHORITIES:
        if name == authority:
            return authority
    raise Http404


@require_GET
def serve_list(request: HttpRequest, name: str) -> HttpResponse:
    """The list of an authority (RFC 5280), where its certificates say that it is."""
    return HttpResponse(crl(_authority(name)), content_type="application/pkix-crl")


@require_GET
def serve_certificate(request: HttpRequest, name: str) -> HttpResponse:
    """The certificate of an authority, where the certificates it signed say that it is."""
    content = pki.certificate_of(_file_of(_authority(name))).public_bytes(Encoding.DER)
    return HttpResponse(content, content_type="application/pkix-cert")
