"""Traces: off they cost nothing, on they go to a real collector, and say codes and statuses only."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation import tracing
from hienluong.foundation.tracing import Collector, Tracer
from hienluong.house import environment
from hienluong.house import tracing as of_house
from tests.collector import TraceCollector, collecting

THEIRS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NUMBER = "045190000001"


@pytest.fixture
def collector() -> Iterator[TraceCollector]:
    with collecting() as found:
        yield found


def test_without_an_address_nothing_of_it_is_loaded_anywhere() -> None:
    script = (
        "import os, sys; os.environ['HIENLUONG_OTLP_URL'] = ''\n"
        "import hienluong.services.mediation.__main__, hienluong.house.children, hienluong.house.tracing\n"
        "from hienluong.foundation import tracing; assert tracing.collector() is None\n"
        "print(sorted(name for name in sys.modules if name.startswith(('opentelemetry', 'requests', 'google'))))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_setting_is_read_and_what_cannot_be_is_said_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("bi-mat\n")
    told = {"HIENLUONG_OTLP_URL": "http://10.0.0.7:4318/", "HIENLUONG_OTLP_TOKEN_FILE": str(tmp_path / "token")}
    assert tracing.collector(told) == Collector("http://10.0.0.7:4318/v1/traces", "bi-mat", 100)
    own = {"HIENLUONG_OTLP_URL": "https://giam-sat.tinh.vn/otlp/traces", "HIENLUONG_OTLP_PERCENT": "5"}
    assert tracing.collector(own) == Collector("https://giam-sat.tinh.vn/otlp/traces", "", 5)
    for name, wrong in (
        ("URL", "giam-sat:4318"),
        ("URL", "ftp://x"),
        ("URL", "http://ai:ma@x"),
        ("URL", "http://x:99999"),
        ("URL", "http://x/?a=b"),
        ("TOKEN", "có dấu"),
        ("TOKEN", "a b"),
        ("TOKEN_FILE", "/khong/co"),
        ("PERCENT", "101"),
        ("PERCENT", "-1"),
        ("PERCENT", "nửa"),
    ):
        monkeypatch.setenv("HIENLUONG_OTLP_URL", "http://x:4318")
        with monkeypatch.context() as within:
            within.setenv(f"HIENLUONG_OTLP_{name}", wrong)
            with pytest.raises(environment.BadSetting, match=f"HIENLUONG_OTLP_{name}"):
                environment.collector()


def test_what_could_be_somebodys_own_is_not_said(collector: TraceCollector) -> None:
    tracer = Tracer("web", Collector(f"{collector.url}/v1/traces", "bi-mat"))
    with tracer.span("Trần Văn Ai", parent="") as span:
        span.say(hienluong_operation=NUMBER, hienluong_agreement="", hienluong_service="dan-cu")
        with pytest.raises(KeyError):
            span.say(http_url="/nguoi/1")
        with pytest.raises(ValueError, match="Trần"), tracer.span("dan-cu/v1", "client"):
            raise ValueError("Trần Văn Ai")
    tracer.close()
    inner, outer = collector.wait(2)
    assert outer.attributes == {"hienluong.operation": "?", "hienluong.service": "dan-cu"}
    assert (outer.name, outer.kind, outer.parent, outer.failed) == ("?", 2, "", False)
    assert (inner.name, inner.kind, inner.parent, inner.trace) == ("dan-cu/v1", 3, outer.own, outer.trace)
    assert (inner.failed, inner.attributes) == (True, {"error.type": "ValueError"})
    assert collector.tokens == {"Bearer bi-mat"}
    assert "Trần".encode() not in collector.raw
    assert NUMBER.encode() not in collector.raw


def test_none_of_a_hundred_is_none_and_who_calls_within_a_trace_is_followed(collector: TraceCollector) -> None:
    tracer = Tracer("web", Collector(f"{collector.url}/v1/traces", percent=0))
    with tracer.span("own", parent=""):
        pass
    with tracer.span("theirs", parent=THEIRS):
        carried = tracer.carried()
    with tracer.span("not-theirs", parent=f"{THEIRS[:-1]}0"), tracer.span("within", "client"):
        pass
    for wrong in ("00-0-0-01", "x" * 5000, "\x00", THEIRS.upper().replace("00-", "zz-")):
        with tracer.span("wrong", parent=wrong):
            pass
    tracer.close()
    (one,) = collector.wait(1)
    assert (one.name, one.trace, one.parent) == ("theirs", *THEIRS.split("-")[1:3])
    assert carried == f"00-{one.trace}-{one.own}-01"


def test_while_the_collector_is_away_requests_go_on_at_their_pace() -> None:
    with collecting() as found:
        url = f"{found.url}/v1/traces"
    tracer = Tracer("web", Collector(url))
    began = time.monotonic()
    for number in range(5000):  # more than are kept
        with tracer.span(f"n{number}", parent=""):
            pass
    assert time.monotonic() - began < 5, "0.2 s where nothing else runs"
    began = time.monotonic()
    tracer.close()
    assert time.monotonic() - began < 5, "whoever stops us waits no longer"


@pytest.mark.django_db
def test_a_request_is_a_span_by_its_declared_address_and_a_program_goes_on_with_its_trace(
    collector: TraceCollector, settings: Any
) -> None:
    settings.COLLECTOR = Collector(f"{collector.url}/v1/traces")
    client = Client()
    client.get(
        f"/api/v1/codelists/dan-cu/codes/{NUMBER}?ten=Lan", headers={"traceparent": THEIRS, "x-agreement": "TT-1"}
    )
    client.get(f"/tra-cuu/{NUMBER}?so={NUMBER}", headers={"traceparent": THEIRS, "x-agreement": "TT-1"})
    client.get("/song")
    client.get("/metrics")
    client.generic("SECRET", f"/{NUMBER}")
    called, page, odd = collector.wait(3)
    assert called.program == "hienluong-web"
    assert (called.trace, called.parent, called.kind) == (*THEIRS.split("-")[1:3], 2)
    assert called.attributes["http.route"].startswith("/api/v1/codelists/")
    assert called.name == f"GET {called.attributes['http.route']}"
    assert called.attributes["http.response.status_code"] == 404
    assert called.attributes["hienluong.agreement"] == "TT-1"
    assert page.trace != called.trace, "what a browser says of a trace is not believed"
    assert page.parent == ""
    assert "hienluong.agreement" not in page.attributes
    assert odd.attributes["http.request.method"] == "OTHER"
    for words in (NUMBER, "Lan", "SECRET"):
        assert words.encode() not in collector.raw


def test_without_a_collector_the_web_has_no_such_middleware_and_the_worker_puts_nothing_around(settings: Any) -> None:
    from django.core.exceptions import MiddlewareNotUsed

    settings.COLLECTOR = None
    with pytest.raises(MiddlewareNotUsed):
        of_house.TracingMiddleware(lambda _request: None)  # type: ignore[arg-type,return-value]
    assert of_house.around_jobs() == []


def test_a_job_is_a_span_and_a_failed_one_says_so(collector: TraceCollector, settings: Any) -> None:
    settings.COLLECTOR = Collector(f"{collector.url}/v1/traces")
    (around,) = of_house.around_jobs()

    async def good() -> int:
        return 7

    async def bad() -> int:
        raise ValueError("Trần Văn Ai")

    told = SimpleNamespace(job=SimpleNamespace(task_name="house.tasks.take_up_stalled", queue="default"))
    assert asyncio.run(around(good, told, None)) == 7
    with pytest.raises(ValueError, match="Trần"):
        asyncio.run(around(bad, told, None))
    of_house.end()
    fine, failed = collector.wait(2)
    assert (fine.program, fine.name, fine.kind, fine.failed) == (
        "hienluong-worker",
        "house.tasks.take_up_stalled",
        5,
        False,
    )
    assert fine.attributes == {"hienluong.job": "house.tasks.take_up_stalled", "hienluong.queue": "default"}
    assert (failed.failed, failed.attributes["error.type"]) == (True, "ValueError")
    assert fine.trace != failed.trace
