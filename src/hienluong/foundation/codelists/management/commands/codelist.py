"""``manage.py codelist check|install FILE …``: a new edition of a shared list, or a list of the province's own."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hienluong.foundation.actions import DomainError, system
from hienluong.foundation.codelists import queries, reading
from hienluong.foundation.codelists.actions import install


class Command(BaseCommand):
    """Check files of code lists against what is held, and install them."""

    help = "Kiểm tra (check), nạp (install) tệp danh mục dùng chung."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=("check", "install"))
        parser.add_argument("files", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        refused = sum(not self._one(options["verb"], path) for path in options["files"])
        if refused:
            raise CommandError(f"{refused} tệp có lỗi hoặc bị từ chối")

    def _one(self, verb: str, path: Path) -> bool:
        loaded = reading.load(path, elsewhere=queries.held_values)
        for fault in loaded.faults:
            self.stderr.write(str(fault))
        codes = sum(map(len, loaded.rows.values()))
        if verb == "check" or loaded.faults:
            self.stdout.write(f"{path.name}: {len(loaded.rows)} ấn bản, {codes} mã, {len(loaded.faults)} lỗi")
            return not loaded.faults
        try:
            done = install(system("Nạp danh mục dùng chung"), loaded=loaded)
        except DomainError as refusal:
            self.stderr.write(f"{path.name}: {refusal}")
            return False
        self.stdout.write(
            f"{path.name}: {len(done.new)} ấn bản mới, {len(done.changed)} thay đổi, {len(done.same)} như cũ"
        )
        return True
