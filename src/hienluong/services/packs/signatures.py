"""Signed packs: a manifest of SHA-256 of all files (``pack.sha256``), signed detached with Ed25519 (``pack.sig``); ADR 16."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.positions import Fault, parse

from .contents import MANIFEST, SIGNATURE, Content

#: What is signed begins with this, so that a signature made for something else with the same key holds for no pack.
_PURPOSE = b"hienluong-pack-1\n"
#: Bytes of the file that says the signature; more is none.
MAX_SIGNATURE = 4096
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True)
class Standing:
    """What the signature of a pack says: by which key, when it holds; what is wrong with it otherwise."""

    key: str = ""  # base64 of the 32 bytes; empty: not signed
    faults: tuple[Fault, ...] = ()

    @property
    def fingerprint(self) -> str:
        """What people compare: see :func:`fingerprint`."""
        return fingerprint(self.key) if self.key else ""


def fingerprint(key: str) -> str:
    """SHA-256 of a public key, hexadecimal."""
    return hashlib.sha256(base64.b64decode(key)).hexdigest()


def standing(content: Content) -> Standing:
    """Whether the files of a pack are those that were signed, and by which key. Whom to trust is another question."""
    has = [name for name in (MANIFEST, SIGNATURE) if name in content.files]
    if not has:
        return Standing()
    if len(has) == 1:
        missing = MANIFEST if has == [SIGNATURE] else SIGNATURE
        return Standing(faults=(Fault(missing, 1, _("gói có “%(one)s” mà thiếu tệp này") % {"one": has[0]}),))
    key, signature, faults = _signature(content.files[SIGNATURE])
    if faults:
        return Standing(faults=tuple(faults))
    manifest = content.files[MANIFEST]
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, _PURPOSE + manifest)
    except (InvalidSignature, ValueError):
        return Standing(faults=(Fault(SIGNATURE, 1, _("chữ ký không đúng với bản kê “pack.sha256”")),))
    faults = _differences(manifest.decode("utf-8", "replace"), content)
    return Standing(faults=tuple(faults)) if faults else Standing(base64.b64encode(key).decode())


def _signature(body: bytes) -> tuple[bytes, bytes, list[Fault]]:
    said = parse(body[:MAX_SIGNATURE].decode("utf-8", "replace"), SIGNATURE).value
    try:
        key = base64.b64decode(said["key"], validate=True)
        signature = base64.b64decode(said["signature"], validate=True)
        if said["format"] != 1 or len(key) != 32 or len(signature) != 64:
            raise ValueError
    except (KeyError, TypeError, ValueError, binascii.Error):
        return b"", b"", [Fault(SIGNATURE, 1, _("tệp chữ ký không đọc được"))]
    return key, signature, []


def _differences(manifest: str, content: Content) -> list[Fault]:
    """Every file that was changed, added or taken away since it was signed."""
    found: list[Fault] = []
    now = {name: sha for sha, name in map(_parts, content.manifest.splitlines())}
    then: dict[str, str] = {}
    for number, line in enumerate(manifest.splitlines(), start=1):
        sha, name = _parts(line)
        if not sha or name in then:
            found.append(Fault(MANIFEST, number, _("dòng không đúng dạng “mã băm, hai dấu cách, đường dẫn”")))
        elif name not in now:
            found.append(Fault(MANIFEST, number, _("thiếu tệp đã ký: %(name)s") % {"name": name}))
        elif now[name] != sha:
            found.append(Fault(name, 1, _("nội dung khác với bản đã ký")))
        then[name] = sha
    return found + [Fault(name, 1, _("tệp không có trong bản đã ký")) for name in sorted(now.keys() - then.keys())]


def _parts(line: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    return (match[1], match[2]) if match else ("", "")


def sign(content: Content, key: Ed25519PrivateKey) -> dict[str, bytes]:
    """The two files that make a pack a signed one, by name."""
    manifest = content.manifest.encode()
    said = {"format": 1, "key": public_text(key), "signature": _text(key.sign(_PURPOSE + manifest))}
    return {MANIFEST: manifest, SIGNATURE: yaml.safe_dump(said, sort_keys=False).encode()}


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key, as it is handed to those who are to trust it."""
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return _text(raw)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def new_key(path: Path) -> Ed25519PrivateKey:
    """Make a key and keep it in a file that only its owner reads. Raises FileExistsError."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(pem)
    return key


def read_key(path: Path) -> Ed25519PrivateKey:
    """The key in a PEM file. Raises :class:`InvalidInput` when there is none of our kind."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(_("Không đọc được khóa ký ở %(path)s.") % {"path": path}, field="key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput(_("Khóa ký phải là Ed25519 (PEM, không mật khẩu)."), field="key")
    return key


def public_key(text: str) -> str:
    """A public key as somebody typed it, spelled as we keep it. Raises :class:`InvalidInput`."""
    try:
        raw = base64.b64decode("".join(text.split()), validate=True)
        if len(raw) != 32:
            raise ValueError
        Ed25519PublicKey.from_public_bytes(raw)
    except (ValueError, binascii.Error) as error:
        said = _("Khóa công khai phải là 32 byte viết bằng base64, như lệnh “hienluong pack sign” in ra.")
        raise InvalidInput(said, field="key") from error
    return _text(raw)
