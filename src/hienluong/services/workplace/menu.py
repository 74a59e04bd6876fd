"""Entries of the officials' navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hienluong.ui import navigation


def register_entries() -> None:
    """Hand the workplace's pages over to the navigation."""
    entry = navigation.register
    entry("account", _("Bàn làm việc"), url_name="workplace:inbox", order=10, visible=_is_official)
    entry("staff", _("Việc cần làm"), url_name="workplace:inbox", order=10)
    entry("staff", _("Tra cứu hồ sơ"), url_name="workplace:search", order=20, permission="dossiers.view")
    entry("staff", _("Lập hồ sơ tại quầy"), url_name="workplace:file", order=30, permission="dossiers.file_at_counter")
    entry("staff", _("Trả kết quả"), url_name="workplace:to_return", order=40, permission="dossiers.return_result")
    entry("staff", _("Sổ theo dõi hồ sơ"), url_name="workplace:register", order=50, permission="dossiers.receive")


def _is_official(request: HttpRequest) -> bool:
    actor = getattr(request, "actor", None)
    return bool(actor and actor.grants)
