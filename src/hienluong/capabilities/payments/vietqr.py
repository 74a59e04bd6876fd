"""VietQR: the EMVCo merchant-presented QR of NAPAS, built and read (specification 1.5.2; reference section 5)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

AID = "A000000727"
TO_ACCOUNT = "QRIBFTTA"
MOST_PURPOSE = 25


class BadPayload(ValueError):
    """Not a VietQR payload we can read; the message says why."""


@dataclass(frozen=True)
class Transfer:
    """One transfer: bank (6-digit BIN), account, exact amount in đồng (None: the payer types it), content."""

    bank: str
    account: str
    amount: int | None = None
    purpose: str = ""


def _field(identifier: str, value: str) -> str:
    if len(value) > 99:
        raise BadPayload(f"field {identifier} is longer than 99")
    return f"{identifier}{len(value):02d}{value}"


def crc(text: str) -> str:
    """CRC-16/CCITT-FALSE as four upper-case hexadecimal digits."""
    value = 0xFFFF
    for byte in text.encode():
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1 ^ 0x1021 if value & 0x8000 else value << 1) & 0xFFFF
    return f"{value:04X}"


def plain(text: str) -> str:
    """Content as banks take it: no diacritics, letters, digits and single spaces, at most 25."""
    folded = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(
        ch if ch.isascii() and ch.isalnum() else " " if not unicodedata.combining(ch) else "" for ch in folded
    )
    return " ".join(kept.split())[:MOST_PURPOSE].strip()


def payload(transfer: Transfer) -> str:
    """The text of the QR code."""
    if len(transfer.bank) != 6 or not transfer.bank.isdigit():
        raise BadPayload("a bank is a BIN of 6 digits")
    if not transfer.account or not transfer.account.isalnum() or len(transfer.account) > 19:
        raise BadPayload("an account has 1 to 19 letters or digits")
    if transfer.amount is not None and not 0 < transfer.amount < 10**13:
        raise BadPayload("an amount is a positive number of at most 13 digits")
    receiver = (
        _field("00", AID)
        + _field("01", _field("00", transfer.bank) + _field("01", transfer.account))
        + _field("02", TO_ACCOUNT)
    )
    parts = [
        _field("00", "01"),
        _field("01", "12" if transfer.amount else "11"),
        _field("38", receiver),
        _field("53", "704"),
    ]
    if transfer.amount:
        parts.append(_field("54", str(transfer.amount)))
    parts.append(_field("58", "VN"))
    if purpose := plain(transfer.purpose):
        parts.append(_field("62", _field("08", purpose)))
    body = "".join(parts) + "6304"
    return body + crc(body)


def _fields(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        head, length = text[place : place + 2], text[place + 2 : place + 4]
        if not (head.isdigit() and length.isdigit()) or place + 4 + int(length) > len(text):
            raise BadPayload("broken field")
        found[head] = text[place + 4 : place + 4 + int(length)]
        place += 4 + int(length)
    return found


def parse(text: str) -> Transfer:
    """Read a payload back; raises :class:`BadPayload` for a wrong checksum or another kind of code."""
    if len(text) < 12 or text[-8:-4] != "6304" or crc(text[:-4]) != text[-4:].upper():
        raise BadPayload("wrong checksum")
    fields = _fields(text[:-8])
    receiver = _fields(fields.get("38", ""))
    if receiver.get("00") != AID:
        raise BadPayload("not a NAPAS code")
    account = _fields(receiver.get("01", ""))
    amount = fields.get("54", "")
    if amount and not amount.isdigit():
        raise BadPayload("the amount is not a whole number")
    return Transfer(
        account.get("00", ""),
        account.get("01", ""),
        int(amount) if amount else None,
        _fields(fields.get("62", "")).get("08", ""),
    )
