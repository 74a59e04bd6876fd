"""Traces of the web and of the work in the background (:mod:`hienluong.foundation.tracing`); off unless a collector is set."""

from __future__ import annotations

import atexit
import re
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from hienluong.foundation.tracing import Tracer

#: Asked every few seconds by whoever watches over us.
_LEFT_OUT = frozenset({"/song", "/metrics"})
#: Where programs call, whose traces go on here; what a browser says of a trace is not believed.
_OF_PROGRAMS = "/api/"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_AGREEMENT = re.compile(r"[A-Za-z0-9.-]{1,40}")

Handler = Callable[[HttpRequest], HttpResponse]


class TracingMiddleware:
    """A span for each request: the method, the address as it is declared, the agreement, the status."""

    def __init__(self, get_response: Handler) -> None:
        if settings.COLLECTOR is None:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.tracer = Tracer("web", settings.COLLECTOR)
        atexit.register(self.tracer.close)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in _LEFT_OUT:
            return self.get_response(request)
        of_program = request.path.startswith(_OF_PROGRAMS)
        method = request.method if request.method in _METHODS else "OTHER"
        with self.tracer.span(str(method), parent=request.headers.get("traceparent", "") if of_program else "") as span:
            response = self.get_response(request)
            found = request.resolver_match
            route = f"/{found.route}" if found else ""
            span.call(f"{method} {route}".strip())
            span.say(http_request_method=str(method), http_route=route, http_response_status_code=response.status_code)
            agreement = request.headers.get("X-Agreement", "") if of_program else ""
            if _AGREEMENT.fullmatch(agreement):
                span.say(hienluong_agreement=agreement)
            if response.status_code >= 500:
                span.fail(str(response.status_code))
            return response


async def job(call_next: Callable[[], Awaitable[Any]], context: Any, worker: Any) -> Any:
    """Around each job of the worker: its task, its queue, and whether it failed."""
    tracer: Tracer = _of_worker()
    with tracer.span(context.job.task_name, "consumer", parent="") as span:
        span.say(hienluong_job=context.job.task_name, hienluong_queue=context.job.queue)
        return await call_next()


_tracers: dict[str, Tracer] = {}


def _of_worker() -> Tracer:
    """The one of this process, made at the first job: after the worker has forked off what it forks off."""
    if "worker" not in _tracers:
        assert settings.COLLECTOR is not None
        _tracers["worker"] = Tracer("worker", settings.COLLECTOR)
    return _tracers["worker"]


def around_jobs() -> list[Any]:
    """What the worker puts around its jobs; nothing without a collector."""
    return [job] if settings.COLLECTOR is not None else []


def end() -> None:
    """Send what this process still has to tell."""
    for tracer in _tracers.values():
        tracer.close()
    _tracers.clear()
