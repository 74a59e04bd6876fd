"""``manage.py anchor_audit``: sign the head of the audit log now; a backup calls it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from hienluong.house import anchors


class Command(BaseCommand):
    """Nothing is written when nothing happened since the last one."""

    help = "Ký và lưu dấu mốc của nhật ký kiểm toán."

    def handle(self, *args: Any, **options: Any) -> None:
        anchors.take()
