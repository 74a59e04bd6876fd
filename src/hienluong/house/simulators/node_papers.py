"""The papers of the simulated agent node: an authority, the node's certificate, ours. Run once as a program, then gone:

``python -m hienluong.house.simulators.node_papers FOLDER``. The simulator itself stays small without this.
"""

from __future__ import annotations

import ipaddress
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: The member code that our certificate names.
MEMBER = "H50"
DAYS = 365


@dataclass(frozen=True)
class Authority:
    """Who signs certificates."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def authority(name: str) -> Authority:
    """A new authority with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _named(name)
    begun = _begun(subject, subject, key, DAYS).add_extension(x509.BasicConstraints(True, None), critical=True)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return Authority(key, begun.add_extension(usage, critical=True).sign(key, hashes.SHA256()))


def issue(by: Authority, name: str, place: Path, stem: str, *, days: int = DAYS) -> x509.Certificate:
    """A certificate for this machine and for clients, with its key, at ``stem.pem`` and ``stem.key``; `days` below 0: over."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    both = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    begun = _begun(by.certificate.subject, _named(name), key, days)
    begun = begun.add_extension(x509.SubjectAlternativeName(names), critical=False)
    begun = begun.add_extension(x509.ExtendedKeyUsage(both), critical=False)
    begun = begun.add_extension(x509.BasicConstraints(False, None), critical=True)
    made = begun.sign(by.key, hashes.SHA256())
    (place / f"{stem}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (place / f"{stem}.key").touch(mode=0o600)
    (place / f"{stem}.key").write_bytes(private)
    return made


def publish(by: Authority, file: Path) -> None:
    """The certificate of an authority, as a file."""
    file.write_bytes(by.certificate.public_bytes(serialization.Encoding.PEM))


def make(folder: Path) -> None:
    """All papers into a folder; the key of the authority is nowhere afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    by = authority("Cơ quan chứng thực mô phỏng")
    issue(by, "Nút đại lý mô phỏng", folder, "node")
    issue(by, MEMBER, folder, "client")
    publish(by, folder / "ca.pem")  # last: who finds it finds all


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _begun(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    begin, end = sorted((now - timedelta(days=2), now + timedelta(days=days)))
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )


if __name__ == "__main__":
    make(Path(sys.argv[1]))
