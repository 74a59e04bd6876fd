"""Keys that sign: opened once and held open, because opening one takes ten times as long as signing with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
from django.utils.translation import gettext_lazy as _
from pyhanko.sign import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from hienluong.foundation.actions import DomainError

from . import pki


class WrongSignature(DomainError):
    """Whoever holds the key gave us something that is no signature by it."""

    code = "signing.wrong_signature"
    status = 409


@dataclass(frozen=True)
class Chain:
    """A certificate and those above it, as far as they are known."""

    certificate: asn1_x509.Certificate
    others: tuple[asn1_x509.Certificate, ...] = ()

    @property
    def all(self) -> tuple[asn1_x509.Certificate, ...]:
        """The certificate first."""
        return (self.certificate, *self.others)

    def store(self) -> Any:
        """Those above it, as pyHanko takes them."""
        found = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        found.register_multiple(self.others)
        return found

    def verifies(self, data: bytes, raw: bytes) -> bool:
        """Whether this is a signature of the certificate's key over `data` with SHA-256."""
        public = load_der_public_key(self.certificate.public_key.dump())
        try:
            if isinstance(public, RSAPublicKey):
                public.verify(raw, data, PKCS1v15(), SHA256())
            elif isinstance(public, EllipticCurvePublicKey):
                public.verify(raw, data, ECDSA(SHA256()))
            else:
                return False
        except InvalidSignature:
            return False
        return True

    def require(self, data: bytes, raw: bytes) -> None:
        """A signature that is not by this certificate never gets into a file, whoever gave it to us."""
        if not self.verifies(data, raw):
            raise WrongSignature(_("Nơi lưu khóa trả về chữ ký không khớp chứng thư. Hãy báo quản trị."))

    @classmethod
    def load(cls, certificate: bytes, others: bytes = b"") -> Chain:
        """From DER: the certificate, and those above it one after the other."""
        above, rest = [], others
        while rest:
            found = asn1_x509.Certificate.load(rest, strict=False)
            above.append(found)
            rest = rest[len(found.dump()) :]
        return cls(asn1_x509.Certificate.load(certificate), tuple(above))


class HeldKey(SimpleSigner):
    """A signer for PDFs whose private key is already open."""

    def __init__(self, key: RSAPrivateKey, certificate: asn1_x509.Certificate, others: list[asn1_x509.Certificate]):
        self.held, self.chain = key, Chain(certificate, tuple(others))
        super().__init__(certificate, None, self.chain.store())

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        """Sign as RSA PKCS#1 1.5, the only kind our authority makes."""
        found: Any = get_pyca_cryptography_hash(digest_algorithm)
        return self.held.sign(data, PKCS1v15(), found)


def held_key(path: Path) -> HeldKey:
    """The signer of one PKCS#12 file."""
    found = pki.load(path)
    if found.cert is None or not isinstance(found.key, RSAPrivateKey):
        raise RuntimeError(f"the key {path.stem} cannot be used")
    others = [extra.certificate for extra in found.additional_certs]
    return HeldKey(found.key, as_asn1(found.cert.certificate), [as_asn1(other) for other in others])


def as_asn1(certificate: Any) -> asn1_x509.Certificate:
    """A certificate of `cryptography` as `asn1crypto` sees it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
