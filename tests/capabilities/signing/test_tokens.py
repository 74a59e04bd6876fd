"""Keys in a token (PKCS#11), tried with SoftHSM: RSA and elliptic curves; the PIN is nowhere in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from hienluong.capabilities.signing import enrolling, requests, working
from hienluong.capabilities.signing.models import Look, SigningBatch, SigningKey
from hienluong.capabilities.signing.providers import ProviderFault, provider_of
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import InvalidInput
from tests.capabilities.signing import softhsm
from tests.capabilities.signing.asking import ask, content, make_signer, pdfsig, work
from tests.capabilities.signing.softhsm import NAME, PIN
from tests.factories import TESTER, make_roles

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def token() -> dict[str, str]:
    return softhsm.token()


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
