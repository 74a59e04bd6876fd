"""The edge: domain errors become pages or RFC 9457 problem documents, never a stack trace."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from psycopg.errors import QueryCanceled

from hienluong.foundation.actions import DomainError, NotAllowed
from hienluong.foundation.actions.problems import PROBLEM, told

logger = logging.getLogger(__name__)
#: Who was refused what: one line each.
refusals = logging.getLogger("hienluong.refused")


class AddressMiddleware:
    """No address holds a NUL, which no text of the database can hold: there is nothing at such an address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return not_found(request) if "\x00" in request.path_info else self.get_response(request)


class DomainErrorMiddleware:
    """Turn a :class:`DomainError` that no view handled into an answer a person understands."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError) and not isinstance(error.__cause__, QueryCanceled):
            logger.error("the database does not answer: %s", error)
            return away(request)
        if not isinstance(error, DomainError):
            return None
        note_refusal(request, error)
        if request.path.startswith("/api/"):
            return JsonResponse(told(error), status=error.status, content_type=PROBLEM)
        return render(
            request,
            "ui/error.html",
            {
                "title": _("Không thực hiện được"),
                "message": str(error.message),
                "reasons": error.details.get("reasons", ()),
            },
            status=error.status,
        )


def note_refusal(request: HttpRequest, error: DomainError) -> None:
    """Who was refused what, into the log of the run: account, organisation, address (without what was asked), reason."""
    actor = getattr(request, "actor", None)
    if isinstance(error, NotAllowed) and actor is not None and actor.account_id is not None:
        refusals.warning(
            "account %s of organisation %s was refused %s %s (%s)",
            actor.account_id,
            actor.organization_id or "-",
            request.method,
            request.path.encode("unicode_escape").decode()[:200],
            error.code,
        )


def _page(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"type": "about:blank", "title": title, "status": status}, status=status, content_type=PROBLEM
        )
    # Bare: nothing that asks the database, nor who asks when the request was refused before that was known.
    context = {"title": title, "message": message, "bare": status >= 500 or not hasattr(request, "user")}
    return render(request, "ui/error.html", context, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, in the person's language."""
    return _page(request, 404, _("Không tìm thấy trang"), _("Địa chỉ không đúng, hoặc nội dung đã được chuyển đi."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403, in the person's language."""
    return _page(request, 403, _("Không có quyền truy cập"), _("Tài khoản của bạn không được xem nội dung này."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, in the person's language."""
    return _page(request, 400, _("Yêu cầu không hợp lệ"), _("Dữ liệu gửi lên không đúng định dạng hoặc quá lớn."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says sorry, keeps no detail on screen."""
    return _page(request, 500, _("Hệ thống gặp sự cố"), _("Sự cố đã được ghi nhận. Xin thử lại sau ít phút."))


def away(request: HttpRequest) -> HttpResponse:
    """503: the database does not answer just now (it starts again, or is moved); nothing typed is lost by waiting."""
    answer = _page(
        request,
        503,
        _("Hệ thống tạm nghỉ ít phút"),
        _("Cơ sở dữ liệu chưa trả lời. Hãy quay lại trang trước, chờ một phút rồi gửi lại; điều bạn đã gõ vẫn còn đó."),
    )
    answer["Retry-After"] = "30"
    return answer


def session_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's security token is no longer good: say so and keep what was typed when we can."""
    return _page(
        request,
        403,
        _("Phiên làm việc đã hết hạn"),
        _("Hãy quay lại trang trước, tải lại trang rồi gửi lại. Hồ sơ nháp của bạn vẫn được giữ."),
    )


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """Says that this process answers and reaches the database (503 when it does not); for whoever watches over it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (OperationalError, InterfaceError):
        return HttpResponse("the database does not answer", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
