"""Authorities, certificates and lists of revoked ones, made for one test."""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@dataclass
class Certificate:
    """A certificate and its key, as files."""

    made: x509.Certificate
    chain: Path
    key: Path

    @property
    def bound(self) -> str:
        """Its digest as a token has it (RFC 8705, 3.1)."""
        return base64.urlsafe_b64encode(self.made.fingerprint(hashes.SHA256())).rstrip(b"=").decode()

    @property
    def hex(self) -> str:
        return self.made.fingerprint(hashes.SHA256()).hex()


@dataclass
class Authority:
    """Somebody who signs certificates."""

    name: str
    folder: Path
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        self.made = (
            x509.CertificateBuilder(
                named(self.name), named(self.name), self.key.public_key(), x509.random_serial_number()
            )
            .not_valid_before(now - 400 * DAY)
            .not_valid_after(now + 400 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        return self.made.public_bytes(Encoding.PEM)

    def issue(self, name: str, *, since: timedelta = -DAY, until: timedelta = DAY, host: str = "") -> Certificate:
        """A certificate of somebody; `host`: for a server at this name or address. Days are from now."""
        own = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder(self.made.subject, named(name), own.public_key(), x509.random_serial_number())
            .not_valid_before(now + since)
            .not_valid_after(now + until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        if host:
            try:
                known: x509.GeneralName = x509.IPAddress(ip_address(host))
            except ValueError:
                known = x509.DNSName(host)
            builder = builder.add_extension(x509.SubjectAlternativeName([known]), critical=False)
        made = builder.sign(self.key, hashes.SHA256())
        stem = self.folder / f"{self.name}-{made.serial_number}"
        chain, key = stem.with_suffix(".pem"), stem.with_suffix(".key")
        chain.write_bytes(made.public_bytes(Encoding.PEM))
        key.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return Certificate(made, chain, key)

    def revoked(self, *those: Certificate, until: timedelta = DAY) -> bytes:
        """The list of those that are revoked (PEM), good until then."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.made.subject)
            .last_update(now - 30 * DAY)
            .next_update(now + until)
        )
        for each in those:
            one = x509.RevokedCertificateBuilder().serial_number(each.made.serial_number)
            builder = builder.add_revoked_certificate(one.revocation_date(now - DAY).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)


def server_context(certificate: Certificate) -> ssl.SSLContext:
    """TLS of a provider that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


def client_context(shown: Certificate | None) -> ssl.SSLContext:
    """TLS of a caller that shows this certificate, or none; whom it calls is not looked at."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if shown is not None:
        context.load_cert_chain(shown.chain, shown.key)
    return context
