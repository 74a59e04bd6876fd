"""One call, one trace: from the gateway through the mediator to our own web, told to a real collector by each of them."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from unittest import mock
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from hienluong.foundation.tracing import Collector
from tests.collector import Told, TraceCollector, collecting
from tests.services.bus.gateway.running import Answer, Running, grant, reading, service
from tests.services.mediation import test_program as program

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "045190000001"
PATH = f"/lgsp/danh-muc/v1/codelists/dan-cu/codes/{NUMBER}"
THEIRS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TOKEN = "ma-cua-bo-thu"


@dataclass
class Traced:
    """A gateway, a mediator and a web that tell one collector."""

    gateway: Running
    collector: TraceCollector
    port: int  # the mediator's
    process: subprocess.Popen[bytes]

    def ask(self, path: str = PATH, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.gateway.call("GET", path, agreement="TT-1", purpose="kiem thu", headers=sent)

    def spans(self, many: int) -> dict[tuple[str, int], Told]:
        """What was told of one call, by program and kind."""
        found = self.collector.wait(many)
        assert len({(one.program, one.kind) for one in found}) == len(found) == many
        return {(one.program, one.kind): one for one in found}


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Traced]:
    told = connection.settings_dict
    database = f"postgresql://{told['USER']}@{told['HOST'] or ''}:{told['PORT']}/{told['NAME']}"
    if told["HOST"].startswith("/"):
        database = f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}"
    with collecting() as collector:
        traces = Collector(f"{collector.url}/v1/traces", TOKEN)
        gateway = Running(tmp_path_factory.mktemp("gateway"), options={"traces": traces}).start()
        with mock.patch.dict(os.environ, HIENLUONG_OTLP_URL=collector.url, HIENLUONG_OTLP_TOKEN=TOKEN):
            mediator = program.start(gateway.folder, database)
        yield Traced(gateway, collector, mediator.port, mediator.process)
        mediator.process.terminate()
        assert mediator.process.wait(15) == 0
        gateway.stop()
        gateway.provider.stop()


@pytest.fixture
def traced(_running: Traced, transactional_db: None) -> Traced:
    _running.collector.spans.clear()
    _running.collector.raw = b""
    return _running


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_words: Any) -> None:
        """Nothing on the screen."""


@pytest.fixture
def web(traced: Traced, settings: Any) -> Iterator[str]:
    """Our own web on a socket."""
    settings.COLLECTOR = Collector(f"{traced.collector.url}/v1/traces", TOKEN)
    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/v1"
    server.shutdown()
    server.server_close()
    thread.join(10)


def publish(traced: Traced, upstream: str, *, mediate: bool = True) -> None:
    one = reading(grant("TT-1"), template="/codelists/{list}/codes/{so}", name="ma", mediate=mediate)
    traced.gateway.publish(service(upstream, one, code="danh-muc"), mediator=f"127.0.0.1:{traced.port}")


def test_a_call_is_one_trace_through_gateway_mediator_and_web(traced: Traced, web: str) -> None:
    publish(traced, web)
    assert traced.ask(f"{PATH}?ten=Lan").status == 404
    found = traced.spans(4)
    gateway, mediator = found["hienluong-gateway", 2], found["hienluong-mediator", 2]
    asked, answered = found["hienluong-mediator", 3], found["hienluong-web", 2]
    assert len({one.trace for one in found.values()}) == 1
    assert [gateway.parent, mediator.parent, asked.parent, answered.parent] == [
        "",
        gateway.own,
        mediator.own,
        asked.own,
    ]
    assert gateway.name == "danh-muc|1|ma|TT-1"
    assert gateway.attributes["http.status_code"] == "404"
    assert mediator.name == "danh-muc/v1/ma"
    assert mediator.attributes == {
        "hienluong.service": "danh-muc",
        "hienluong.operation": "ma",
        "hienluong.agreement": "TT-1",
        "hienluong.refusal": "not-found",
        "http.response.status_code": 404,
    }
    assert asked.attributes["http.response.status_code"] == 404
    assert answered.attributes["hienluong.agreement"] == "TT-1"
    assert answered.attributes["http.route"].startswith("/api/v1/codelists/")
    for words in (NUMBER, "ten=Lan", "kiem thu"):
        assert words.encode() not in traced.collector.raw, words
    assert traced.collector.tokens == {f"Bearer {TOKEN}"}


def test_a_consumer_that_traces_finds_its_own_trace_here(traced: Traced, web: str) -> None:
    publish(traced, web, mediate=False)
    traced.ask(traceparent=THEIRS)
    found = traced.spans(2)
    gateway, answered = found["hienluong-gateway", 2], found["hienluong-web", 2]
    assert (gateway.trace, gateway.parent) == tuple(THEIRS.split("-")[1:3])
    assert (answered.trace, answered.parent) == (gateway.trace, gateway.own)


def test_a_provider_that_is_away_is_a_failed_span_and_the_call_is_answered_as_ever(traced: Traced) -> None:
    publish(traced, "http://127.0.0.1:9")
    assert traced.ask().status == 503
    found = traced.spans(3)
    assert found["hienluong-mediator", 3].failed
    told = found["hienluong-mediator", 2]
    assert (told.failed, told.attributes["error.type"]) == (True, "provider-away")


def test_what_is_refused_before_an_agreement_names_none(traced: Traced, web: str) -> None:
    publish(traced, web)
    assert traced.ask(f"/lgsp/danh-muc/v1/nguoi/{NUMBER}").status == 403
    (gateway,) = traced.spans(1).values()
    assert "hienluong.route" not in gateway.attributes
    assert NUMBER.encode() not in traced.collector.raw
