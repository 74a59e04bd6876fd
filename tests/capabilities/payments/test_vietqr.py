"""VietQR: the published vector, round trips, an independent reader of the picture, clear refusals."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess

import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hienluong.capabilities.payments import vietqr
from tests.browser import FRONTEND

VECTOR = (
    "00020101021238540010A00000072701240006970436011012345678900208QRIBFTTA53037045405500005802VN62090805DH1236304B17E"
)


def test_the_published_vector_is_built_to_the_letter() -> None:
    assert vietqr.payload(vietqr.Transfer("970436", "1234567890", 50000, "DH123")) == VECTOR


def test_the_published_vector_is_read_back() -> None:
    assert vietqr.parse(VECTOR) == vietqr.Transfer("970436", "1234567890", 50000, "DH123")


@given(
    bank=st.from_regex(r"[0-9]{6}", fullmatch=True),
    account=st.from_regex(r"[A-Za-z0-9]{1,19}", fullmatch=True),
    amount=st.one_of(st.none(), st.integers(1, 10**13 - 1)),
    purpose=st.from_regex(r"[A-Z0-9]{0,25}", fullmatch=True),
)
def test_what_is_built_reads_back_the_same(bank: str, account: str, amount: int | None, purpose: str) -> None:
    transfer = vietqr.Transfer(bank, account, amount, purpose)
    assert vietqr.parse(vietqr.payload(transfer)) == transfer


@given(text=st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(vietqr.BadPayload):
        vietqr.parse(text)


def test_one_wrong_digit_is_noticed() -> None:
    with pytest.raises(vietqr.BadPayload, match="checksum"):
        vietqr.parse(VECTOR.replace("50000", "60000"))


def test_content_is_made_plain_for_banks() -> None:
    assert vietqr.plain("Lệ phí Đăng ký – hồ sơ số 12/2026") == "Le phi Dang ky ho so so 1"


def test_an_independent_reader_of_the_picture_gets_the_same_text() -> None:
    picture = io.BytesIO()
    segno.make(VECTOR, micro=False).save(picture, kind="png", scale=6)
    found = zxingcpp.read_barcodes(Image.open(picture))
    assert [code.text for code in found] == [VECTOR]


@pytest.mark.parametrize(
    "transfer",
    [
        vietqr.Transfer("970436", "1234567890", 50000, "DH123"),
        vietqr.Transfer("970415", "VQRQ00023xyz", 10**12, "HL23456789AB"),
        vietqr.Transfer("970422", "0", None, ""),
        vietqr.Transfer("970436", "0000000000", 1, "Lệ phí Đăng ký"),
    ],
)
def test_an_independent_decoder_of_vietqr_reads_the_same_transfer(transfer: vietqr.Transfer) -> None:
    program = (
        "const { QRPay } = require('vietnam-qr-pay'); const qr = new QRPay(process.argv[1]);"
        "console.log(JSON.stringify([qr.isValid, qr.provider.name, qr.consumer.bankBin, qr.consumer.bankNumber,"
        " qr.amount ?? null, qr.additionalData.purpose ?? null]))"
    )
    node = shutil.which("node") or str(FRONTEND.parent / ".tools/node/bin/node")
    command = [node, "-e", program, vietqr.payload(transfer)]
    told = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, timeout=60, check=True)
    valid, provider, bank, account, amount, purpose = json.loads(told.stdout)
    assert (valid, provider, bank, account) == (True, "VIETQR", transfer.bank, transfer.account)
    assert (int(amount) if amount else None) == transfer.amount
    assert (purpose or "") == vietqr.plain(transfer.purpose)


def test_the_independent_decoder_refuses_what_we_refuse() -> None:
    program = "console.log(new (require('vietnam-qr-pay').QRPay)(process.argv[1]).isValid)"
    node = shutil.which("node") or str(FRONTEND.parent / ".tools/node/bin/node")
    command = [node, "-e", program, VECTOR.replace("50000", "60000")]
    told = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, timeout=60, check=True)
    assert told.stdout.strip() == "false"
