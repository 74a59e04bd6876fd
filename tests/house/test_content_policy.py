"""Each answer says what a page may load, in the same words as django-csp composes for it."""

from __future__ import annotations

from typing import Any

import pytest
from csp.constants import SELF
from csp.decorators import csp_exempt, csp_replace, csp_update
from csp.exceptions import CSPNonceError
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from hienluong.house.content_policy import ContentPolicyMiddleware

NAME = "Content-Security-Policy"


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x")


def with_header(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x", headers={NAME: "sandbox"})


def with_nonce(request: Any) -> HttpResponse:
    return HttpResponse(str(request.csp_nonce))


def parts(middleware: type[CSPMiddleware], view: Any) -> set[str]:
    answer = middleware(view)(RequestFactory().get("/"))
    return set(answer.headers.get(NAME, "").split("; "))


@pytest.mark.parametrize(
    "view",
    [
        plain,
        with_header,
        csp_update({"form-action": [SELF, "https://he-thong.example"]})(plain),
        csp_replace({"img-src": ["https://anh.example"]})(plain),
        csp_exempt()(plain),
    ],
)
def test_an_answer_carries_what_django_csp_would_give_it(view: Any) -> None:
    assert parts(ContentPolicyMiddleware, view) == parts(CSPMiddleware, view)


def test_the_usual_answer_allows_our_own_alone() -> None:
    assert {"default-src 'self'", "object-src 'none'", "form-action 'self'"} <= parts(ContentPolicyMiddleware, plain)


def test_what_one_answer_adds_is_not_in_the_next() -> None:
    middleware = ContentPolicyMiddleware(lambda request: (_own if request.path == "/a" else plain)(request))
    first = middleware(RequestFactory().get("/a")).headers[NAME]
    second = middleware(RequestFactory().get("/b")).headers[NAME]
    assert "https://he-thong.example" in first
    assert "https://he-thong.example" not in second


def _own(request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = csp_update({"form-action": "https://he-thong.example"})(plain)(request)
    return answer


def test_a_nonce_asked_for_too_late_is_an_error() -> None:
    request: Any = RequestFactory().get("/")
    ContentPolicyMiddleware(plain)(request)
    with pytest.raises(CSPNonceError):
        str(request.csp_nonce)
    assert ContentPolicyMiddleware(with_nonce)(RequestFactory().get("/")).content
