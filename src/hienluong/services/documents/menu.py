"""Entries of the officials' navigation, and what their pages are for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import purposes
from hienluong.ui import navigation


def register_entries() -> None:
    """Hand the pages of documents over to the navigation."""
    purposes.register("documents.handling", _("Tiếp nhận, xử lý, phát hành văn bản"), "documents")
    for label, name, order in (
        (_("Văn bản đến"), "documents:inbox", 53),
        (_("Tìm văn bản"), "documents:search", 56),
    ):
        navigation.register("staff", label, url_name=name, order=order, group=_("Văn bản"), permission="documents.read")
    navigation.register(
        "staff",
        _("Hộp thư văn bản"),
        url_name="documents:mailbox",
        order=82,
        group=navigation.EXCHANGE,
        permission="documents.mailbox",
    )
