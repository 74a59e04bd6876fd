"""Keys with which systems prove themselves to the event server: Ed25519, written as NATS writes them (NKeys).

The letters say what a key is: a base32 text of a prefix, the key and a check sum (CRC-16/XMODEM, little endian).
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_USER, _SEED = 20 << 3, 18 << 3


def new() -> tuple[str, str]:
    """A new pair: what the server is told (``U…``), and the seed that the system keeps secret (``SU…``)."""
    secret = os.urandom(32)
    public = Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    seed = bytes([_SEED | _USER >> 5, (_USER & 31) << 3]) + secret
    return _written(bytes([_USER]) + public), _written(seed)


def _written(raw: bytes) -> str:
    checked = raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(checked).decode().rstrip("=")


def is_public(text: str) -> bool:
    """Whether this is the public key of a user, check sum and all."""
    if not (len(text) == 56 and text.startswith("U")):
        return False
    try:
        raw = base64.b32decode(text)
    except binascii.Error:
        return False
    return raw[0] == _USER and _written(raw[:-2]) == text
