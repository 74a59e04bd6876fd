"""The demo's own certification: a root, an issuing authority, a timestamp authority, and certificates on demand.

Keys are PKCS#12 files in the state folder, made once, locked with a passphrase of the installation. A real province
replaces this by its provider's certificates; nothing else changes.
"""

from __future__ import annotations

import fcntl
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

PROVINCE = "Tỉnh Quảng Trị (trình diễn)"


@dataclass(frozen=True)
class Holder:
    """Whose certificate: `code` names the file, `name` and `organization` stand in the certificate."""

    code: str
    name: str
    organization: str


def _folder() -> Path:
    folder = Path(settings.PKI_FOLDER)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _passphrase() -> bytes:
    return settings.PKI_PASSPHRASE.encode()


def _name(common: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common[:64]),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: pkcs12.PKCS12KeyAndCertificates | None,
    *,
    ca: bool,
    days: int,
    usage: list[x509.ObjectIdentifier] | None = None,
) -> x509.Certificate:
    now = datetime.now(UTC)
    if issuer is None:
        issuer_name, signing_key, issuer_public = subject, key, key.public_key()
    else:
        assert issuer.cert is not None
        issuer_name = issuer.cert.certificate.subject
        signing_key = issuer.key  # type: ignore[assignment]
        issuer_public = issuer.cert.certificate.public_key()  # type: ignore[assignment]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                content_commitment=not ca and usage is None,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=True)
    return builder.sign(signing_key, hashes.SHA256())


def _make(
    path: Path,
    subject: x509.Name,
    issuer_file: Path | None,
    *,
    ca: bool,
    days: int,
    usage: list[x509.ObjectIdentifier] | None = None,
) -> Path:
    """Make a key and its certificate once, also when several processes ask at the same moment."""
    if path.exists():
        return path
    with (path.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            return path
        issuer = _load(issuer_file) if issuer_file else None
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = _certificate(subject, key, issuer, ca=ca, days=days, usage=usage)
        chain = []
        if issuer is not None and issuer.cert is not None:
            chain = [issuer.cert.certificate, *[extra.certificate for extra in issuer.additional_certs]]
        content = pkcs12.serialize_key_and_certificates(
            path.stem.encode(), key, certificate, chain, BestAvailableEncryption(_passphrase())
        )
        fresh = path.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.chmod(0o600)
        fresh.replace(path)
    return path


def _load(path: Path) -> pkcs12.PKCS12KeyAndCertificates:
    return pkcs12.load_pkcs12(path.read_bytes(), _passphrase())


def root_file() -> Path:
    """The root authority's PKCS#12."""
    return _make(_folder() / "root.p12", _name("Hiền Lương Demo Root CA", PROVINCE), None, ca=True, days=7300)


def issuing_file() -> Path:
    """The issuing authority's PKCS#12."""
    return _make(
        _folder() / "issuing.p12", _name("Hiền Lương Demo Issuing CA", PROVINCE), root_file(), ca=True, days=3650
    )


def tsa_file() -> Path:
    """The timestamp authority's PKCS#12."""
    subject = _name("Hiền Lương Demo TSA", PROVINCE)
    return _make(
        _folder() / "tsa.p12", subject, issuing_file(), ca=False, days=3650, usage=[ExtendedKeyUsageOID.TIME_STAMPING]
    )


def holder_file(holder: Holder) -> Path:
    """The PKCS#12 of an official or an agency; a new name gets a new certificate."""
    mark = hashlib.sha256(f"{holder.code}|{holder.name}|{holder.organization}".encode()).hexdigest()[:20]
    return _make(
        _folder() / f"nguoi-ky-{mark}.p12", _name(holder.name, holder.organization), issuing_file(), ca=False, days=1095
    )


@lru_cache(maxsize=1)
def _root_der(folder: str) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    found = _load(root_file()).cert
    assert found is not None
    return found.certificate.public_bytes(Encoding.DER)


def root_certificate_der() -> bytes:
    """The root certificate: what verifiers trust."""
    return _root_der(str(settings.PKI_FOLDER))


def passphrase() -> bytes:
    """The passphrase of the PKCS#12 files."""
    return _passphrase()
