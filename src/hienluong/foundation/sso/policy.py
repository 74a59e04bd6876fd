"""A form whose answer leads, over our own redirects, to a system: browsers ask ``form-action`` about the whole way.

So the pages on the way to one system name the address of that one system, and no other.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from csp.constants import SELF
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from . import addresses, leaving, questions
from .models import PushedRequest

Handler = Callable[[HttpRequest], HttpResponse]
_PAGES = ("sso:authorize", "sso:logout", "identity:sign_in", "signin:passkey", "signin:confirm", "mfa_authenticate")


class FormActionMiddleware:
    """Let the forms of signing in and out end where the system that asked is registered to be answered."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        html = response.status_code not in (301, 302, 303) and response.get("Content-Type", "").startswith("text/html")
        if html and request.path in {reverse(name) for name in _PAGES} and (end := _end_of(request)):
            response._csp_update = {"form-action": [SELF, end]}  # type: ignore[attr-defined]  # django-csp's name
        return response


def _end_of(request: HttpRequest) -> str:
    """The source that may be the end of the way from this page; empty when it leads to no system."""
    told = {name: value for name, value in [*request.GET.items(), *request.POST.items()] if isinstance(value, str)}
    if request.path == reverse("sso:logout"):
        client = leaving.asked_by(told)[0]
        return _registered(client.pk if client else "", told.get("post_logout_redirect_uri", ""), logout=True)
    if request.path != reverse("sso:authorize"):
        stashed = request.session.get("account_login") or {}
        wanted = told.get("next") or stashed.get("redirect_url") or ""
        parts = urlsplit(wanted)
        if parts.path != reverse("sso:authorize"):
            return ""
        told = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    named, uri = told.get("client_id", ""), told.get("redirect_uri", "")
    if "request_uri" in told and "\0" not in f"{named}{told['request_uri']}":
        reference = told["request_uri"].rpartition(":")[2]
        pushed = PushedRequest.objects.filter(reference=reference, client_id=named).first()
        uri = str(pushed.params.get("redirect_uri", "")) if pushed else ""
    return _registered(named, uri)


def _registered(client: str, uri: str, *, logout: bool = False) -> str:
    system = questions.client(client)
    if system is None:
        return ""
    held = system.get_post_logout_redirect_uris() if logout else system.get_redirect_uris()
    if not addresses.allowed(uri, held):
        return ""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
