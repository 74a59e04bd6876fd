"""Traces: what one request was in each program that it passed, told to a collector by OTLP over HTTP (OpenTelemetry).

Off unless an address is set, and then nothing is loaded and nothing sent. No Django here: the mediator uses it, too. A span
says what stands in :data:`SAID` and nothing else; addresses as they were asked for, queries, bodies and names are none of it.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opentelemetry.trace import Span as _Span

#: What a span may say beside its name.
SAID = frozenset(
    {
        "http.request.method",
        "http.route",  # as it is declared: with the names of its parameters, not what stood in them
        "http.response.status_code",
        "error.type",
        "hienluong.service",
        "hienluong.operation",
        "hienluong.agreement",
        "hienluong.refusal",
        "hienluong.job",
        "hienluong.queue",
    }
)
#: Words that may be said: of declared codes, and without a run of figures as numbers of persons and telephones have.
_SOUND, _NUMBER = re.compile(r"[!-~][ -~]{0,199}"), re.compile(r"\d{9,}")
TRACEPARENT = "traceparent"
#: Spans that wait at most; more are lost. How many go together, and seconds between two sendings.
_WAITING, _TOGETHER, _BETWEEN = 2048, 256, 1.0
#: Seconds that the collector has; it is tried again within them.
_PATIENCE = 5.0
#: Seconds in which what waits may still go out when a process ends.
_LAST = 2.0
_PATH = "/v1/traces"


@dataclass(frozen=True)
class Collector:
    """Where traces go: the address of traces, what opens it, and which part of those that begin here (percent)."""

    url: str
    token: str = ""
    percent: int = 100


def collector(told: Mapping[str, str] = os.environ) -> Collector | None:
    """The collector that the environment names; None: nothing is traced.

    ``HIENLUONG_OTLP_URL`` (``http://host:4318``; `/v1/traces` is added where there is no path), ``HIENLUONG_OTLP_TOKEN`` or a
    file by ``…_FILE``, ``HIENLUONG_OTLP_PERCENT``. Raises ``ValueError`` that names the variable.
    """
    url = told.get("HIENLUONG_OTLP_URL", "").strip().rstrip("/")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        right = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        right = None
    if not right or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("HIENLUONG_OTLP_URL: phải có dạng http://máy-chủ:4318")
    token = told.get("HIENLUONG_OTLP_TOKEN", "")
    if file := told.get("HIENLUONG_OTLP_TOKEN_FILE", ""):
        try:
            token = Path(file).read_text().strip()
        except OSError as problem:
            raise ValueError(f"HIENLUONG_OTLP_TOKEN_FILE: không đọc được {file}: {problem.strerror}") from None
    if token and not (token.isascii() and token.isprintable() and not {" ", "%"} & set(token)):
        raise ValueError("HIENLUONG_OTLP_TOKEN: không nhận dấu cách, dấu % và chữ có dấu")
    percent = told.get("HIENLUONG_OTLP_PERCENT") or "100"
    if not (percent.isascii() and percent.isdecimal() and len(percent) < 4 and int(percent) <= 100):
        raise ValueError(f"HIENLUONG_OTLP_PERCENT={percent}: phải là số từ 0 đến 100")
    return Collector(url if parts.path else url + _PATH, token, int(percent))


def sound(value: str) -> str:
    """The words, if they may be said; ``?`` for what could be somebody's own."""
    return value if _SOUND.fullmatch(value) and not _NUMBER.search(value) else "?"


class Span:
    """One program's part of a trace, as long as it lasts."""

    def __init__(self, span: _Span) -> None:
        self._span = span

    def call(self, name: str) -> None:
        """Give it its name."""
        self._span.update_name(sound(name))

    def say(self, **told: str | int) -> None:
        """Say these of it; names are those of :data:`SAID` with ``_`` for the dots. What is empty is left out."""
        for name, value in told.items():
            key = _NAMES[name]
            if value != "":
                self._span.set_attribute(key, value if isinstance(value, int) else sound(value))

    def fail(self, kind: str) -> None:
        """Say that it failed, and of what kind the fault was (the name of a class, a code)."""
        from opentelemetry.trace import Status, StatusCode

        self._span.set_status(Status(StatusCode.ERROR))
        self._span.set_attribute("error.type", sound(kind))


_NAMES = {name.replace(".", "_"): name for name in SAID}


class Tracer:
    """Makes the spans of this process and sends them, from a thread of its own."""

    def __init__(self, program: str, collector: Collector) -> None:
        """`program`: what this process is called in traces, after ``hienluong-``. Loads OpenTelemetry."""
        from importlib.metadata import version

        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        about = {
            "service.name": f"hienluong-{program}",
            "service.namespace": "hienluong",
            "service.version": version("hienluong"),
        }
        headers = {"Authorization": f"Bearer {collector.token}"} if collector.token else {}
        # A line every few seconds while the collector is away is enough.
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)
        self._exporter = OTLPSpanExporter(endpoint=collector.url, headers=headers, timeout=_PATIENCE)
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(collector.percent / 100)),
            resource=Resource(about),
            shutdown_on_exit=False,  # it would wait for a collector that is away
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._exporter,
                max_queue_size=_WAITING,
                max_export_batch_size=_TOGETHER,
                schedule_delay_millis=_BETWEEN * 1000,
            )
        )
        self._tracer = self._provider.get_tracer("hienluong")
        self._context = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, kind: str = "server", *, parent: str | None = None) -> Iterator[Span]:
        """A span around what is done within; an error that leaves it is told by the name of its class.

        `kind`: ``server``, ``client``, ``consumer``. `parent`: the field ``traceparent`` that came (W3C Trace Context), empty
        for the beginning of a trace; None: a part of the span that this is in.
        """
        from opentelemetry.trace import SpanKind

        context = None if parent is None else self._context.extract({TRACEPARENT: parent})
        with self._tracer.start_as_current_span(
            sound(name),
            context=context,
            kind=SpanKind[kind.upper()],
            record_exception=False,
            set_status_on_exception=False,
        ) as made:
            span = Span(made)
            try:
                yield span
            except Exception as problem:
                span.fail(type(problem).__name__)
                raise

    def carried(self) -> str:
        """The field ``traceparent`` for whoever is asked next within the span that this is in."""
        carrier: dict[str, Any] = {}
        self._context.inject(carrier)
        return str(carrier.get(TRACEPARENT, ""))

    def close(self) -> None:
        """Send what waits, and end; what the collector does not take within :data:`_LAST` seconds is lost."""
        ending = threading.Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(_LAST)
        if ending.is_alive():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # no more tries
            ending.join(_LAST)
