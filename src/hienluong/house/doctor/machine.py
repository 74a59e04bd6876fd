"""The machine: Python, disk, libraries, fonts, built files, ports, and whether the installation's parts live."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hienluong.house import runlog
from hienluong.house.children import Plan, answers, listens

from .finding import Finding

FREE_BYTES = 2_000_000_000
FREE_INODES = 100_000
#: A part that died more often than this and lives for less than these seconds does not really live.
RESTARTS, LATELY = 2, 300
#: Libraries that print papers, and the Debian package of each.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
#: Families that papers are set in (``capabilities/signing/paper.css``); another font breaks lines elsewhere.
FONTS = ("Liberation Serif", "Liberation Sans")
#: The letter "Ộ": fonts of the first generation (fonts-liberation of Debian 12) have no Vietnamese letters, and papers would
#: mix two faces in one word.
VIETNAMESE = "1ed8"
STATIC = Path(__file__).resolve().parents[2] / "ui" / "static" / "ui" / "dist"


def examine(plan: Plan) -> Iterator[Finding]:
    """Everything that needs no other server."""
    yield _python()
    yield from _disk(plan)
    yield from _libraries()
    yield from _fonts()
    yield _scans()
    yield from _assets()
    yield from _parts(plan)


def _python() -> Finding:
    number = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding("Python", good, number, "Cần Python 3.11 đến 3.13: apt-get install python3.11")


def _disk(plan: Plan) -> Iterator[Finding]:
    folder = next(place for place in (plan.state.path, *plan.state.path.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    mend = (
        f"Cần ít nhất {FREE_BYTES / 1e9:.0f} GB trống cho {plan.state.path}: dời bản sao lưu cũ đi, hoặc gắn thêm đĩa."
    )
    yield Finding("Đĩa", free >= FREE_BYTES, f"còn {free / 1e9:.1f} GB", mend)
    info = os.statvfs(folder)
    if info.f_files:  # some file systems have no fixed number of them
        mend = "Hệ thống tệp sắp hết chỗ ghi tên tệp: xóa bớt tệp nhỏ (`df -i`), hoặc dời thư mục trạng thái sang đĩa khác."
        yield Finding("Số tệp còn ghi được (inode)", info.f_favail >= FREE_INODES, f"còn {info.f_favail}", mend)


def _libraries() -> Iterator[Finding]:
    for name, package in LIBRARIES.items():
        try:
            ctypes.CDLL(name)
            yield Finding(f"Thư viện in giấy tờ {name}", True, "có")
        except OSError:
            yield Finding(f"Thư viện in giấy tờ {name}", False, "thiếu", f"apt-get install {package}")


def _fonts() -> Iterator[Finding]:
    for family in FONTS:
        subject = f"Phông in giấy tờ {family}"
        try:
            command = ["fc-match", "--format=%{family}", f"{family}:charset={VIETNAMESE}"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired):
            yield Finding(subject, False, "không hỏi được fontconfig", "apt-get install fontconfig fonts-liberation2")
            continue
        found = done.stdout.split(",")[0]
        words = "có" if found == family else f"thiếu, sẽ in bằng {found or 'phông khác'}"
        yield Finding(subject, found == family, words, "apt-get install fonts-liberation2")


def _scans() -> Finding:
    from hienluong.services.documents.reading.ocr import available  # loads what draws pages

    mend = available()
    return Finding("Đọc bản quét (Tesseract, tiếng Việt)", not mend, "thiếu" if mend else "có", mend)


def _assets() -> Iterator[Finding]:
    mend = "Chạy `make build` để dựng lại giao diện."
    fonts = sorted((STATIC / "fonts").glob("be-vietnam-pro-vietnamese-*.woff2"))
    yield Finding("Phông chữ Be Vietnam Pro", len(fonts) >= 2, f"{len(fonts)} tệp tiếng Việt", mend)
    there = (STATIC / "hienluong.css").exists() and (STATIC / "hienluong.js").exists()
    yield Finding("Tệp giao diện", there, "có" if there else "chưa dựng", mend)


def _parts(plan: Plan) -> Iterator[Finding]:
    """A running installation: each part lives and the web answers. One that does not run: its ports are free."""
    status = runlog.status_of(plan.state.path)
    if status.supervisor is None:
        yield from _ports(plan)
        return
    dead = [row["name"] for row in status.children if not row["alive"]]
    lately = time.time() - LATELY
    again = [row["name"] for row in status.children if row["restarts"] > RESTARTS and row["since"] > lately]
    words = f"đang chạy tại {status.url}"
    if dead or not status.children:
        words += f"; không sống: {', '.join(dead) or 'mọi phần'}"
    elif again:
        words += f"; chết đi sống lại: {', '.join(again)}"
    mend = f"Xem nhật ký trong {plan.state.path / 'log'}; rồi hienluong down; hienluong up"
    yield Finding("Hệ thống", status.healthy and not again, words, mend)
    addresses = dict.fromkeys((f"http://127.0.0.1:{plan.port}/song", f"{status.url}/song"))
    answering = next((address for address in addresses if answers(address)), None)
    yield Finding("Trang web", answering is not None, answering or f"không trả lời tại {' hay '.join(addresses)}", mend)


def _ports(plan: Plan) -> Iterator[Finding]:
    for name, port in plan.ports().items():
        busy = listens(port)
        mend = (
            "Tìm chương trình đang giữ cổng bằng `ss -ltnp` và dừng nó, hoặc chạy `hienluong up` với --port, "
            "--mail-port, --bank-port, --national-port, --vneid-port, --dvc-port, --axis-port, --csc-port, --agency-port, "
            "--ministries-port, --events-port, --mediator-port, --bus-port."
        )
        yield Finding(f"Cổng {port} ({name})", not busy, "có chương trình khác dùng" if busy else "trống", mend)
