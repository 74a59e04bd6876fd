"""``manage.py retention``: what each register clears after how long, and of how many records it is due today."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from hienluong.capabilities.registers import disposing
from hienluong.capabilities.registers.actions import all_on
from hienluong.foundation.schemas.properties import label_of


class Command(BaseCommand):
    """Say what the nightly job would clear; nothing is written."""

    help = "Thời hạn lưu của từng cơ sở dữ liệu, và đêm nay xóa dữ liệu của bao nhiêu bản ghi. Không ghi gì."

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        for register, spec in all_on(today):
            kept, terms = spec.retention, disposing.terms_of(register, today)
            if terms is None:
                said = f"lưu {kept.years} năm, chưa nói xóa gì: không xóa" if kept.years else "lưu vĩnh viễn"
                self.stdout.write(f"{register.code}: {said}")
                continue
            due = disposing.count(register, terms, today)
            names = ", ".join(label_of(name, spec.fields.get(name, {})) for name in terms.fields)
            basis = f" ({kept.legal_basis})" if kept.legal_basis else ""
            self.stdout.write(
                f"{register.code}: lưu {terms.years} năm{basis}, rồi xóa: {names}. Đến hạn hôm nay: {due} bản ghi"
            )
