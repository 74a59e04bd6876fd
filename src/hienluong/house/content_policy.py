"""The Content-Security-Policy of each answer, put into words once: all but a few answers carry the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse

#: Where an answer says that its policy is another.
_OWN = frozenset({"_csp_exempt", "_csp_config", "_csp_update", "_csp_replace"})


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's, which composes the policy of each answer anew; it still does where an answer has its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self._usual = build_policy()

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Add the header, unless there is one."""
        if settings.DEBUG or not _OWN.isdisjoint(vars(response)) or hasattr(request, "_csp_nonce"):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._usual)
        request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response
