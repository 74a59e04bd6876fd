"""What can be wrong with a machine or an installation, and how to mend it."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from . import runlog
from .children import Plan, listens

FREE_BYTES = 2_000_000_000
#: Libraries that print papers, and the Debian package of each.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
EXTENSIONS = frozenset({"btree_gist", "pg_trgm", "unaccent"})
OLDEST_SERVER = 15
STATIC = Path(__file__).resolve().parent.parent / "ui" / "static" / "ui" / "dist"
#: The clock cannot be before the day this was written.
WRITTEN = datetime(2025, 7, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do when it is not right. Optional ones do not count as faults."""

    subject: str
    ok: bool
    found: str
    mend: str = ""
    optional: bool = False


def examine(plan: Plan) -> list[Finding]:
    """Look at everything; nothing is changed."""
    return [
        _python(),
        _disk(plan),
        *_libraries(),
        *_assets(),
        *_ports(plan),
        *_database(plan),
        _mail(plan),
        _scanner(),
    ]


def _python() -> Finding:
    number = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    return Finding("Python", good, number, "Cần Python 3.11 đến 3.13: apt-get install python3.11")


def _disk(plan: Plan) -> Finding:
    folder = next(place for place in (plan.state.path, *plan.state.path.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    mend = (
        f"Cần ít nhất {FREE_BYTES / 1e9:.0f} GB trống cho {plan.state.path}: dời bản sao lưu cũ đi, hoặc gắn thêm đĩa."
    )
    return Finding("Đĩa", free >= FREE_BYTES, f"còn {free / 1e9:.1f} GB", mend)


def clock(now: datetime, last_known: datetime | None) -> Finding:
    """Whether the clock can be right: not before this product, nor before what the audit log has seen."""
    limit = max(WRITTEN, last_known or WRITTEN) - timedelta(minutes=2)
    words = now.astimezone().strftime("%H:%M:%S %d/%m/%Y")
    if now < limit:
        words += f", sớm hơn dòng nhật ký cuối cùng ({limit.astimezone():%H:%M:%S %d/%m/%Y})"
    mend = "Đặt lại giờ và bật đồng bộ: apt-get install systemd-timesyncd && timedatectl set-ntp true"
    return Finding("Đồng hồ", now >= limit, words, mend)


def _libraries() -> Iterator[Finding]:
    for name, package in LIBRARIES.items():
        try:
            ctypes.CDLL(name)
            yield Finding(f"Thư viện in giấy tờ {name}", True, "có")
        except OSError:
            yield Finding(f"Thư viện in giấy tờ {name}", False, "thiếu", f"apt-get install {package}")


def _assets() -> Iterator[Finding]:
    mend = "Chạy `make build` để dựng lại giao diện."
    fonts = sorted((STATIC / "fonts").glob("be-vietnam-pro-vietnamese-*.woff2"))
    yield Finding("Phông chữ Be Vietnam Pro", len(fonts) >= 2, f"{len(fonts)} tệp tiếng Việt", mend)
    there = (STATIC / "hienluong.css").exists() and (STATIC / "hienluong.js").exists()
    yield Finding("Tệp giao diện", there, "có" if there else "chưa dựng", mend)


def _ports(plan: Plan) -> Iterator[Finding]:
    status = runlog.status_of(plan.state.path)
    if status.supervisor is not None:
        good = status.healthy and status.url == plan.url and listens(plan.port)
        yield Finding(
            "Hệ thống", good or status.url != plan.url, f"đang chạy tại {status.url}", "hienluong down; hienluong up"
        )
        return
    for name, port in plan.ports().items():
        busy = listens(port)
        mend = "Tìm chương trình đang giữ cổng bằng `ss -ltnp` và dừng nó, hoặc chạy `hienluong up` với --port, --mail-port."
        yield Finding(f"Cổng {port} ({name})", not busy, "có chương trình khác dùng" if busy else "trống", mend)


def _database(plan: Plan) -> Iterator[Finding]:
    if not plan.external_database and runlog.supervisor_of(plan.state.path) is None:
        yield clock(datetime.now(UTC), None)
        yield Finding("Cơ sở dữ liệu", True, "bản nhúng, sẽ khởi động cùng `hienluong up`")
        return
    try:
        with psycopg.connect(plan.database_url, connect_timeout=5) as connection:
            yield from _server(connection)
    except psycopg.OperationalError as error:
        mend = "Kiểm tra DATABASE_URL, mạng và mật khẩu. Với bản nhúng, xem log/postgres.log."
        yield Finding("Cơ sở dữ liệu", False, str(error).strip().splitlines()[0], mend)


def _server(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    number = connection.info.server_version // 10000
    yield Finding("PostgreSQL", number >= OLDEST_SERVER, f"phiên bản {number}", "Nâng PostgreSQL lên bản 15 trở lên.")
    names = {str(row[0]) for row in connection.execute("SELECT name FROM pg_available_extensions")}
    missing = sorted(EXTENSIONS - names)
    mend = "Cài gói contrib của máy chủ cơ sở dữ liệu: apt-get install postgresql-contrib"
    yield Finding("Phần mở rộng PostgreSQL", not missing, f"thiếu {', '.join(missing)}" if missing else "đủ", mend)
    last = None
    there = connection.execute("SELECT to_regclass('audit_entry')").fetchone()
    if there and there[0]:
        row = connection.execute("SELECT max(at) FROM audit_entry").fetchone()
        last = row[0] if row and isinstance(row[0], datetime) else None
    yield clock(datetime.now(UTC), last)


def _mail(plan: Plan) -> Finding:
    if plan.catches_mail:
        mend = "Để gửi thư thật, đặt HIENLUONG_SMTP_HOST và HIENLUONG_SMTP_PORT."
        return Finding("Thư điện tử", False, "chỉ vào hộp thư thử trên máy này", mend, optional=True)
    host, port = os.environ["HIENLUONG_SMTP_HOST"], int(os.environ.get("HIENLUONG_SMTP_PORT", "25"))
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        return Finding("Thư điện tử", False, f"{host}:{port}: {error}", "Kiểm tra máy chủ thư, cổng và tường lửa.")
    return Finding("Thư điện tử", True, f"{host}:{port}")


def _scanner() -> Finding:
    where = os.environ.get("HIENLUONG_CLAMD", "")
    mend = "apt-get install clamav-daemon; rồi đặt HIENLUONG_CLAMD=unix:/run/clamav/clamd.ctl"
    return Finding("Quét mã độc (ClamAV)", bool(where), where or "chưa cấu hình", mend, optional=True)
