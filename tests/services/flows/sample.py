"""An office that composes services, the services that it calls, and who provides these: a real HTTP server that counts."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import yaml
from django.utils import timezone

from hienluong.foundation.actions import Actor, Grant
from hienluong.foundation.organisations.models import Organization
from hienluong.services.bus import agreements, catalogue
from hienluong.services.flows import actions, runs
from hienluong.services.flows.models import Flow, FlowVersion, Run, Step
from tests.factories import make_account
from tests.services.bus.sample import Province

ENDED = (Run.State.DONE, Run.State.COMPENSATED, Run.State.FAILED)
#: Operations of the service: what they are called, and how.
OPERATIONS = {"look": "get", "put": "put", "order": "post", "cancel": "delete"}


def description() -> str:
    """A service with an operation of each kind, all at ``/things/{number}``."""
    one: dict[str, Any] = {"200": {"content": {"application/json": {"schema": {"type": "object"}}}}}
    methods = {method: {"operationId": name, "responses": one} for name, method in OPERATIONS.items()}
    told = {"openapi": "3.1.0", "info": {"title": "Việc", "version": "1"}, "paths": {"/things/{number}": methods}}
    return json.dumps(told)


def manager(place: Organization) -> Actor:
    """An official who declares and looks after composed services of an organisation."""
    grant = Grant(frozenset(("flows.manage",)), place.pk, place.path, f"Chức vụ tại {place.name}")
    account = make_account()
    return Actor(kind="account", account_id=account.pk, label="Cán bộ thử", organization_id=place.pk, grants=(grant,))


class Office:
    """The consumer of the province of the bus, with an agreement on all operations of the service ``viec``."""

    def __init__(self) -> None:
        self.here = Province()
        self.place, self.system = self.here.consumer, self.here.system
        self.manager = manager(self.place)
        service = self.here.service(code="viec", title="Việc")
        made = catalogue.add_version(
            self.here.provider, service=service, document=description(), upstream="https://viec.example.gov.vn"
        )
        self.version = catalogue.publish(self.here.provider, version=made)
        asked = self.here.asked(self.version, fields={name: [] for name in OPERATIONS})
        self.agreement = agreements.approve(self.here.decider, agreement=asked).code

    def call(self, operation: str, number: str = "input.so", **more: Any) -> dict[str, Any]:
        """A call, as a flow has it."""
        told = {"service": "viec", "version": 1, "operation": operation, "agreement": self.agreement}
        return {**told, "parameters": {"number": number}, **more}

    def source(self, *steps: dict[str, Any], answer: Any = "input.so", retry: int = 1) -> str:
        """A flow of these steps; each call is tried `retry` times, without a pause."""
        for step in _calls(steps):
            step.setdefault("retry", {"attempts": retry, "pause": 0})
        given = {"type": "object", "properties": {"so": {"type": "integer"}}, "required": ["so"]}
        told = {"input": given, "steps": list(steps), "answer": answer}
        return yaml.safe_dump(json.loads(json.dumps(told)), sort_keys=False)  # nothing shared, so no aliases

    def published(self, source: str, code: str = "") -> Flow:
        """A flow that runs."""
        draft = self.draft(source, code)
        return actions.publish(self.manager, version=draft).flow

    def draft(self, source: str, code: str = "") -> FlowVersion:
        """One that does not yet."""
        code = code or f"phoi-hop-{Flow.objects.count() + 1}"
        told: dict[str, Any] = {"owner": self.place, "system": self.system, "title": "Phối hợp thử"}
        return actions.declare(self.manager, code=code, source=source, **told)

    def start(self, flow: Flow, so: int = 1, **more: Any) -> Run:
        """A run of it, asked for by the office's own system."""
        return runs.start(self.manager, flow=flow, given={"so": so}, system=self.system, **more)[0]


def _calls(steps: Any) -> list[dict[str, Any]]:
    found = []
    for step in steps:
        if "call" in step:
            found.append(step)
        for option in step.get("branch", ()):
            found += _calls(option["steps"])
        found += _calls(step.get("otherwise", ()))
        for branch in step.get("parallel", ()):
            found += _calls(branch)
    return found


class Answer(Exception):
    """How the provider answers otherwise: a status; none is a line that breaks after it was done."""

    def __init__(self, status: int | None, *, does: bool = False) -> None:
        super().__init__(status)
        self.status, self.does = status, does


class Provider:
    """What came and what was done, by the number of the call; how it answers, the test says (`answer`, by method and number).

    It stands where the gateway is: it sees what the gateway would.
    """

    def __init__(self) -> None:
        self.answer: Callable[[str, str], Any] = lambda method, number: {"so": int(number)}
        self.seconds = 0.0
        self.came: list[tuple[str, str]] = []  # method and number, in order
        self.done: Counter[str] = Counter()  # by Idempotency-Key: what was done, however it was answered
        self.headers: list[dict[str, str]] = []
        self.under_way = self.most = 0
        self._lock = threading.Lock()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # the names http.server asks for
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                provider.take(self)

            def do_PUT(self) -> None:
                self.do_GET()

            def do_POST(self) -> None:
                self.do_GET()

            def do_DELETE(self) -> None:
                self.do_GET()

            def log_message(self, *_words: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_who: Any) -> None:
                """Who was killed is gone."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """One call."""
        number = handler.path.rpartition("/")[2].partition("?")[0]
        with self._lock:
            self.came.append((handler.command, number))
            self.headers.append({name.lower(): value for name, value in handler.headers.items()})
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            time.sleep(self.seconds)
            status: int | None = 200
            try:
                value = self.answer(handler.command, number)
                does = True
            except Answer as other:
                status, value, does = other.status, {"code": "thu.loi"}, other.does
            if does:
                with self._lock:
                    self.done[handler.headers["Idempotency-Key"]] += 1
        finally:
            with self._lock:
                self.under_way -= 1
        if status is None:
            handler.close_connection = True
            handler.connection.close()
            return
        body = json.dumps(value).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def stop(self) -> None:
        """Nobody is there any more."""
        self._server.shutdown()
        self._server.server_close()


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def settled(*found: Run) -> bool:
    """Whether these ended, or wait for a person."""
    states = set(Run.objects.filter(pk__in=[run.pk for run in found]).values_list("state", flat=True))
    return not states & {Run.State.RUNNING, Run.State.COMPENSATING}


def waiting(run: Run) -> Step:
    """The step that a run waits with."""
    return Step.objects.get(run=run, state=Step.State.WAITING)


def long_ago(run: Run, days: int) -> None:
    """Let a run have ended so many days ago."""
    Run.objects.filter(pk=run.pk).update(ended_at=timezone.now() - timedelta(days=days))
