"""Who may enter, and the dossier a person asks for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity import kept
from hienluong.foundation.mandates import acting
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import access
from hienluong.services.dossiers.models import Dossier

View = Callable[..., HttpResponse]

#: Where somebody whose session ended comes back to, from the views that take posts only.
PAGES: kept.Pages = {"portal:discard": ("portal:mine", ())}


def actor_of(request: HttpRequest) -> Actor:
    """The acting person of this request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def account_of(request: HttpRequest) -> int:
    """The account of the signed-in person."""
    account = actor_of(request).account_id
    assert account is not None, "people_only lets in signed-in people only"
    return account


def party_of(request: HttpRequest) -> Party:
    """The signed-in person."""
    return Party.objects.get(account__pk=account_of(request))


def people_only(view: View) -> View:
    """Let in people with a party; a stranger signs in first and finds what was typed again afterwards."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return kept.sign_in_first(request, PAGES)
        if actor_of(request).party_id is None:
            raise NotAllowed(
                _("Tài khoản này là tài khoản cán bộ. Hãy đăng nhập bằng tài khoản công dân để nộp hồ sơ.")
            )
        return kept.remember(request, view(request, *args, **kwargs))

    return run


def kept_data(request: HttpRequest) -> QueryDict | None:
    """What was typed into this page before the session ended, once."""
    found = kept.take(request)
    return found.data if found else None


def own_dossier(request: HttpRequest, code: str) -> Dossier:
    """The person's own dossier; anyone else's does not exist."""
    found = (
        Dossier.objects.select_related(
            "procedure_version",
            "rule_set",
            "subject",
            "filer",
            "competent",
            "handling",
            "received_at_org",
            "process__model",
        )
        .filter(code=code)
        .first()
    )
    if found is None or not access.is_own(actor_of(request), found):
        raise NotFound(_("Không tìm thấy hồ sơ."))
    acting.shown(request, found.subject)
    return found
