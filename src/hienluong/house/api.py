"""The HTTP API under ``/api/v1``: each app brings a router; this file only says where it is mounted."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from hienluong.foundation.actions import DomainError
from hienluong.foundation.actions.problems import PROBLEM, told

from .errors import note_refusal

api = NinjaAPI(
    title="Hiền Lương",
    version="1",
    description="Giao diện lập trình của chính quyền số tỉnh.",
    docs_url=None,
    urls_namespace="api",
)

api.add_router("", "hienluong.services.procedures.api.router")
api.add_router("", "hienluong.capabilities.signing.api.router")
api.add_router("", "hienluong.foundation.codelists.api.router")
api.add_router("", "hienluong.capabilities.registers.api_writing.router")
api.add_router("", "hienluong.services.streams.api.router")
api.add_router("", "hienluong.services.flows.api.router")
api.add_router("/payments", "hienluong.capabilities.payments.api.router")
api.add_router("/transparency", "hienluong.foundation.transparency.api.router")


@api.exception_handler(DomainError)
def domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A rule said no: an RFC 9457 problem with the stable code."""
    note_refusal(request, error)
    return JsonResponse(told(error), status=error.status, content_type=PROBLEM)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The request does not have the shape that the OpenAPI document promises."""
    faults = [{"where": [str(step) for step in item["loc"]], "message": str(item["msg"])} for item in error.errors]
    return _problem(422, _("Yêu cầu không đúng định dạng."), "api.invalid_request", faults=faults)


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Nobody is signed in (401), a page of somebody else sent it (403), or the body is no JSON (400)."""
    titles = {
        400: _("Nội dung gửi lên không phải JSON."),
        401: _("Hãy đăng nhập."),
        403: _("Thiếu hoặc sai mã chống giả mạo (CSRF)."),
    }
    codes = {400: "api.malformed", 401: "api.not_signed_in", 403: "api.csrf"}
    status = error.status_code
    return _problem(status, titles.get(status, str(error)), codes.get(status, "api.refused"))


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """Nothing there, or nothing this caller may know of."""
    return _problem(404, _("Không tìm thấy."), "api.not_found")


def _problem(status: int, title: str, code: str, **more: Any) -> HttpResponse:
    body = {"type": f"urn:hienluong:{code}", "title": title, "status": status, "code": code, **more}
    return JsonResponse(body, status=status, content_type=PROBLEM)
