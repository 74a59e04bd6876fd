"""Who may enter the workplace, and the dossier an official asks for."""

from __future__ import annotations

from django.http import HttpRequest

from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.services.dossiers import access, lawful, loading
from hienluong.services.dossiers.models import Dossier

__all__ = ("account_of", "actor_of", "dossier_for", "officials_only")

#: Where somebody whose session ended comes back to, from the views that take posts only.
PAGES: kept.Pages = {
    "workplace:act": ("workplace:dossier", ("code",)),
    "workplace:take_cash": ("workplace:dossier", ("code",)),
    "workplace:save_view": ("workplace:inbox", ()),
    "workplace:change_view": ("workplace:inbox", ()),
    "workplace:keep_counter_draft": ("workplace:file_procedure", ("procedure",)),
    "workplace:discard_counter_draft": ("workplace:file", ()),
}


officials_only = officials.only(PAGES)


def account_of(request: HttpRequest) -> int:
    """The account of the signed-in official."""
    account = actor_of(request).account_id
    assert account is not None, "officials_only lets in signed-in people only"
    return account


def dossier_for(request: HttpRequest, code: str) -> Dossier:
    """The dossier with this code if this official may see it; otherwise it does not exist for them."""
    found = loading.by_code(code)
    if found is None or not access.decide_view(actor_of(request), found).allowed:
        raise NotFound("Không tìm thấy hồ sơ.")
    lawful.require_impartial(actor_of(request), found)  # internal notes are not for the person they are about
    return found
