"""The page that says what the log is for; its JSON is in :mod:`.api`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from . import log
from .models import LogEntry


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What the log is, for a lay person."""
    recent = LogEntry.objects.order_by("-index")[:20]
    return render(request, "transparency/page.html", {"head": log.tree_head(), "recent": recent})
