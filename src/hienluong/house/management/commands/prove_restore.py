"""Prove a restored installation: audit chain and transparency log whole, every file there and unaltered."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hienluong.foundation.audit import chain
from hienluong.house import anchors

#: Modules with ``check()``: yields a fault for each content that is missing or altered.
INTEGRITY = ("hienluong.foundation.files.integrity",)


class Command(BaseCommand):
    """Exit code 1 with the faults when something is missing or altered; a line for each proof otherwise."""

    help = "Kiểm chứng một bản khôi phục."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--head-seq", type=int)
        parser.add_argument("--head-hash", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        seq = options["head_seq"]
        anchor = chain.Anchor(seq, bytes.fromhex(options["head_hash"])) if seq else None
        verdict = anchors.verify(*([anchor] if anchor else []))
        self._require("\n".join(words for _kind, words in verdict.faults))
        self.stdout.write(f"nhật ký kiểm toán nguyên vẹn, {verdict.rows} dòng, khớp {verdict.heads} dấu mốc đã ký")
        self.stdout.write(f"sổ minh bạch nguyên vẹn, {verdict.leaves} mục")
        for name in INTEGRITY:
            if find_spec(name):
                self._require("\n".join(map(str, import_module(name).check())))
                self.stdout.write("mọi tệp mà cơ sở dữ liệu nhắc đến đều có và đúng mã băm")

    def _require(self, faults: str) -> None:
        if faults:
            raise CommandError(faults[:5000])
