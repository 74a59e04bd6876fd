"""The clock: deadlines, signatures and the audit log depend on it."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hienluong.house.children import Plan

from .finding import Finding

#: The clock cannot be before the day this was written.
WRITTEN = datetime(2025, 7, 1, tzinfo=UTC)
#: What two clocks may differ by.
TOLERANCE = timedelta(seconds=5)
MEND = "Đặt lại giờ và bật đồng bộ: apt-get install systemd-timesyncd && timedatectl set-ntp true"
_NTP_EPOCH = 2_208_988_800  # 1970 in the seconds since 1900 that NTP counts
_NOT_SYNCHRONISED = 0x40


def examine(plan: Plan) -> Iterator[Finding]:
    """Against what the state folder has seen, the kernel's own opinion and, when one is named, a time server."""
    yield against("dấu thời gian của tệp", datetime.now(UTC), newest_file(plan.state.path))
    yield _synchronised()
    if server := os.environ.get("HIENLUONG_NTP_SERVER", ""):
        yield _time_server(server)


def against(what: str, now: datetime, last_known: datetime | None) -> Finding:
    """Whether the clock can be right: not before this product, nor before `last_known`, which `what` has seen."""
    limit = max(WRITTEN, last_known or WRITTEN) - timedelta(minutes=2)
    words = now.astimezone().strftime("%H:%M:%S %d/%m/%Y")
    if now < limit:
        words += f", sớm hơn {what} ({limit.astimezone():%H:%M:%S %d/%m/%Y})"
    return Finding(f"Đồng hồ, so với {what}", now >= limit, words, MEND)


def beside(what: str, difference: timedelta) -> Finding:
    """Whether this clock agrees with another; `difference` is how far ours is ahead."""
    seconds = difference.total_seconds()
    words = f"{'nhanh' if seconds > 0 else 'chậm'} {abs(seconds):.1f} giây"
    good = abs(difference) <= TOLERANCE
    return Finding(f"Đồng hồ, so với {what}", good, "khớp" if good else words, MEND)


def newest_file(state: Path) -> datetime | None:
    """When a log or a signed head was last written, by the clock of then."""
    files = [*state.glob("log/*.log"), *state.glob("anchors/*")]
    newest = max((file.stat().st_mtime for file in files if file.is_file()), default=None)
    return datetime.fromtimestamp(newest, UTC) if newest else None


class _Timeval(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("micro", ctypes.c_long))


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
        ("status", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("constant", "precision", "tolerance")),
        ("time", _Timeval),
        ("tick", ctypes.c_long),
        ("rest", ctypes.c_long * 20),
    )


def kernel_synchronised() -> bool | None:
    """What the kernel says of its clock (adjtimex); None when it may not be asked."""
    state = _Timex()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(state)) < 0:
        return None
    return not state.status & _NOT_SYNCHRONISED


def _synchronised() -> Finding:
    """Not a fault by itself: a virtual machine may get its time from the machine that runs it."""
    known = kernel_synchronised()
    if known is None:
        known = _timedatectl()
    words = {True: "có đồng bộ", False: "không đồng bộ với máy chủ thời gian nào", None: "không hỏi được"}[known]
    return Finding("Đồng bộ giờ", known is True, words, MEND, optional=True)


def _timedatectl() -> bool | None:
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(said)


def ahead_of(server: str, timeout: float = 5) -> timedelta:
    """How far our clock is ahead of a time server (SNTP, RFC 4330). Raises OSError when it does not answer."""
    host, _colon, port = server.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(timeout)
        sent = time.time()
        asking.sendto(b"\x1b" + 47 * b"\0", (host, int(port or 123)))
        answer, _sender = asking.recvfrom(512)
        received = time.time()
    if len(answer) < 48:
        raise OSError("câu trả lời quá ngắn")
    seconds, fraction = struct.unpack("!II", answer[40:48])
    theirs = seconds - _NTP_EPOCH + fraction / 2**32
    return timedelta(seconds=(sent + received) / 2 - theirs)


def _time_server(server: str) -> Finding:
    try:
        return beside(f"máy chủ thời gian {server}", ahead_of(server))
    except (OSError, ValueError) as error:
        mend = "Kiểm tra HIENLUONG_NTP_SERVER và tường lửa (UDP 123)."
        return Finding(f"Máy chủ thời gian {server}", False, str(error), mend)
