"""The door of the demo's timestamp authority."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

#: Longest question, in bytes.
MOST = 20_000


@csrf_exempt
@require_POST
def serve(request: HttpRequest) -> HttpResponse:
    """Our demo timestamp authority over HTTP (RFC 3161, 3.4)."""
    if request.content_type != "application/timestamp-query" or len(request.body) > MOST:
        return HttpResponse("application/timestamp-query expected", status=415, content_type="text/plain")
    from asn1crypto import tsp

    from .timestamping import our_authority

    try:
        query = tsp.TimeStampReq.load(request.body)
        answer = our_authority().request_tsa_response(query)
    except (ValueError, TypeError, KeyError):
        return HttpResponse("malformed timestamp request", status=400, content_type="text/plain")
    return HttpResponse(answer.dump(), content_type="application/timestamp-reply")
