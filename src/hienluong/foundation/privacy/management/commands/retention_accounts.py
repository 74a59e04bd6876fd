"""``hienluong retention``: accounts that nobody uses, and traces of signing in."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from hienluong.foundation.privacy import retention

_WORDS = {
    "accounts": "Tài khoản người dân không ai dùng",
    "traces": "Dấu vết đăng nhập (trình duyệt đã nhớ, phiên cũ)",
}


class Command(BaseCommand):
    """Say how long they are kept and how many are due; nothing is written."""

    help = "Thời hạn giữ tài khoản không dùng và dấu vết đăng nhập. Không ghi gì."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line each."""
        for line in retention.lines():
            kept = f"giữ {line.days} ngày, đến hạn: {line.due}" if line.days else "giữ mãi"
            self.stdout.write(f"{_WORDS[line.what]}: {kept}")
