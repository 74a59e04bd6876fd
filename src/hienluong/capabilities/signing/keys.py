"""Keys that sign: opened once and held open, because opening one takes ten times as long as signing with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from . import pki


class HeldKey(SimpleSigner):
    """A signer for PDFs whose private key is already open."""

    def __init__(self, key: RSAPrivateKey, certificate: asn1_x509.Certificate, others: list[asn1_x509.Certificate]):
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(others)
        self.held = key
        super().__init__(certificate, None, store)

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
