"""A token of SoftHSM with two keys."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hienluong.capabilities.signing import pki

MODULE, PIN = "/usr/lib/softhsm/libsofthsm2.so", "73519864"
NAME = "Nguyễn Văn Ký"

#: Puts a key and its certificates into the token: a process of its own, since the library reads its settings once.
FILL = """
import sys, pkcs11
from pkcs11.util.rsa import decode_rsa_private_key
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.x509 import decode_x509_certificate
module, pin, label, kind, key, *certificates = sys.argv[1:]
with pkcs11.lib(module).get_token(token_label="hl-thu").open(user_pin=pin, rw=True) as session:
    content = open(key, "rb").read()
    made = decode_rsa_private_key(content) if kind == "rsa" else decode_ec_private_key(content)
    made.update({pkcs11.Attribute.LABEL: label, pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.SIGN: True})
    session.create_object(made)
    for number, path in enumerate(certificates):
        found = decode_x509_certificate(open(path, "rb").read())
        found.update({pkcs11.Attribute.LABEL: label if number == 0 else f"ca-{number}", pkcs11.Attribute.TOKEN: True})
        session.create_object(found)
"""


@lru_cache(maxsize=1)
def token() -> dict[str, str]:
    """A token of SoftHSM that this process, too, will find: one for all tests of it, as the library reads its settings
    once. Two keys of somebody called :data:`NAME`: ``ky-rsa`` and ``ky-ec``."""
    folder = Path(tempfile.mkdtemp(prefix="hienluong-softhsm-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "tokens").mkdir()
    told = folder / "softhsm2.conf"
    told.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(told)
    command = ["softhsm2-util", "--init-token", "--free", "--label", "hl-thu", "--pin", PIN, "--so-pin", "12345678"]
    subprocess.run(command, check=True, capture_output=True)
    _fill(folder, "ky-rsa", "rsa")
    _fill(folder, "ky-ec", "ec")
    return {"name": "Thiết bị thử", "module": MODULE, "token": "hl-thu", "pin": PIN}


def _fill(folder: Path, label: str, kind: str) -> None:
    key: Any = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        if kind == "rsa"
        else ec.generate_private_key(ec.SECP256R1())
    )
    issuer = pki.load(pki.issuing_file())
    certificate = pki._certificate(pki._name(NAME, "UBND thử"), key, issuer, ca=False, days=300)
    form = PrivateFormat.TraditionalOpenSSL
    (folder / label).write_bytes(key.private_bytes(Encoding.DER, form, NoEncryption()))
    paths = []
    for number, each in enumerate((certificate, pki.certificate_of(pki.issuing_file()))):
        path = folder / f"{label}-{number}.cer"
        path.write_bytes(each.public_bytes(Encoding.DER))
        paths.append(str(path))
    command = [
        sys.executable,
        "-c",
        FILL,
        MODULE,
        PIN,
        label,
        kind,
        str(folder / label),
        *paths[: 2 if kind == "rsa" else 1],
    ]
    subprocess.run(command, check=True, capture_output=True)
