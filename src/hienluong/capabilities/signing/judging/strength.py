"""Algorithms and keys that can be forged: what is signed with them proves nothing any more.

Thresholds: 112 bits of strength (NIST SP 800-131A; QCVN and TT 39/2017/TT-BTTTT ask for RSA of 2048 bits and SHA-2).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from asn1crypto import x509
from django.utils.translation import gettext as _

WEAK_DIGESTS = frozenset({"md2", "md4", "md5", "sha1", "ripemd128"})
#: The least size of a key in bits, by its algorithm.
LEAST_BITS = {"rsa": 2048, "rsassa_pss": 2048, "dsa": 2048, "ec": 224}


def weak_digest(name: str) -> str:
    """Why a digest algorithm is too weak; empty when it is not."""
    plain = name.lower().replace("-", "")
    return _("thuật toán băm %(name)s đã bị phá") % {"name": name.upper()} if plain in WEAK_DIGESTS else ""


def weak_key(key: Any) -> str:
    """Why a public key (``asn1crypto``) is too weak; empty when it is not."""
    algorithm = str(key.algorithm)
    least = LEAST_BITS.get(algorithm)
    bits = int(key.bit_size) if algorithm in LEAST_BITS else 0
    if least is None or bits >= least:
        return ""
    return _("khóa %(algorithm)s chỉ dài %(bits)d bit, phải từ %(least)d") % {
        "algorithm": algorithm.upper(),
        "bits": bits,
        "least": least,
    }


def weak_in(certificate: x509.Certificate, *, root: bool) -> list[str]:
    """What is weak in a certificate; how a root signed itself does not matter."""
    found = [weak_key(certificate.public_key)]
    if not root:
        with suppress(ValueError):  # EdDSA and others that name no digest
            found.append(weak_digest(certificate["signature_algorithm"].hash_algo))
    return [each for each in found if each]
