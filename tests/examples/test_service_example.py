"""A program in another language reads a data service, and is told of an event, with the public documentation only.

Everything is real: our identity provider, the gateway (Envoy), the mediator, the event server; the provider of the data is a
small server, and for what a gateway seldom answers one stands in for it.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from hienluong.services.bus import agreements, publishing
from hienluong.services.bus.models import ServiceAgreement
from hienluong.services.streams import running
from tests.examples.test_examples import EXAMPLES, environment
from tests.relying_parties.running import free_port, node
from tests.services.bus.gateway.running import TAKEN_IN, Running
from tests.services.bus.sample import Province
from tests.services.mediation import test_program as mediation
from tests.services.streams.broker import Bus
from tests.services.streams.conftest import _one_broker, bus  # noqa: F401  (fixtures)
from tests.services.streams.sample import HERE, Office, tell, until

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
PROGRAM = str(EXAMPLES / "service.mjs")
PARCEL = {"code": "17", "price": 4_800_000, "owner": {"name": "Nguyễn Thị Lành", "number": "045190001234"}}
PATH = "/lgsp/land-prices/v1/parcels/17"
PURPOSE = "Tính thuế chuyển nhượng"


class Answers:
    """A server that answers one after the other what it is told to; the last again and again."""

    def __init__(self, *answers: tuple[int, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append({name.lower(): value for name, value in self.headers.items()})
                status, told = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                if status == 429:
                    self.send_header("Retry-After", "1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_words: object) -> None:
                """Nothing on the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Bridge:
    """A province with a gateway, a mediator, a provider, and a system that may read code, price and name of the owner."""

    def __init__(self, issuer: str, folder: Path, settings: Any) -> None:
        self.provider = Answers((200, PARCEL))
        self.mediator = mediation.start(folder, _database())
        self.gateway = Running(folder)
        settings.GATEWAY_FOLDER = folder
        settings.BUS_UPSTREAMS = HERE
        settings.BUS_URL = f"http://127.0.0.1:{self.gateway.port}"
        settings.BUS_MEDIATOR = f"127.0.0.1:{self.mediator.port}"
        self.here = Province()
        fields = {"parcel": ["code", "price", "owner.name"]}
        version = self.here.version(upstream=self.provider.url)
        self.agreement = self.here.agreed(version, fields=fields, per_minute=8)
        publishing.publish(timezone.now())
        self.gateway.start()
        self.env = {
            **environment(issuer, self.here.system, self.here.secret),
            "GATEWAY": settings.BUS_URL,
            "AGREEMENT": self.agreement.code,
            "PURPOSE": PURPOSE,
        }

    def run(self, **env: str) -> tuple[int, str, str]:
        """How the program ended, and what it said."""
        done = subprocess.run(
            [node(), PROGRAM, PATH], env={**self.env, **env}, capture_output=True, text=True, timeout=120, check=False
        )
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    def stop(self) -> None:
        self.gateway.stop()
        self.mediator.process.terminate()
        self.mediator.process.wait(10)
        self.provider.stop()
        self.gateway.provider.stop()


def _database() -> str:
    told = connection.settings_dict
    if told["HOST"].startswith("/"):
        return f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}"
    return f"postgresql://{told['USER']}@{told['HOST'] or ''}:{told['PORT']}/{told['NAME']}"


@pytest.fixture
def bridge(province: str, tmp_path: Path, settings: Any) -> Iterator[Bridge]:
    found = Bridge(province, tmp_path / "cong", settings)
    yield found
    found.stop()


AGREED = {"code": "17", "price": 4_800_000, "owner": {"name": "Nguyễn Thị Lành"}}


def test_it_reads_what_was_agreed_tries_again_and_says_why_it_was_refused(bridge: Bridge, province: str) -> None:
    code, said, wrong = bridge.run()
    assert (code, json.loads(said)) == (0, AGREED), wrong
    (asked,) = bridge.provider.asked
    assert "authorization" not in asked, "a provider never sees the token"
    bridge.provider.answers = [(503, {}), (503, {}), (200, PARCEL)]
    code, said, wrong = bridge.run()
    assert (code, json.loads(said)) == (0, AGREED), wrong
    page = httpx.get(f"{province}/dich-vu-du-lieu/land-prices?thao-tac=parcel", trust_env=False).text
    shown = [html.unescape(each) for each in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]
    (sample,) = [each for each in shown if "process.env" in each]
    env = {**bridge.env, "PURPOSE": ""}
    for _time in range(2):
        done = subprocess.run(
            [node(), "--input-type=module", "-e", sample], env=env, capture_output=True, text=True, timeout=60
        )
        assert (done.returncode, done.stdout.strip()) == (
            0,
            f"200 {json.dumps(AGREED, ensure_ascii=False, separators=(',', ':'))}",
        ), done.stderr
    until(lambda: bridge.run(PATIENCE="1")[2].startswith("429 gateway.quota: "), 30)
    agreements.end(bridge.here.decider, agreement=ServiceAgreement.objects.get(), reason="Thôi")
    publishing.publish(timezone.now())
    until(lambda: bridge.run(PATIENCE="1")[2].startswith("403 gateway.no_agreement: "), 10 + TAKEN_IN)
    assert bridge.run(PATIENCE="1")[0] == 1


def test_a_token_that_is_no_good_any_more_is_renewed_once_and_pauses_are_kept(province: str) -> None:
    here = Province()
    env = {**environment(province, here.system, here.secret), "AGREEMENT": "TTDV-1", "PURPOSE": PURPOSE}
    refused = {"code": "gateway.token", "title": "Hết hạn"}
    gateway = Answers((401, refused), (429, {"code": "gateway.quota"}), (200, PARCEL))
    try:
        command = [node(), PROGRAM, PATH]
        done = subprocess.run(command, env={**env, "GATEWAY": gateway.url}, capture_output=True, text=True, timeout=60)
        assert json.loads(done.stdout) == PARCEL, done.stderr
        first, second, third = gateway.asked
        assert first["authorization"] != second["authorization"] == third["authorization"]
        assert first["x-purpose"].encode("latin-1").decode() == PURPOSE
        gateway.answers, gateway.asked = [(401, refused)], []
        done = subprocess.run(command, env={**env, "GATEWAY": gateway.url}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr.strip()) == (1, "401 gateway.token: Hết hạn")
        assert len(gateway.asked) == 2
    finally:
        gateway.stop()


def test_told_of_an_event_by_the_province_alone_it_reads_anew(
    bus: Bus,  # noqa: F811
    bridge: Bridge,
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.WEBHOOK_NETWORKS = HERE
    port = free_port()
    address = f"http://127.0.0.1:{port}/nhan"
    Office().subscribe(address)
    said = tmp_path / "said.txt"
    env = {**bridge.env, "ADDRESS": address, "PORT": str(port)}
    with said.open("w") as out:
        program = subprocess.Popen([node(), PROGRAM, PATH], env=env, stdout=out, stderr=subprocess.STDOUT)
    stop = threading.Event()
    worker = threading.Thread(target=running.run, args=(stop,))
    worker.start()
    try:
        tell(("a", "H50.01"))
        until(lambda: said.read_text())
        line = said.read_text().splitlines()[0]
        assert line.startswith("vn.hienluong.organization.changed {"), line
        assert json.loads(line.partition(" ")[2]) == AGREED
        forged = {"content-type": "application/cloudevents+json", "signature": "hienluong=:AAAA:"}
        assert httpx.post(address, json={"id": "1", "data": {}}, headers=forged, trust_env=False).status_code == 401
        assert len(bridge.provider.asked) == 1
    finally:
        stop.set()
        worker.join(20)
        program.terminate()
        program.wait(10)
