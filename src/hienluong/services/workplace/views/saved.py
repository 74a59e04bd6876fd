"""Saved filters of the inbox: keep, rename, open first, throw away."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from hienluong.foundation.identity import saved

from .guard import officials_only

#: The list whose filters are kept.
INBOX = "workplace:inbox"


@require_POST
@officials_only
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filters under a name."""
    query = saved.keep_posted(request, INBOX, without=("page",))
    return redirect(f"{reverse(INBOX)}?{query}")


@require_POST
@officials_only
def change_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename saved filters, open them first, or throw them away."""
    saved.change_posted(request, INBOX, view_id)
    return redirect(f"{reverse(INBOX)}?{saved.EVERYTHING}=1")
