"""What the parts of a definition are called on the screen."""

from __future__ import annotations

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.services.procedures.kind_words import GROUPS, kind_label

__all__ = ["EVENTS", "GROUPS", "STANDINGS", "in_vietnamese", "kind_label"]

STANDINGS = {
    "responsible": _("Cán bộ cơ quan quản lý bản ghi"),
    "owner": _("Cán bộ cơ quan chủ quản"),
    "subject": _("Người có tên trong bản ghi"),
    "public": _("Mọi người"),
}
EVENTS = {
    "create": _("Thêm mới"),
    "change": _("Thay đổi"),
    "correct": _("Đính chính"),
    "end": _("Chấm dứt"),
    "void": _("Hủy bản ghi nhầm"),
}


def in_vietnamese(words: str | Promise) -> str:
    """Words of the screen as a definition keeps them: in Vietnamese, whatever language the builder reads."""
    with translation.override("vi"):
        return str(words)
