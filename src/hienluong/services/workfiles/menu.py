"""Entries of the officials' navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.ui import navigation


def register_entries() -> None:
    """Hand the pages of work files over to the navigation."""
    purposes.register("workfiles.keeping", _("Lập hồ sơ công việc, nộp lưu trữ"), "workfiles")
    navigation.register(
        "staff",
        _("Hồ sơ công việc"),
        url_name="workfiles:files",
        order=59,
        group=_("Văn bản"),
        permission="documents.read",
    )
