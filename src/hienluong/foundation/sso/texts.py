"""Parameters of the protocol are text that can be kept (RFC 6749, appendix A: the signs from space to tilde)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse

View = Callable[..., HttpResponse]
NUL = "\x00"


def without_nul(view: View) -> View:
    """Refuse parameters with a NUL, which no text of the database can hold, with the error of the standard."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _has_nul(request):
            told = {"error": "invalid_request", "error_description": "A parameter holds a NUL."}
            return JsonResponse(told, status=400)
        return view(request, *args, **kwargs)

    return answered


def page_without_nul(view: View) -> View:
    """The same where a person is sent to: the page for what is wrong (BadRequest)."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _has_nul(request):
            raise BadRequest("a parameter holds a NUL")
        return view(request, *args, **kwargs)

    return answered


def _has_nul(request: HttpRequest) -> bool:
    return any(
        NUL in text
        for data in (request.GET, request.POST)
        for name, values in data.lists()
        for text in (name, *(value for value in values if isinstance(value, str)))
    )
