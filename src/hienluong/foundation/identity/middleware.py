"""Who is asking: a request id, the acting person with grants, the language."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from hienluong.foundation.schemas import references

from .queries import actor_for

#: What also works with a one-time password.
_OPEN = ("sign_out", "language", "theme")
Handler = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """Give each request an id that audit entries and log lines share."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class ActorMiddleware:
    """Set ``request.actor``, built when first needed."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: actor_for(request))  # type: ignore[attr-defined]
        with references.seen_by(request.actor):  # type: ignore[attr-defined]
            return self.get_response(request)


class LanguageMiddleware:
    """Vietnamese first; English when the person (or the cookie of a stranger) says so."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get("hl_language", "")
        if chosen not in {"vi", "en"}:
            chosen = getattr(request.user, "language", "vi") if "sessionid" in request.COOKIES else "vi"
        with translation.override(chosen):
            request.LANGUAGE_CODE = chosen
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        return response


class OneTimePasswordMiddleware:
    """With a one-time password, the only page is the one where another is chosen."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and getattr(request.user, "must_change_password", False):
            change = reverse("identity:change_password")
            if request.path not in {change, *(reverse(f"identity:{name}") for name in _OPEN)}:
                return HttpResponseRedirect(change)
        return self.get_response(request)
