"""Printed papers of work files: list of contents, minutes of handing over and of destroying."""

from __future__ import annotations

from hienluong.capabilities.signing.papers import render_pdf

from .models import Destruction, Handover, WorkFile


def contents_pdf(work_file: WorkFile) -> bytes:
    """Mục lục văn bản, tài liệu trong hồ sơ."""
    context = {
        "work_file": work_file,
        "items": work_file.items.select_related("document").order_by("position"),
        "agency": work_file.agency,
    }
    return render_pdf("workfiles/papers/contents.html", context, title=f"Mục lục hồ sơ {work_file.code}")


def handover_pdf(handover: Handover) -> bytes:
    """Biên bản giao nhận hồ sơ, tài liệu."""
    lines = handover.lines.select_related("work_file").order_by("work_file__code")
    context = {"handover": handover, "lines": lines, "agency": handover.agency}
    return render_pdf("workfiles/papers/handover.html", context, title=f"Biên bản giao nhận {handover}")


def destruction_pdf(destruction: Destruction) -> bytes:
    """Biên bản hủy hồ sơ, tài liệu hết giá trị."""
    lines = destruction.lines.select_related("work_file").order_by("work_file__code")
    context = {"destruction": destruction, "lines": lines, "agency": destruction.agency}
    return render_pdf("workfiles/papers/destruction.html", context, title=f"Biên bản hủy {destruction}")
