"""Which pages of other sites may read our answers: those of the applications that run in a browser and are registered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from . import addresses
from .models import System

View = Callable[..., HttpResponse]
#: Seconds for which a browser need not ask again.
_ASKED_FOR = "600"


def open_to_applications(view: View) -> View:
    """Let scripts of registered applications call this endpoint (CORS), without cookies and from nowhere else."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        origin = request.headers.get("Origin", "")
        asking = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=204) if asking else view(request, *args, **kwargs)
        patch_vary_headers(response, ("Origin",))
        if origin and registered(origin):
            response["Access-Control-Allow-Origin"] = origin
            response["Access-Control-Expose-Headers"] = "WWW-Authenticate"
            if asking:
                response["Access-Control-Allow-Methods"] = "GET, POST"
                response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
                response["Access-Control-Max-Age"] = _ASKED_FOR
        return response

    return answered


def registered(origin: str) -> bool:
    """Whether an application without a secret is answered at an address of this origin (RFC 6454)."""
    try:
        parts = urlsplit(origin)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("https", "http") or not host or parts.path or parts.query or parts.fragment:
        return False
    held = System.objects.filter(proof=System.Proof.NONE, disabled_at=None, client__redirect_uris__contains=host)
    return any(
        addresses.same_origin(origin, uri)
        for system in held.select_related("client")
        for uri in system.client.get_redirect_uris()
    )
