"""The ground of maps for browsers, for everybody: it says nothing about anyone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from . import ground

#: How long a browser need not ask again (seconds): boundaries change once in years.
FRESH_FOR = 86_400


@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """Outlines and names of communes as JSON, with an ETag."""
    found = ground.sheet()
    if request.headers.get("If-None-Match") == found.tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(found.text, content_type="application/json")
    response["ETag"] = found.tag
    response["Cache-Control"] = f"public, max-age={FRESH_FOR}"
    return response
