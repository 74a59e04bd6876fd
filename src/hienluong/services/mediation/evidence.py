"""What proves a call afterwards: one digest of the request and one of the answer, the same for every call.

The digests alone are kept, in the audit chain: whoever still has the request and the answer can show that they are what
passed, and nobody can read persons' data out of them.
"""

from __future__ import annotations

import hashlib


def request_digest(method: str, target: str, *, agreement: str, client: str, purpose: str, content: bytes) -> str:
    """SHA-256 (hex) of what was asked: six lines, the last of them the SHA-256 of the body.

    `target` is the path at the gateway with its query, as sent.
    """
    lines = [method, target, agreement, client, purpose, hashlib.sha256(content).hexdigest()]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def answer_digest(status: int, content: bytes) -> str:
    """SHA-256 (hex) of what was answered: the status, a line feed, the body."""
    return hashlib.sha256(b"%d\n" % status + content).hexdigest()
