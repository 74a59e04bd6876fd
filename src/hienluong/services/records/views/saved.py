"""Saved lists of a register: keep, rename, open first, throw away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from hienluong.foundation.identity import kept, officials, saved
from hienluong.foundation.identity.models import SavedView
from hienluong.foundation.identity.officials import actor_of

from .. import filtering, reading

PAGES: kept.Pages = {
    "records:save_view": ("records:records", ("code",)),
    "records:change_view": ("records:records", ("code",)),
}


def _page(code: str) -> str:
    return f"records:{code}"


def views_of(request: HttpRequest, code: str) -> list[SavedView]:
    """One's own saved lists of a register."""
    return saved.views_of(
        actor_of(request), _page(code), lambda view_id: reverse("records:change_view", args=(code, view_id))
    )


@require_POST
@officials.only(PAGES)
def save_view(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the present filters, columns and order under a name."""
    reading.register_for(actor_of(request), code)
    query = saved.keep_posted(request, _page(code), without=(filtering.AFTER,))
    return redirect(f"{reverse('records:records', args=(code,))}?{query or f'{saved.EVERYTHING}=1'}")


@require_POST
@officials.only(PAGES)
def change_view(request: HttpRequest, code: str, view_id: int) -> HttpResponse:
    """Rename a saved list, open the register with it, or throw it away."""
    reading.register_for(actor_of(request), code)
    saved.change_posted(request, _page(code), view_id)
    return redirect(f"{reverse('records:records', args=(code,))}?{saved.EVERYTHING}=1")
