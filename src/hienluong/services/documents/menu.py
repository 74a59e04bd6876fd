"""Entries of the officials' navigation, and what their pages are for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.ui import navigation


def register_entries() -> None:
    """Hand the pages of documents over to the navigation."""
    purposes.register("documents.handling", _("Tiếp nhận, xử lý, phát hành văn bản"), "documents")
    navigation.register("staff", _("Văn bản đến"), url_name="documents:inbox", order=5, permission="documents.read")
    navigation.register("staff", _("Tìm văn bản"), url_name="documents:search", order=8, permission="documents.read")
