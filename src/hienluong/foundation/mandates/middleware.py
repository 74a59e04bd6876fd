"""``request.acting_for``: for whom the person works just now, or None."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from . import acting

Handler = Callable[[HttpRequest], HttpResponse]


class ActingForMiddleware:
    """Read what the session chose; a right that ended is left at once, and the person told."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.acting_for = None  # type: ignore[attr-defined]
        if settings.SESSION_COOKIE_NAME in request.COOKIES and acting.SESSION in request.session:
            request.acting_for = acting.of_session(request)  # type: ignore[attr-defined]
            if request.acting_for is None:  # type: ignore[attr-defined]
                del request.session[acting.SESSION]
                messages.warning(
                    request, _("Bạn không còn đại diện cho doanh nghiệp đó. Từ giờ bạn làm cho chính mình.")
                )
        return self.get_response(request)
