"""Pages for officials only: whoever else comes is sent to sign in, or refused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed

from . import kept

View = Callable[..., HttpResponseBase]


def actor_of(request: HttpRequest) -> Actor:
    """The acting person of this request."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def only(pages: kept.Pages | None = None) -> Callable[[View], View]:
    """Let in only accounts that hold a position or a role.

    `pages` says where somebody whose session ended comes back to, from the views that take posts only.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return kept.sign_in_first(request, pages or {})
            if not actor_of(request).grants:
                raise NotAllowed(_("Trang này dành cho cán bộ, công chức."))
            return kept.remember(request, view(request, *args, **kwargs))

        return run

    return decorate
