"""Packages of the exchange: how many are written, read, and refused in a second, without database and network.

Part of ``make bench NAME=documents``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from hienluong.services.exchange import edxml

#: Sizes of the one file in a package, in bytes: a letter of a page, a scan of some pages.
SIZES = {"100 kB": 100_000, "2 MB": 2_000_000}


@dataclass(frozen=True)
class Rate:
    """How often something was done in a second, and the size of the package it was done to, in bytes."""

    what: str
    per_second: float
    size: int


def package(size: int) -> edxml.DocumentPackage:
    """A complete package to three places with one file of so many bytes that do not compress."""
    issued_on = date(2026, 11, 20)
    return edxml.DocumentPackage(
        sender=edxml.Agency("H50.08", "Sở Y tế", in_charge="UBND tỉnh Quảng Trị", email="syt@quangtri.gov.vn"),
        receivers=tuple(edxml.Agency(f"H57.{n:02d}", f"Cơ quan số {n}") for n in (19, 20, 21)),
        number="125",
        notation="SYT-VP",
        issued_on=issued_on,
        subject="V/v báo cáo tình hình thực hiện nhiệm vụ phát triển kinh tế - xã hội tháng 11 năm 2026",
        document_id=edxml.document_id("H50.08", issued_on, "125", "SYT-VP"),
        place="Quảng Trị",
        type_name="Công văn",
        signer=edxml.Signer("KT.", "Phó Giám đốc", "Nguyễn Văn An"),
        to_places=("Như trên", "Lưu: VT, VP"),
        pages=3,
        trace=(edxml.Hop("H50.08", datetime(2026, 11, 20, 3, 0, tzinfo=UTC)),),
        attachments=(edxml.Attachment("125-SYT-VP.pdf", os.urandom(size), "application/pdf"),),
    )


def status() -> edxml.StatusPackage:
    """A status of that document."""
    about = package(1).reference
    at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    return edxml.StatusPackage(about, edxml.Agency("H57.19", "Cơ quan"), edxml.Status.RECEIVED, at, "Đã tiếp nhận")


def rate(what: str, size: int, do: Callable[[], object], seconds: float) -> Rate:
    """How often `do` is done in a second, measured for so many seconds."""
    do()
    began, times = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        do()
        times += 1
    return Rate(what, times / (time.perf_counter() - began), size)


def _refused(data: bytes) -> None:
    try:
        edxml.read(data)
    except edxml.BadPackage:
        return
    raise AssertionError("it was to be refused")


def packages_per_second(seconds: float = 2.0) -> list[Rate]:
    """Writing and reading packages of each size and form, a status, and refusing a bomb."""
    found: list[Rate] = []
    for words, size in SIZES.items():
        whole = package(size)
        for form, name in ((edxml.QCVN_102, "QCVN 102"), (edxml.AXIS, "trục, nén")):
            written = edxml.write(whole, form)
            found.append(
                rate(f"ghi {words} ({name})", len(written), lambda w=whole, f=form: edxml.write(w, f), seconds)  # type: ignore[misc]
            )
            found.append(rate(f"đọc {words} ({name})", len(written), lambda d=written: edxml.read(d), seconds))  # type: ignore[misc]
    one = status()
    written = edxml.write(one)
    found.append(rate("ghi trạng thái", len(written), lambda: edxml.write(one), seconds))
    found.append(rate("đọc trạng thái", len(written), lambda: edxml.read(written), seconds))
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"A" * 100_000 + b'">]><x>' + b"&a;" * 10_000 + b"</x>"
    found.append(rate("từ chối bom thực thể", len(bomb), lambda: _refused(bomb), seconds))
    return found


def lines(rates: list[Rate]) -> list[str]:
    """The figures as lines of text."""
    return [
        f"{each.what:<32}{each.per_second:>10.0f}/s {each.per_second * each.size / 1e6:>9.0f} MB/s" for each in rates
    ]
