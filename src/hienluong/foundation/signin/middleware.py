"""Officials who have not shown a second factor can do nothing but add one."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from hienluong.foundation.identity.models import Account

from . import factors

#: What is open before: adding a factor, proving who is there, signing out, one's own choices.
_OPEN = (
    "signin:security",
    "signin:confirm",
    "signin:add_passkey",
    "signin:codes_app",
    "signin:recovery_codes",
    "identity:sign_out",
    "identity:language",
    "identity:theme",
    "identity:change_password",
)
Handler = Callable[[HttpRequest], HttpResponse]


class SecondFactorMiddleware:
    """Send an official whose session was opened with a password alone to the page where a factor is added."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_add_one(request) and request.path not in {reverse(name) for name in _OPEN}:
            return HttpResponseRedirect(reverse("signin:security"))
        return self.get_response(request)

    def _must_add_one(self, request: HttpRequest) -> bool:
        if settings.SECOND_FACTOR == "nobody" or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return False
        account = request.user
        return isinstance(account, Account) and factors.needed_by(account) and not factors.used(request)
