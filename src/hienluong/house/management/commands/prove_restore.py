"""Prove a restored installation: audit chain and transparency log whole, every file there and unaltered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hienluong.foundation.audit import chain
from hienluong.foundation.files import integrity
from hienluong.foundation.files.models import Blob
from hienluong.house import anchors


class Command(BaseCommand):
    """Exit code 1 with the faults when something is missing or altered; a line for each proof otherwise."""

    help = "Kiểm chứng một bản khôi phục."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--head-seq", type=int)
        parser.add_argument("--head-hash", default="")
        parser.add_argument("--lost", default="", help="Tệp liệt kê các nội dung đã mất từ trước khi sao lưu.")

    def handle(self, *args: Any, **options: Any) -> None:
        seq = options["head_seq"]
        anchor = chain.Anchor(seq, bytes.fromhex(options["head_hash"])) if seq else None
        verdict = anchors.verify(*([anchor] if anchor else []))
        self._require("\n".join(words for _kind, words in verdict.faults))
        self.stdout.write(f"nhật ký kiểm toán nguyên vẹn, {verdict.rows} dòng, khớp {verdict.heads} dấu mốc đã ký")
        self.stdout.write(f"sổ minh bạch nguyên vẹn, {verdict.leaves} mục")
        lost = frozenset(Path(options["lost"]).read_text().split()) if options["lost"] else frozenset()
        faults = list(integrity.check())
        self._require("\n".join(str(fault) for fault in faults if fault.sha256 not in lost))
        self.stdout.write(
            f"mọi tệp mà cơ sở dữ liệu nhắc đến đều có và đúng mã băm: {Blob.objects.count() - len(faults)}"
        )
        if faults:
            self.stdout.write(f"trừ {len(faults)} tệp đã mất từ trước khi sao lưu")

    def _require(self, faults: str) -> None:
        if faults:
            raise CommandError(faults[:5000])
