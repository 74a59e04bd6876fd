"""Keys in a token (PKCS#11), tried with SoftHSM: RSA and elliptic curves; the PIN is nowhere in the database."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection

from hienluong.capabilities.signing import enrolling, pki, requests, working
from hienluong.capabilities.signing.models import Look, SigningBatch, SigningKey
from hienluong.capabilities.signing.providers import ProviderFault, provider_of
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import InvalidInput
from tests.capabilities.signing.asking import ask, content, make_signer, pdfsig, work
from tests.factories import TESTER, make_roles

pytestmark = [pytest.mark.django_db, pytest.mark.once]

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


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A token of SoftHSM that this process, too, will find."""
    folder = tmp_path_factory.mktemp("softhsm")
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


@pytest.mark.parametrize(("label", "mechanism"), [("ky-rsa", "sha256_rsa"), ("ky-ec", "sha256_ecdsa")])
def test_a_token_signs(token: dict[str, str], label: str, mechanism: str, settings: Any, tmp_path: Path) -> None:
    settings.SIGNING_TOKENS = {"hsm": token}
    make_roles()
    official, leader = make_signer(NAME)
    key = enrolling.enrol(TESTER, holder=official, provider="pkcs11", source="hsm", credential=label)
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    requests.sign(leader, request_ids=[request.pk])
    work()
    request.refresh_from_db()
    signed = content(request.file_id)
    (found,) = verify_pdf(signed).signatures
    assert (found.signer, found.intact, found.timestamped) == (NAME, True, True)
    assert mechanism.removeprefix("sha256_") in found.algorithm
    assert "Signature is Valid" in pdfsig(signed, tmp_path)
    assert SigningKey.objects.get().pk == key.pk
    with connection.cursor() as cursor:
        for table in ("signing_signingkey", "signing_signingbatch", "signing_signaturemark", "audit_entry"):
            cursor.execute(f"SELECT count(*) FROM {table} AS row WHERE row::text LIKE %s", [f"%{PIN}%"])
            assert cursor.fetchone() == (0,)


def test_what_is_not_there_is_said(token: dict[str, str], settings: Any) -> None:
    settings.SIGNING_TOKENS = {"hsm": token}
    make_roles()
    official, _leader = make_signer(NAME)
    other, _actor = make_signer("Trần Khác")
    with pytest.raises(ProviderFault, match="không có chứng thư"):
        enrolling.enrol(TESTER, holder=official, provider="pkcs11", source="hsm", credential="khong-co")
    with pytest.raises(InvalidInput, match="Chứng thư mang tên"):
        enrolling.enrol(TESTER, holder=other, provider="pkcs11", source="hsm", credential="ky-rsa")
    with pytest.raises(ProviderFault, match="không còn kết nối"):
        provider_of("pkcs11", "khac")


def test_a_wrong_pin_is_tried_once(token: dict[str, str], settings: Any) -> None:
    settings.SIGNING_TOKENS = {"hsm": token}
    make_roles()
    official, leader = make_signer(NAME)
    enrolling.enrol(TESTER, holder=official, provider="pkcs11", source="hsm", credential="ky-rsa")
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    batch = requests.sign(leader, request_ids=[request.pk]).batches[0]
    settings.SIGNING_TOKENS = {"hsm": {**token, "pin": "00000000"}}
    assert working.carry_on(batch.pk) is None
    batch.refresh_from_db()
    assert (batch.state, "PIN" in batch.trouble) == (SigningBatch.State.FAILED, True)
    assert "00000000" not in batch.trouble


def test_a_token_that_is_away_is_tried_again(token: dict[str, str], settings: Any) -> None:
    settings.SIGNING_TOKENS = {"hsm": token}
    make_roles()
    official, leader = make_signer(NAME)
    enrolling.enrol(TESTER, holder=official, provider="pkcs11", source="hsm", credential="ky-rsa")
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    batch = requests.sign(leader, request_ids=[request.pk]).batches[0]
    settings.SIGNING_TOKENS = {"hsm": {**token, "token": "da-rut-ra"}}
    assert working.carry_on(batch.pk) == working.WAITS[0]
    settings.SIGNING_TOKENS = {"hsm": token}
    assert working.carry_on(batch.pk) is None
    request.refresh_from_db()
    assert request.state == "completed"
