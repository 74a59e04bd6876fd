"""What a session must still be: not too old, not long unused, and of an official opened with a second factor."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from hienluong.foundation.identity.models import Account

from . import factors, steps

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
#: How long, in seconds, a use of a session may go unwritten: one write in five minutes, not one a page.
_WRITTEN_EVERY = 5 * 60
Handler = Callable[[HttpRequest], HttpResponse]


class SessionAgeMiddleware:
    """Sign a session out that was not used for a while, or that was opened long ago (settings ``SESSION_IDLE``, ``SESSION_LASTS``).

    What was typed meanwhile is kept by ``identity.kept``. Only sessions that a sign-in opened have an age.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and (age := steps.age_of(request)):
            if age.is_over:
                logout(request)  # the signal tells the systems that the session was carried on to
            elif age.unseen > _WRITTEN_EVERY:
                steps.seen(request)
        return self.get_response(request)


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
