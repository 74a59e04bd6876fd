"""Watching over the bus: who calls whom, how well, how near the quotas, how fresh the sources are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.events.models import Event
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import page_of
from hienluong.services.adapters import standing
from hienluong.ui import asked, money

from .. import alerting, drawing, usage, watching
from ..models import Alert
from .catalogue import crumbs, entering, tabs

#: The most lines of one table; the busiest come first.
MOST = 50
#: Alerts on one page.
PER_PAGE = 30
#: Days that may be looked at together, by what stands in the address; the first without being asked for.
DAYS = {"hom-nay": 1, "7-ngay": 7, "30-ngay": 30}


@require_GET
@officials.only()
def show(request: HttpRequest) -> HttpResponse:
    """All that may be seen of today, 7 or 30 days (`ky`): pairs, operations, agreements with quotas, freshness."""
    actor = entering(request)
    scope = watching.scope_of(actor)
    wanted = asked.text(request, "ky", 10)
    period = wanted if wanted in DAYS else next(iter(DAYS))
    today = timezone.localdate()
    since = today - timedelta(days=DAYS[period] - 1)
    found = watching.picture(scope, since, today)
    fresh = watching.freshness(scope)
    context = {
        "open_alerts": alerting.visible(actor).filter(closed_at=None).count(),
        "found": found,
        "drawing": drawing.flows(found.pairs),
        "drawn": drawing.MOST,
        "pairs": found.pairs[:MOST],
        "operations": found.operations[:MOST],
        "agreements": found.agreements[:MOST],
        "fresh": fresh[:MOST],
        "most": MOST,
        "cut": [
            (title, count)
            for title, count in (
                (_("Cơ quan gọi nhau"), len(found.pairs)),
                (_("Thao tác"), len(found.operations)),
                (_("Thỏa thuận"), len(found.agreements)),
                (_("Nguồn dữ liệu"), len(fresh)),
            )
            if count > MOST
        ],
        "bounds": ", ".join(money.grouped(bound) for bound in usage.BOUNDS),
        "systems": standing.of_all() if scope.whole else [],
        "events": _events() if scope.whole else None,
        "whole": scope.whole,
        "since": since,
        "today": today,
        "periods": _periods(period),
        "gateway": settings.BUS_URL,
        "tabs": tabs(actor, "watch"),
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((_("Theo dõi"), ""))],
    }
    return render(request, "bus/watch.html", context)


@require_GET
@officials.only()
def alerts(request: HttpRequest) -> HttpResponse:
    """The alerts of what one may watch: those that are open, and the past ones a page at a time."""
    actor = entering(request)
    found = alerting.visible(actor).select_related("provider", "consumer")
    page = page_of(request, found.exclude(closed_at=None), PER_PAGE)
    context = {
        "open": [_alert(one) for one in found.filter(closed_at=None)[:MOST]],
        "past": [_alert(one) for one in page.object_list],
        "page": page,
        "limits": settings.BUS_ALERTS,
        "near": alerting.NEAR,
        "tabs": tabs(actor, "alerts"),
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((_("Cảnh báo"), ""))],
    }
    return render(request, "bus/alerts.html", context)


def _alert(one: Alert) -> dict[str, Any]:
    places = [place.name for place in (one.provider, one.consumer) if place]
    return {"one": one, "words": alerting.words(one), "href": alerting.href_of(one), "places": ", ".join(places)}


def _periods(current: str) -> list[dict[str, Any]]:
    labels = {"hom-nay": _("Hôm nay"), "7-ngay": _("7 ngày"), "30-ngay": _("30 ngày")}
    base = reverse("bus:watch")
    return [{"label": labels[key], "href": f"{base}?ky={key}", "current": key == current} for key in DAYS]


def _events() -> dict[str, Any]:
    """The last event of the house, and what is still to be told outside. Two queries."""
    leaving = Event.objects.filter(leaving=True)
    oldest = leaving.order_by("pk").values_list("occurred_at", flat=True).first()
    return {
        "last": Event.objects.order_by("-pk").values_list("occurred_at", flat=True).first(),
        "waiting": leaving.count() if oldest else 0,
        "oldest": oldest,
    }
