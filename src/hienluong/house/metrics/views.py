"""`/metrics`, in the text format of Prometheus or as OpenMetrics, whichever is asked for.

Closed unless ``HIENLUONG_METRICS_TOKEN`` is set, and then open to whoever has it and comes from one of the networks of
``HIENLUONG_METRICS_NETWORKS``. There is nothing of any person in it: codes of services, agreements, organisations and parts of
the installation, and counts.
"""

from __future__ import annotations

import hmac
import ipaddress

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

PLAIN = "text/plain; charset=utf-8"


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """All figures as they are now; 401 without the token, 503 while the database does not answer."""
    if not _may(request):
        answer = HttpResponse("a token is needed\n", status=401, content_type=PLAIN)
        answer["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return _not_kept(answer)
    from . import exposition  # with what it stands on: only where somebody asks

    try:
        content, kind = exposition.made(request.headers.get("Accept", ""), timezone.now())
    except (OperationalError, InterfaceError):
        return _not_kept(HttpResponse("the database does not answer\n", status=503, content_type=PLAIN))
    return _not_kept(HttpResponse(content, content_type=kind))


def _may(request: HttpRequest) -> bool:
    """Whether there is a token, and this request has it and comes from where it may."""
    kind, _space, told = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    if not wanted or kind.lower() != "bearer" or not hmac.compare_digest(told.strip().encode(), wanted.encode()):
        return False
    try:
        address = ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in settings.METRICS_NETWORKS)


def _not_kept(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer
