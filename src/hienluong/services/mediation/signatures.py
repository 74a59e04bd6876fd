"""HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530).

What is implemented: the derived components, fields as they are or one key of a dictionary (``key``), the request of an
answer (``req``); the algorithms ed25519, ecdsa-p256-sha256, rsa-pss-sha512, rsa-v1_5-sha256 and hmac-sha256. What is not
(``sf``, ``bs``, ``tr``, ``@request-target`` of other forms) is refused, never taken for something else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_plus

import http_sf
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from http_sf.innerlist import ser_innerlist
from http_sf.item import ser_item

#: A component: its name and parameters (key, name, req).
Component = tuple[str, dict[str, Any]]
Field = tuple[str, str]
DIGESTS: dict[str, Callable[[bytes], Any]] = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
DERIVED = frozenset("@method @authority @scheme @path @query @target-uri @request-target @query-param @status".split())
#: Signatures in one message that are looked at.
MOST_SIGNATURES = 5


class BadSignature(Exception):
    """The message is not signed as it must be. `code` says why, for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Message:
    """A request, or (with `status`) an answer to `request`. `path` and `query` are as sent, the query without its ``?``."""

    headers: Sequence[Field]
    method: str = ""
    scheme: str = "https"
    authority: str = ""
    path: str = "/"
    query: str | None = None
    status: int | None = None
    request: Message | None = None

    def field(self, name: str) -> str:
        """The values of a field, put together as RFC 9421 2.1 says; raises :class:`BadSignature` when it is not there."""
        values = [value for known, value in self.headers if known.lower() == name]
        if not values:
            raise BadSignature("component-missing")
        return ", ".join(" ".join(part.strip() for part in value.splitlines()).strip() for value in values)


@dataclass(frozen=True)
class Signed:
    """A signature that was found good."""

    label: str
    keyid: str
    created: int
    expires: int | None
    nonce: str
    tag: str
    components: list[Component]
    parameters: str  # as in Signature-Input
    value: bytes
    base: bytes

    def covers(self, name: str, **parameters: Any) -> bool:
        """Whether this component is signed."""
        return (name, parameters) in self.components


@dataclass(frozen=True)
class Key:
    """A key and the algorithms that it may be used with, the usual one first."""

    keyid: str
    material: Any
    algorithms: tuple[str, ...] = field(default=())


def content_digest(content: bytes, algorithm: str = "sha-256") -> str:
    """The value of ``Content-Digest`` (RFC 9530)."""
    return f"{algorithm}=:{base64.b64encode(DIGESTS[algorithm](content).digest()).decode()}:"


def check_digest(value: str, content: bytes) -> None:
    """Raise :class:`BadSignature` unless a digest that we know is there and every such one is that of the content."""
    try:
        members = http_sf.parse(value.encode("latin-1"), tltype="dictionary", on_duplicate_key=_twice)
    except (http_sf.StructuredFieldError, UnicodeError, ValueError):
        raise BadSignature("digest") from None
    known = 0
    for name, member in dict(members).items():  # type: ignore[arg-type]  # a dictionary was asked for
        digest = member[0] if isinstance(member, tuple) else member
        if name in DIGESTS:
            known += 1
            if not isinstance(digest, bytes) or not hmac.compare_digest(digest, DIGESTS[name](content).digest()):
                raise BadSignature("digest")
    if not known:
        raise BadSignature("digest")


def signature_base(message: Message, components: Iterable[Component], parameters: str) -> bytes:
    """What is signed (RFC 9421 2.5); `parameters` is the member of Signature-Input."""
    lines, seen = [], set()
    for name, options in components:
        identifier = ser_item((name, options))
        if identifier in seen:
            raise BadSignature("component-twice")
        seen.add(identifier)
        value = _value(message, name, options)
        if not value.isascii() or "\n" in value or "\r" in value:
            raise BadSignature("component-value")
        lines.append(f"{identifier}: {value}")
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode("ascii")


def sign(
    message: Message, components: Sequence[Component], parameters: dict[str, Any], key: Key, label: str
) -> list[Field]:
    """The fields ``Signature-Input`` and ``Signature`` for a message; `parameters` in the order in which they are written."""
    described = ser_innerlist((list(components), parameters))
    value = _make(signature_base(message, components, described), key)
    return [
        ("signature-input", f"{label}={described}"),
        ("signature", f"{label}=:{base64.b64encode(value).decode()}:"),
    ]


def verify(message: Message, keys: Mapping[str, Key], *, tag: str | None = None) -> Signed:
    """The first signature of the message by one of the keys (with this tag, when one is named).

    Raises :class:`BadSignature` when there is none, or when one that is by a known key is wrong: a message that lies once
    is not believed elsewhere. Whether it covers enough, and is fresh, is for the caller to see.
    """
    inputs, values = _dictionary(message, "signature-input"), _dictionary(message, "signature")
    if len(inputs) > MOST_SIGNATURES:
        raise BadSignature("too-many")
    for label, described in inputs.items():
        if not isinstance(described, tuple) or not isinstance(described[0], list):
            raise BadSignature("input")
        components, parameters = _components(described[0]), described[1]
        key = keys.get(str(parameters.get("keyid", "")))
        if key is None or (tag is not None and parameters.get("tag") != tag):
            continue
        value = values.get(label)
        value = value[0] if isinstance(value, tuple) else value
        created, expires = parameters.get("created"), parameters.get("expires")
        if not isinstance(value, bytes) or type(created) is not int or type(expires) not in (int, type(None)):
            raise BadSignature("input")
        written = ser_innerlist(described)
        base = signature_base(message, components, written)
        algorithm = parameters.get("alg")
        if not _is_good(base, value, key, None if algorithm is None else str(algorithm)):
            raise BadSignature("wrong")
        words = {name: str(parameters.get(name, "")) for name in ("nonce", "tag")}
        return Signed(
            label, key.keyid, created, expires, words["nonce"], words["tag"], components, written, value, base
        )
    raise BadSignature("none")


def key_from_jwk(jwk: Mapping[str, Any]) -> Key:
    """A public key (RFC 7517); its name is its ``kid``, else its thumbprint (RFC 7638). Raises ValueError."""
    kind, curve = jwk.get("kty"), jwk.get("crv")
    name = str(jwk.get("kid") or thumbprint(jwk))
    if kind == "OKP" and curve == "Ed25519":
        return Key(name, ed25519.Ed25519PublicKey.from_public_bytes(_bytes(jwk["x"])), ("ed25519",))
    if kind == "EC" and curve == "P-256":
        numbers = ec.EllipticCurvePublicNumbers(_number(jwk["x"]), _number(jwk["y"]), ec.SECP256R1())
        return Key(name, numbers.public_key(), ("ecdsa-p256-sha256",))
    if kind == "RSA":
        public = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"])).public_key()
        if public.key_size < 2048:
            raise ValueError("an RSA key has at least 2048 bits")
        return Key(name, public, ("rsa-pss-sha512", "rsa-v1_5-sha256"))
    raise ValueError(f"a kind of key that signs no message here: {kind} {curve or ''}")


def own_key(secret: str) -> tuple[Key, dict[str, str]]:
    """The Ed25519 key that belongs to a secret of the installation, and its public part as a JWK with its name."""
    seed = hmac.digest(b"hienluong http message signatures", secret.encode(), "sha256")
    private = ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    public = base64.urlsafe_b64encode(private.public_key().public_bytes_raw()).rstrip(b"=").decode()
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": public}
    name = thumbprint(jwk)
    return Key(name, private, ("ed25519",)), {**jwk, "kid": name, "alg": "EdDSA", "use": "sig"}


def thumbprint(jwk: Mapping[str, Any]) -> str:
    """The name of a key by what it is (RFC 7638)."""
    members = {"OKP": ("crv", "kty", "x"), "EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}[
        str(jwk.get("kty"))
    ]
    written = json.dumps({name: jwk[name] for name in members}, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(hashlib.sha256(written.encode()).digest()).rstrip(b"=").decode()


def _value(message: Message, name: str, options: Mapping[str, Any]) -> str:
    if unknown := set(options) - {"key", "name", "req"}:
        raise BadSignature(f"component-{min(unknown)}")
    if options.get("req"):
        if message.request is None:
            raise BadSignature("component-req")
        message = message.request
    if name.startswith("@"):
        return _derived(message, name, options)
    if name != name.lower() or "name" in options:
        raise BadSignature("component-name")
    value = message.field(name)
    if "key" not in options:
        return value
    members = _dictionary(message, name)
    if options["key"] not in members:
        raise BadSignature("component-missing")
    member = members[options["key"]]
    is_list = isinstance(member, tuple) and isinstance(member[0], list)
    return ser_innerlist(member) if is_list else ser_item(member)


def _derived(message: Message, name: str, options: Mapping[str, Any]) -> str:
    if name not in DERIVED or "key" in options or ("name" in options) != (name == "@query-param"):
        raise BadSignature("component-name")
    if name == "@status":
        if message.status is None:
            raise BadSignature("component-missing")
        return str(message.status)
    if message.status is not None:
        raise BadSignature("component-missing")  # the others are of requests
    query = "" if message.query is None else f"?{message.query}"
    authority = message.authority.lower().removesuffix(":443" if message.scheme == "https" else ":80")
    if name == "@query-param":
        return _parameter(message.query or "", str(options["name"]))
    return {
        "@method": message.method,
        "@authority": authority,
        "@scheme": message.scheme,
        "@path": message.path or "/",
        "@query": query or "?",
        "@target-uri": f"{message.scheme}://{authority}{message.path}{query}",
        "@request-target": f"{message.path}{query}",
    }[name]


def _parameter(query: str, name: str) -> str:
    """The value of the only parameter of a name, decoded and encoded again (RFC 9421 2.2.8)."""
    pairs = [piece.partition("=")[::2] for piece in query.split("&") if piece]
    found = [value for known, value in pairs if _encoded(known) == name]
    if len(found) != 1:
        raise BadSignature("component-missing")
    return _encoded(found[0])


def _encoded(text: str) -> str:
    return quote(unquote_plus(text), safe="*-._")


def _dictionary(message: Message, name: str) -> dict[str, Any]:
    try:
        parsed = http_sf.parse(message.field(name).encode("ascii"), tltype="dictionary", on_duplicate_key=_twice)
    except (http_sf.StructuredFieldError, UnicodeError, ValueError):
        raise BadSignature("input") from None
    return dict(parsed)  # type: ignore[arg-type]  # a dictionary was asked for


def _components(items: list[Any]) -> list[Component]:
    found = []
    for item in items:
        name, options = item if isinstance(item, tuple) else (item, {})
        if not isinstance(name, str):
            raise BadSignature("input")
        found.append((name, dict(options)))
    return found


def _twice(_key: str, _where: str) -> None:
    raise ValueError("a key twice")


def _make(base: bytes, key: Key) -> bytes:
    algorithm, material = key.algorithms[0], key.material
    if algorithm == "ed25519":
        return bytes(material.sign(base))
    if algorithm == "ecdsa-p256-sha256":
        r, s = decode_dss_signature(material.sign(base, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if algorithm == "rsa-pss-sha512":
        return bytes(material.sign(base, padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512()))
    if algorithm == "rsa-v1_5-sha256":
        return bytes(material.sign(base, padding.PKCS1v15(), hashes.SHA256()))
    return hmac.digest(material, base, "sha256")


def _is_good(base: bytes, value: bytes, key: Key, algorithm: str | None) -> bool:
    algorithm = algorithm or key.algorithms[0]
    if algorithm not in key.algorithms:
        return False
    try:
        if algorithm == "ed25519":
            key.material.verify(value, base)
        elif algorithm == "ecdsa-p256-sha256":
            if len(value) != 64:
                return False
            pair = encode_dss_signature(int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big"))
            key.material.verify(pair, base, ec.ECDSA(hashes.SHA256()))
        elif algorithm == "rsa-pss-sha512":
            key.material.verify(value, base, padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512())
        elif algorithm == "rsa-v1_5-sha256":
            key.material.verify(value, base, padding.PKCS1v15(), hashes.SHA256())
        else:
            return hmac.compare_digest(hmac.digest(key.material, base, "sha256"), value)
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("a member of a key is not text")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(text: Any) -> int:
    return int.from_bytes(_bytes(text), "big")
