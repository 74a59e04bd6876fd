"""Checking afterwards who asked what and what was answered: from one JSON document, without a database, with public keys only.

``python -m hienluong.services.mediation.proof bang-chung.json --audit-key HEX --mediator-key KEY.json
[--request FILE] [--answer FILE]`` says of each thing whether it holds, and ends with 1 when one does not. The pages of the
bus ask the same functions, so that both say the same.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hienluong.services.bus.gateway import handover

from . import evidence, signatures
from .signatures import BadSignature, Message, Signed

FORMAT = "hienluong-bus-proof/1"
#: Bytes of a bundle, and of a copy that is held against it.
MOST_BUNDLE, MOST_COPY = 4 * 1024 * 1024, 16 * 1024 * 1024
#: The fields of an audit entry that its hash is over, beside its number and time (foundation/audit/chain.py).
HASHED = (
    "verb actor_kind actor_id actor_label target_type target_id target_label organization_id before after purpose note ip "
    "request_id"
).split()
#: What is said of each thing: when it holds, when it does not, when it cannot be said.
WORDS: dict[str, tuple[str, str, str]] = {
    "bundle": (
        "Gói bằng chứng còn nguyên như khi hệ thống ký.",
        "Gói bằng chứng không còn như khi hệ thống ký.",
        "Gói bằng chứng chưa có chữ ký của hệ thống.",
    ),
    "entry": (
        "Mục trong nhật ký kiểm toán còn nguyên.",
        "Mục trong nhật ký kiểm toán đã bị sửa, hoặc không còn.",
        "Lời gọi chưa vào nhật ký kiểm toán; thường trong vòng mười giây.",
    ),
    "digests": (
        "Lời gọi khớp với nhật ký kiểm toán: ai hỏi, theo thỏa thuận nào, lúc nào, mã băm của câu hỏi và câu trả lời.",
        "Lời gọi không khớp với nhật ký kiểm toán: dữ liệu về lời gọi đã bị sửa.",
        "Chưa so được lời gọi với nhật ký kiểm toán.",
    ),
    "signatures": (
        "Chữ ký lưu lại khớp với nhật ký kiểm toán.",
        "Chữ ký lưu lại không khớp với nhật ký kiểm toán: đã bị thay.",
        "Nhật ký kiểm toán không ghi mã băm của chữ ký.",
    ),
    "chain": (
        "Nhật ký kiểm toán nối liền từ mục này đến dấu mốc đã ký.",
        "Nhật ký kiểm toán bị đứt hoặc bị sửa giữa mục này và dấu mốc đã ký.",
        "Chưa có dấu mốc nào được ký sau mục này; hệ thống ký mỗi giờ một lần.",
    ),
    "head": (
        "Dấu mốc do khóa của hệ thống ký.",
        "Dấu mốc không do khóa này ký.",
        "Chưa có dấu mốc để kiểm.",
    ),
    "asked": (
        "Điều đã hỏi khớp với mã băm của câu hỏi.",
        "Điều đã hỏi không khớp với mã băm của câu hỏi: bản lưu đã bị sửa.",
        "Điều đã hỏi không có ở đây: đã xóa theo thời hạn, hoặc không đưa vào gói. Mã băm vẫn còn.",
    ),
    "request-signature": (
        "Chữ ký của bên hỏi còn nguyên.",
        "Chữ ký của bên hỏi không đúng.",
        "Muốn kiểm lại chữ ký của bên hỏi thì cần bản lưu của câu hỏi.",
    ),
    "answer-signature": (
        "Chữ ký trên câu trả lời còn nguyên và gắn với đúng câu hỏi này.",
        "Chữ ký trên câu trả lời không đúng.",
        "Muốn kiểm lại chữ ký trên câu trả lời thì cần bản lưu của câu hỏi.",
    ),
    "request-copy": (
        "Bản lưu của câu hỏi khớp: đúng là điều đã hỏi.",
        "Bản lưu của câu hỏi không khớp: không phải điều đã hỏi.",
        "Chỉ có phần thân thì chưa so được câu hỏi. Hãy đưa cả thông điệp HTTP.",
    ),
    "answer-copy": (
        "Bản lưu của câu trả lời khớp: đúng là điều đã trả lời.",
        "Bản lưu của câu trả lời không khớp: không phải điều đã trả lời.",
        "Không đọc được bản lưu của câu trả lời.",
    ),
}
_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (\S{1,16000}) HTTP/[0-9](?:\.[0-9])?\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/[0-9](?:\.[0-9])? ([1-5][0-9][0-9])(?: [^\r\n]*)?\r?\n")


@dataclass(frozen=True)
class Finding:
    """What came out of one check: whether it holds; None when that cannot be said."""

    code: str
    good: bool | None

    @property
    def words(self) -> str:
        """In Vietnamese; the pages translate it."""
        holds, broken, unknown = WORDS[self.code]
        return unknown if self.good is None else holds if self.good else broken


@dataclass(frozen=True)
class Copy:
    """A request or an answer that somebody kept: an HTTP message, or (without `status` and `method`) its body alone."""

    content: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    method: str = ""
    target: str = ""
    status: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether it is a message, not a body."""
        return bool(self.method or self.status)


def read_copy(content: bytes) -> Copy:
    """An HTTP/1.1 message as it is written in a file (lines may end with LF alone), else a body."""
    asked, answered = _REQUEST_LINE.match(content), _STATUS_LINE.match(content)
    line = asked or answered
    if line is None:
        return Copy(content)
    ended = re.compile(rb"\r?\n\r?\n").search(content, line.end() - 2)
    head, body = (content[line.end() : ended.start()], content[ended.end() :]) if ended else (b"", b"")
    if not ended:
        return Copy(content)
    headers = []
    for each in head.splitlines():
        name, colon, value = each.partition(b":")
        if colon:
            headers.append((name.decode("latin-1").strip().lower(), value.decode("latin-1").strip()))
    if answered:
        return Copy(body, headers, status=int(answered[1]))
    assert asked is not None
    target = asked[2].decode("latin-1")
    if target.startswith(("http://", "https://")):
        parts = urlsplit(target)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Copy(body, headers, method=asked[1].decode(), target=target)


def canonical(told: Mapping[str, Any]) -> str:
    """The one way to write a document that is signed: keys sorted, no spaces, UTF-8."""
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def entry_hash(entry: Mapping[str, Any]) -> str:
    """The hash of an audit entry (hex) by what it says."""
    body = {name: entry.get(name) for name in (*HASHED, "seq", "at")}
    return hashlib.sha256(bytes.fromhex(str(entry.get("previous_hash", ""))) + canonical(body).encode()).hexdigest()


def findings(
    bundle: Mapping[str, Any],
    *,
    audit_key: str,
    mediator_key: Mapping[str, Any],
    request: Copy | None = None,
    answer: Copy | None = None,
) -> list[Finding]:
    """All that can be said of a call from its bundle and the copies that somebody kept. Never raises for bad content."""
    call, entry = bundle.get("call") or {}, bundle.get("entry")
    found = [Finding("bundle", _bundle(bundle, audit_key))]
    found += _chained(bundle, call, entry, audit_key)
    message = _asked_message(bundle)
    if bundle.get("asked_state") != "never":
        found.append(Finding("asked", _asked(bundle, call)))
    if request is not None:
        same = matches_request(bundle, request)
        found.append(Finding("request-copy", same))
        if same and request.is_whole:
            message = _copied_message(bundle, request)
    if answer is not None:
        found.append(Finding("answer-copy", matches_answer(bundle, answer)))
    if bundle.get("signatures"):
        found += _signed(bundle, call, message, mediator_key)
    return found


def matches_request(bundle: Mapping[str, Any], copy: Copy) -> bool | None:
    """Whether a copy is what was asked; None when only the body is there and the address is no longer known."""
    call, asked = bundle["call"], bundle.get("asked")
    method, target = copy.method, copy.target
    if not copy.is_whole:
        if not asked:
            return None
        method, target = str(asked.get("method")), str(asked.get("target"))
    digest = evidence.request_digest(
        method,
        target,
        agreement=call["agreement"],
        client=call["client"],
        purpose=call["purpose"],
        content=copy.content,
    )
    return hmac.compare_digest(digest, str(call["request_sha256"]))


def matches_answer(bundle: Mapping[str, Any], copy: Copy) -> bool:
    """Whether a copy is what was answered."""
    call = bundle["call"]
    digest = evidence.answer_digest(copy.status or int(call["status"]), copy.content)
    return hmac.compare_digest(digest, str(call["answer_sha256"]))


def request_of(bundle: Mapping[str, Any]) -> Signed | None:
    """The signature of the request with its base, where what was asked is still kept and it is good."""
    message = _asked_message(bundle)
    try:
        return None if message is None else _request_signature(_kept(bundle), message)
    except (BadSignature, ValueError, KeyError, TypeError):
        return None


def answer_of(bundle: Mapping[str, Any], mediator_key: Mapping[str, Any]) -> Signed | None:
    """The same of the answer."""
    message = _asked_message(bundle)
    try:
        return None if message is None else _answer_signature(_kept(bundle), bundle["call"], message, mediator_key)
    except (BadSignature, ValueError, KeyError, TypeError):
        return None


def _bundle(bundle: Mapping[str, Any], audit_key: str) -> bool | None:
    if not bundle.get("signature"):
        return None
    told = {name: value for name, value in bundle.items() if name != "signature"}
    return _is_signed(canonical(told), str(bundle["signature"]), audit_key)


def _chained(
    bundle: Mapping[str, Any], call: Mapping[str, Any], entry: Mapping[str, Any] | None, audit_key: str
) -> list[Finding]:
    chain = bundle.get("chain") or {}
    head = chain.get("head")
    if not entry:
        missing = False if call.get("taken_at") else None
        return [Finding("entry", missing), Finding("digests", None), Finding("chain", None), Finding("head", None)]
    try:
        whole = hmac.compare_digest(entry_hash(entry), str(entry.get("hash")))
    except (ValueError, TypeError):
        whole = False
    after = entry.get("after") or {}
    compared = ("agreement", "operation", "client", "status", "records", "at", "request_sha256", "answer_sha256")
    found = [
        Finding("entry", whole),
        Finding("digests", all(after.get(name) == call.get(name) for name in compared)),
    ]
    if bundle.get("signatures") or after.get("signed"):
        kept = after.get("signature_sha256")
        same = kept == evidence.text_digest(str(bundle.get("signatures", "")))
        found.append(Finding("signatures", same if kept or not bundle.get("signatures") else None))
    joined: bool | None = None
    if head:
        joined = bool(chain.get("whole")) and int(head.get("seq", 0)) >= int(entry.get("seq", 0))
        if head.get("seq") == entry.get("seq"):
            joined = joined and head.get("hash") == entry.get("hash")
    elif chain.get("whole") is False:
        joined = False
    found.append(Finding("chain", joined))
    found.append(Finding("head", _head(head, audit_key) if head else None))
    return found


def _head(head: Mapping[str, Any], audit_key: str) -> bool:
    told = {name: value for name, value in head.items() if name != "signature"}
    return _is_signed(canonical(told), str(head.get("signature", "")), audit_key)


def _is_signed(text: str, signature: str, key: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _asked(bundle: Mapping[str, Any], call: Mapping[str, Any]) -> bool | None:
    """Whether what is kept of the request is what the digest is over."""
    asked = bundle.get("asked")
    if not asked:
        return False if bundle.get("asked_state") == "broken" else None
    digest = evidence.digest_of_request(
        str(asked.get("method")),
        str(asked.get("target")),
        str(call.get("agreement")),
        str(call.get("client")),
        str(call.get("purpose")),
        str(asked.get("content_sha256")),
    )
    return hmac.compare_digest(digest, str(call.get("request_sha256")))


def _signed(
    bundle: Mapping[str, Any], call: Mapping[str, Any], message: Message | None, mediator_key: Mapping[str, Any]
) -> list[Finding]:
    if message is None:
        return [Finding("request-signature", None), Finding("answer-signature", None)]
    asked = answered = True
    try:
        kept = _kept(bundle)
        signed = _request_signature(kept, message)
        if not all(signed.covers(name) for name in evidence.COVERED):
            raise BadSignature("covers-too-little")
        if message.field(handover.AGREEMENT) != call["agreement"]:
            raise BadSignature("another-agreement")
        if evidence.purpose_in(message.field(handover.PURPOSE)) != call["purpose"]:
            raise BadSignature("another-purpose")
        _check_body(bundle, message)
    except (BadSignature, ValueError, KeyError, TypeError):
        asked = False
    try:
        _answer_signature(_kept(bundle), call, message, mediator_key)
    except (BadSignature, ValueError, KeyError, TypeError):
        answered = False
    return [Finding("request-signature", asked), Finding("answer-signature", answered)]


def _kept(bundle: Mapping[str, Any]) -> dict[str, Any]:
    kept = json.loads(str(bundle["signatures"]))
    if not isinstance(kept, dict):
        raise ValueError("signatures")
    return kept


def _request_signature(kept: Mapping[str, Any], message: Message) -> Signed:
    """The signature that was kept, checked over the message with the key that was kept."""
    told = kept["request"]
    if message.field("signature") != told["signature"] or message.field("signature-input") != told["input"]:
        raise BadSignature("another-signature")
    key = signatures.key_from_jwk(told["key"])
    return signatures.verify(message, {key.keyid: key}, tag=evidence.TAG)


def _answer_signature(
    kept: Mapping[str, Any], call: Mapping[str, Any], message: Message, mediator_key: Mapping[str, Any]
) -> Signed:
    told = kept["answer"]
    names = ("content-type", "content-digest", "signature-input", "signature")
    headers = [(name, str(told[name])) for name in names if told.get(name)]
    key = signatures.key_from_jwk(mediator_key)
    about = Message(headers, status=int(call["status"]), request=message)
    signed = signatures.verify(about, {key.keyid: key}, tag=evidence.TAG)
    if not signed.covers("signature", req=True, key=kept["request"]["label"]) or not signed.covers("content-digest"):
        raise BadSignature("covers-too-little")
    return signed


def _check_body(bundle: Mapping[str, Any], message: Message) -> None:
    """The digest that was signed is that of the body which the digest of the call is over, where both are known."""
    asked = bundle.get("asked")
    if not asked or not any(name == "content-digest" for name, _value in message.headers):
        return
    written = base64.b64encode(bytes.fromhex(str(asked["content_sha256"]))).decode()
    digest = message.field("content-digest")
    if "sha-256=" in digest and f"sha-256=:{written}:" not in digest:
        raise BadSignature("digest")


def _asked_message(bundle: Mapping[str, Any]) -> Message | None:
    asked = bundle.get("asked")
    if not asked or "headers" not in asked:
        return None
    path, _mark, query = str(asked.get("target", "")).partition("?")
    headers = [(str(name), str(value)) for name, value in asked["headers"]]
    return Message(
        headers,
        str(asked.get("method")),
        str(asked.get("scheme", "https")),
        str(asked.get("authority", "")),
        path,
        query or None,
    )


def _copied_message(bundle: Mapping[str, Any], copy: Copy) -> Message | None:
    """A request that somebody kept as it came to the gateway: with the fields that were signed."""
    try:
        told = _kept(bundle)["request"]
    except (ValueError, KeyError, TypeError):
        return None
    if not any(name == "signature" for name, _value in copy.headers):
        return None
    path, _mark, query = copy.target.partition("?")
    return Message(copy.headers, copy.method, str(told.get("scheme")), str(told.get("authority")), path, query or None)


def read_bundle(content: bytes) -> dict[str, Any]:
    """A bundle; ValueError when it is none of ours."""
    if len(content) > MOST_BUNDLE:
        raise ValueError("too large")
    bundle = json.loads(content)
    if not isinstance(bundle, dict) or bundle.get("format") != FORMAT or not isinstance(bundle.get("call"), dict):
        raise ValueError("no bundle")
    return bundle


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns 1 when something does not hold, 2 for what cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m hienluong.services.mediation.proof", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--audit-key", required=True, help="Ed25519, hex: of the audit log")
    parser.add_argument("--mediator-key", required=True, type=Path, help="a file with the JWK of the mediator")
    parser.add_argument("--request", type=Path, help="the request that was kept: an HTTP message, or its body")
    parser.add_argument("--answer", type=Path, help="the answer that was kept: an HTTP message, or its body")
    told = parser.parse_args(argv)
    try:
        bundle = read_bundle(told.bundle.read_bytes())
        mediator_key = json.loads(told.mediator_key.read_bytes())
        copies = {
            name: read_copy(path.read_bytes())
            for name in ("request", "answer")
            if (path := getattr(told, name)) is not None
        }
        found = findings(bundle, audit_key=told.audit_key, mediator_key=mediator_key, **copies)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        sys.stderr.write(f"{type(problem).__name__}: {problem}\n")
        return 2
    for each in found:
        mark = {True: "ĐÚNG", False: "SAI", None: "CHƯA NÓI ĐƯỢC"}[each.good]
        sys.stdout.write(f"{mark}\t{each.words}\n")
    return 1 if any(each.good is False for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
