"""Signed heads of the audit chain: what they say, who signed them, and which one follows an entry.

:mod:`hienluong.house.anchors` makes them and keeps them outside the database, too; whoever only has to show that an entry
stood in the chain when a head was signed reads them from the log here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from . import log
from .models import LogEntry

KIND = "audit-head"
#: Heads that are looked at behind an entry until one is signed by us.
_MOST = 20


@dataclass(frozen=True)
class Head:
    """Where the audit chain and the transparency log stood at a moment; hashes in hexadecimal."""

    seq: int
    hash: str
    log_size: int
    log_root: str
    at: str
    signature: str = ""

    def signed(self) -> str:
        """What the signature is over."""
        body = {name: getattr(self, name) for name in ("seq", "hash", "log_size", "log_root", "at")}
        return log.canonical({"kind": KIND, **body})

    def record(self) -> dict[str, Any]:
        """As it is kept."""
        return {**json.loads(self.signed()), "signature": self.signature}

    @classmethod
    def of(cls, record: Any) -> Head:
        """From what was kept; ValueError when it is no head."""
        try:
            texts = {name: str(record[name]) for name in ("hash", "log_root", "at", "signature")}
            head = cls(seq=int(record["seq"]), log_size=int(record["log_size"]), **texts)
            for text in (head.hash, head.log_root, head.signature):
                bytes.fromhex(text)
            datetime.fromisoformat(head.at)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("not a signed head") from error
        return head

    @property
    def is_ours(self) -> bool:
        """Whether the key of this installation signed it."""
        try:
            _key().public_key().verify(bytes.fromhex(self.signature), self.signed().encode())
        except InvalidSignature:
            return False
        return True


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(settings.AUDIT_KEY.encode()).digest())


def public_key() -> str:
    """What others check the signatures with, in hexadecimal."""
    return _key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(text: str) -> str:
    """The signature (Ed25519, in hexadecimal) of the installation over something that the audit chain proves."""
    return _key().sign(text.encode()).hex()


def following(seq: int, at: datetime) -> Head | None:
    """The first head of ours in the log that covers the entry `seq`, written at `at`; None while none was signed since."""
    leaves = LogEntry.objects.filter(at__gte=at, leaf__contains=f'"kind":"{KIND}"').order_by("index")
    for leaf in leaves.values_list("leaf", flat=True)[:_MOST]:
        try:
            head = Head.of(json.loads(leaf))
        except ValueError:
            continue
        if head.seq >= seq and head.is_ours:
            return head
    return None
