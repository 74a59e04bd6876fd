"""``manage.py fill_catalogue``: trial entries up to the province's count of services."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from hienluong.foundation.actions import system
from hienluong.services.procedures import generator


class Command(BaseCommand):
    """Fill the catalogue for trying it at true size."""

    help = "Thêm mục thử cho đủ 1.978 dịch vụ công."

    def handle(self, *args: Any, **options: Any) -> None:
        number = generator.fill(system("Sinh mục thử"))
        self.stdout.write(f"{number} mục thử, tổng {generator.TOTAL}")
