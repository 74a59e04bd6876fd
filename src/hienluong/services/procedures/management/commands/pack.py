"""``manage.py pack check|diff|install [DIR …]``: without a folder, the packs that come with the product."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hienluong.foundation.actions import DomainError, system
from hienluong.foundation.codelists import shipped
from hienluong.services.procedures import installing, packs, rules


class Command(BaseCommand):
    """Check, compare and install packs."""

    help = "Kiểm tra (check), so sánh (diff), cài (install) các gói thủ tục."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=("check", "diff", "install"))
        parser.add_argument("folders", nargs="*", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folders = options["folders"] or packs.shipped_folders()
        if options["verb"] == "install":
            rules.load()
            self._lists()
        faulty = sum(self._one(options["verb"], folder) for folder in folders)
        if faulty:
            raise CommandError(f"{faulty} gói có lỗi hoặc có tệp bị từ chối")

    def _lists(self) -> None:
        try:
            shipped.install_all(system("Cài gói thủ tục"))
        except DomainError as refusal:
            raise CommandError(f"danh mục dùng chung: {refusal}") from refusal

    def _one(self, verb: str, folder: Path) -> bool:
        pack = packs.load(folder)
        for fault in pack.faults:
            self.stderr.write(f"{folder}/{fault}")
        for note in pack.notes if verb == "check" else ():
            self.stdout.write(f"{folder}/{note}")
        if verb == "check" or pack.faults:
            self.stdout.write(f"{pack.name}: {len(pack.procedures)} thủ tục, {len(pack.faults)} lỗi")
            return bool(pack.faults)
        if verb == "diff":
            self._show_differences(pack)
            return False
        try:
            done = installing.install(system("Cài gói thủ tục"), pack)
        except DomainError as refusal:
            self.stderr.write(f"{pack.name}: {refusal}")
            return True
        self.stdout.write(f"{pack.name}: {len(done.new)} mới, {len(done.changed)} thay đổi, {len(done.same)} như cũ")
        for file, reason in done.refused:
            self.stderr.write(f"{folder}/{file}: {reason}")
        return bool(done.refused)

    def _show_differences(self, pack: packs.Pack) -> None:
        for difference in installing.diff(pack):
            if difference.kind != "same":
                self.stdout.write(f"{pack.name}/{difference.file}: {'mới' if difference.kind == 'new' else 'thay đổi'}")
            for path, before, after in difference.changes:
                self.stdout.write(f"    {path}: {_short(before)} → {_short(after)}")


def _short(value: object) -> str:
    text = "(không có)" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "…"
