"""The demo's own certification: a root, an issuing authority, a timestamp authority, and certificates on demand.

Keys are PKCS#12 files in the state folder, made once, locked with a passphrase of the installation, and made anew in
good time before they end. A real province replaces this by its provider's certificates; nothing else changes.
"""

from __future__ import annotations

import fcntl
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    pkcs12,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from django.conf import settings
from django.utils import timezone

PROVINCE = "Tỉnh Quảng Trị (trình diễn)"
#: How long certificates hold, in days, and how long before their end they are replaced: an authority must outlive
#: what it signs.
ROOT_DAYS, ROOT_RENEWED = 7300, 3650
ISSUING_DAYS, ISSUING_RENEWED = 3650, 1095
TSA_DAYS, TSA_RENEWED = 3650, 1095
RESPONDER_DAYS, RESPONDER_RENEWED = 1095, 30
HOLDER_DAYS, HOLDER_RENEWED = 1095, 30


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
    now = timezone.now()
    end = now + timedelta(days=days)
    if issuer is None:
        issuer_name, signing_key, issuer_public = subject, key, key.public_key()
    else:
        assert issuer.cert is not None
        issuer_name = issuer.cert.certificate.subject
        signing_key = issuer.key  # type: ignore[assignment]
        issuer_public = issuer.cert.certificate.public_key()  # type: ignore[assignment]
        end = min(end, issuer.cert.certificate.not_valid_after_utc)  # nobody believes it any longer than its issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(end)
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
    if usage == [ExtendedKeyUsageOID.OCSP_SIGNING]:  # nobody asks whether the one who answers was revoked
        builder = builder.add_extension(x509.OCSPNoCheck(), critical=False)
    if issuer is not None and usage != [ExtendedKeyUsageOID.OCSP_SIGNING]:
        builder = _say_where_to_ask(builder, "root" if ca else "issuing")
    return builder.sign(signing_key, hashes.SHA256())


def _say_where_to_ask(builder: x509.CertificateBuilder, authority: str) -> x509.CertificateBuilder:
    """Where to fetch the certificate of the issuer and its list of revoked certificates, and where to ask it (OCSP)."""
    base = f"{settings.BASE_URL}/pki/{authority}"
    crl, issuer, ocsp = (x509.UniformResourceIdentifier(f"{base}.{ending}") for ending in ("crl", "cer", "ocsp"))
    return builder.add_extension(
        x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)]), critical=False
    ).add_extension(
        x509.AuthorityInformationAccess(
            [
                x509.AccessDescription(AuthorityInformationAccessOID.OCSP, ocsp),
                x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, issuer),
            ]
        ),
        critical=False,
    )


def _make(
    path: Path,
    subject: x509.Name,
    issuer_file: Path | None,
    *,
    ca: bool,
    days: int,
    renewed: int,
    usage: list[x509.ObjectIdentifier] | None = None,
) -> Path:
    """Make a key and its certificate once, also when several processes ask at the same moment.

    One that ends in less than `renewed` days, or has not begun, is put aside under the day of its end, and a new one made.
    """
    if path.exists() and not _to_be_made(path, renewed):
        return path
    with (path.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.exists():
            if not _to_be_made(path, renewed):
                return path
            path.replace(path.with_name(f"{path.stem}-{_end(path):%Y%m%d}.p12"))
        issuer = load(issuer_file) if issuer_file else None
        key = _new_key()
        certificate = _certificate(subject, key, issuer, ca=ca, days=days, usage=usage)
        chain = []
        if issuer is not None and issuer.cert is not None:
            chain = [issuer.cert.certificate, *[extra.certificate for extra in issuer.additional_certs]]
        content = pkcs12.serialize_key_and_certificates(path.stem.encode(), key, certificate, chain, _encryption())
        fresh = path.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.chmod(0o600)
        fresh.replace(path)
    return path


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _encryption() -> KeySerializationEncryption:
    return BestAvailableEncryption(_passphrase())


def load(path: Path) -> pkcs12.PKCS12KeyAndCertificates:
    """Open one of the key files; opening takes time, so what was opened is kept until the file is replaced."""
    return _loaded(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _loaded(path: Path, written: int) -> pkcs12.PKCS12KeyAndCertificates:
    return pkcs12.load_pkcs12(path.read_bytes(), _passphrase())


def certificate_of(path: Path) -> x509.Certificate:
    """The certificate in one of the key files."""
    found = load(path).cert
    if found is None:
        raise RuntimeError(f"no certificate in {path.name}")
    return found.certificate


def _end(path: Path) -> datetime:
    return certificate_of(path).not_valid_after_utc


def _to_be_made(path: Path, days: int) -> bool:
    """Whether a certificate ends soon, or has not begun: it was made while the clock of the machine was ahead."""
    now = timezone.now()
    return _end(path) - now < timedelta(days=days) or certificate_of(path).not_valid_before_utc > now


def root_file() -> Path:
    """The root authority's PKCS#12."""
    subject = _name("Hiền Lương Demo Root CA", PROVINCE)
    return _make(_folder() / "root.p12", subject, None, ca=True, days=ROOT_DAYS, renewed=ROOT_RENEWED)


def issuing_file() -> Path:
    """The issuing authority's PKCS#12."""
    subject = _name("Hiền Lương Demo Issuing CA", PROVINCE)
    return _make(_folder() / "issuing.p12", subject, root_file(), ca=True, days=ISSUING_DAYS, renewed=ISSUING_RENEWED)


def tsa_file() -> Path:
    """The timestamp authority's PKCS#12."""
    return _make(
        _folder() / "tsa.p12",
        _name("Hiền Lương Demo TSA", PROVINCE),
        issuing_file(),
        ca=False,
        days=TSA_DAYS,
        renewed=TSA_RENEWED,
        usage=[ExtendedKeyUsageOID.TIME_STAMPING],
    )


def responder_file(authority: Path) -> Path:
    """The PKCS#12 of who answers (OCSP) for the authority with this key file."""
    last = _end(authority) - timezone.now() < timedelta(days=RESPONDER_RENEWED + 1)  # there is none after this one
    return _make(
        _folder() / f"ocsp-{authority.stem}.p12",
        _name("Hiền Lương Demo OCSP", PROVINCE),
        authority,
        ca=False,
        days=RESPONDER_DAYS,
        renewed=0 if last else RESPONDER_RENEWED,
        usage=[ExtendedKeyUsageOID.OCSP_SIGNING],
    )


def holder_file(holder: Holder) -> Path:
    """The PKCS#12 of an official or an agency; a new name gets a new certificate."""
    mark = hashlib.sha256(f"{holder.code}|{holder.name}|{holder.organization}".encode()).hexdigest()[:20]
    return _make(
        _folder() / f"nguoi-ky-{mark}.p12",
        _name(holder.name, holder.organization),
        issuing_file(),
        ca=False,
        days=HOLDER_DAYS,
        renewed=HOLDER_RENEWED,
    )


def root_certificate_der() -> bytes:
    """The root certificate of today."""
    return certificate_of(root_file()).public_bytes(Encoding.DER)


def trusted_roots() -> list[bytes]:
    """What verifiers trust, in DER: the root of today and those before it."""
    root_file()
    return [certificate_of(path).public_bytes(Encoding.DER) for path in sorted(_folder().glob("root*.p12"))]


def passphrase() -> bytes:
    """The passphrase of the PKCS#12 files."""
    return _passphrase()
