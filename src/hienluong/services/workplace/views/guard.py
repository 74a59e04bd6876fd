"""Who may enter the workplace, and the dossier an official asks for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity import kept
from hienluong.services.dossiers import access, lawful, loading
from hienluong.services.dossiers.models import Dossier

View = Callable[..., HttpResponse]

#: Where somebody whose session ended comes back to, from the views that take posts only.
PAGES: kept.Pages = {
    "workplace:act": ("workplace:dossier", ("code",)),
    "workplace:take_cash": ("workplace:dossier", ("code",)),
    "workplace:save_view": ("workplace:inbox", ()),
    "workplace:change_view": ("workplace:inbox", ()),
    "workplace:keep_counter_draft": ("workplace:file_procedure", ("procedure",)),
    "workplace:discard_counter_draft": ("workplace:file", ()),
}


def officials_only(view: View) -> View:
    """Let in only accounts that hold a position or a role; strangers are sent to sign in."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return kept.sign_in_first(request, PAGES)
        if not actor_of(request).grants:
            raise NotAllowed("Trang này dành cho cán bộ, công chức.")
        return kept.remember(request, view(request, *args, **kwargs))

    return run


def actor_of(request: HttpRequest) -> Actor:
    """The acting person of this request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


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
