"""The list of notifications, and the number on the bell."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from hienluong.foundation.identity.models import Account

from .actions import mark_read
from .models import Notification


@require_GET
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """What I was told, newest first."""
    rows = Notification.objects.filter(account_id=request.user.pk or 0).order_by("-created_at")
    unread = rows.filter(read_at__isnull=True).count()
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "notifications/index.html", {"page": page, "unread": unread})


@require_POST
@login_required
def read(request: HttpRequest) -> HttpResponse:
    """I have read everything."""
    assert isinstance(request.user, Account)
    mark_read(request.actor, account=request.user)  # type: ignore[attr-defined]
    return redirect("notifications:index")
