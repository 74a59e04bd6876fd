"""The database: version, extensions, its clock, and what waits in it for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg

from hienluong.house import runlog
from hienluong.house.children import Plan
from hienluong.house.failures.counts import count

from . import clock
from .finding import Finding

EXTENSIONS = frozenset({"btree_gist", "fuzzystrmatch", "pg_trgm", "unaccent"})
OLDEST_SERVER = 15
#: How long the log may go on without a signed head: it is signed every hour.
UNSIGNED = timedelta(hours=3)


def examine(plan: Plan) -> Iterator[Finding]:
    """The server named, or the embedded one when it runs."""
    if not plan.external_database and runlog.supervisor_of(plan.state.path) is None:
        yield Finding("Cơ sở dữ liệu", True, "bản nhúng, sẽ khởi động cùng `hienluong up`")
        return
    try:
        with psycopg.connect(plan.database_url, connect_timeout=5) as connection:
            yield from _server(connection)
            yield from _clock(connection)
            yield from _waiting(connection)
            yield from _signed(plan, connection)
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


def _clock(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    before = datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    after = datetime.now(UTC)
    if row and isinstance(row[0], datetime):
        yield clock.beside("máy chủ cơ sở dữ liệu", before + (after - before) / 2 - row[0])
    yield clock.against("dòng nhật ký cuối cùng", datetime.now(UTC), last_entry(connection))


def last_entry(connection: psycopg.Connection[tuple[object, ...]]) -> datetime | None:
    """When the last row of the audit log was written."""
    there = connection.execute("SELECT to_regclass('audit_entry')").fetchone()
    if not there or not there[0]:
        return None
    row = connection.execute("SELECT at FROM audit_entry ORDER BY seq DESC LIMIT 1").fetchone()
    return row[0] if row and isinstance(row[0], datetime) else None


def _waiting(connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    found = count(connection)
    if found is None:
        yield Finding("Việc nền, sự kiện, tin nhắn", True, "chưa có dữ liệu")
        return
    page = "Mở trang /quan-tri/viec-hong bằng tài khoản quản trị: xem lý do, sửa nguyên nhân rồi cho thử lại."
    yield Finding(
        "Sự kiện",
        not found.events_given_up,
        f"{found.events_given_up} đã thôi thử, {found.events_failing} đang thử lại",
        page,
    )
    yield Finding("Tin nhắn, thư", not found.deliveries_failed, f"{found.deliveries_failed} không gửi được", page)
    yield Finding("Việc nền", not found.jobs_failed, f"{found.jobs_failed} đã hỏng", page)
    yield Finding(
        "Sự kiện ra ngoài",
        not found.webhooks_given_up,
        f"{found.webhooks_given_up} chưa giao được, {found.leaving_late} chờ máy chủ sự kiện",
        "Mở trang /quan-tri/su-kien/chua-giao: xem lý do, báo cơ quan nhận, rồi gửi lại hoặc bỏ qua.",
    )
    late = found.events_late + found.jobs_late
    mend = "Tiến trình worker không kịp làm: xem `hienluong status` và log/worker.log; khởi động lại nếu nó treo."
    yield Finding("Việc đang chờ quá lâu", not late, f"{found.events_late} sự kiện, {found.jobs_late} việc nền", mend)


def _signed(plan: Plan, connection: psycopg.Connection[tuple[object, ...]]) -> Iterator[Finding]:
    """Whether the head of the audit log is still signed every hour."""
    last = last_entry(connection)
    if last is None:
        return
    file = plan.state.path / "anchors" / "audit.jsonl"
    signed = datetime.fromtimestamp(file.stat().st_mtime, UTC) if file.exists() else None
    row = connection.execute("SELECT at FROM audit_entry ORDER BY seq LIMIT 1").fetchone()
    begun = row[0] if row and isinstance(row[0], datetime) else last
    late = last - (signed or begun) > UNSIGNED
    words = f"mới nhất {signed.astimezone():%H:%M %d/%m/%Y}" if signed else "chưa có"
    mend = "Việc nền house.anchor_audit_log không chạy: xem log/worker.log, khởi động lại worker."
    yield Finding("Dấu mốc nhật ký kiểm toán", not late, words, mend)
