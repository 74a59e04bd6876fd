"""What passes changes while calls are under way; keys turn; the control plane and the gateway die."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hienluong.services.bus.gateway import configuration, paths
from hienluong.services.bus.gateway.server import SNAPSHOT, Gateway, NotRunning
from tests.house.running import wait_until
from tests.services.bus.gateway.running import AGREEMENT, Key, Running, grant, reading, service


@contextmanager
def _callers(gateway: Running, tokens: list[str]) -> Iterator[dict[int, int]]:
    """Clients that call all the time on connections they keep; how often each status was answered."""
    statuses: dict[int, int] = {}
    over = threading.Event()

    def call(token: str) -> None:
        headers = {"Authorization": f"Bearer {token}", "X-Agreement": AGREEMENT, "X-Purpose": "thu"}
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=5)
        while not over.is_set():
            try:
                connection.request("GET", "/lgsp/dan-cu/v1/nguoi/001", headers=headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except OSError:
                status = 0
                connection.close()
            statuses[status] = statuses.get(status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=call, args=[token]) for token in tokens]
    for thread in threads:
        thread.start()
    yield statuses
    over.set()
    for thread in threads:
        thread.join()


def test_an_agreement_is_in_effect_at_once_and_no_other_call_fails(gateway: Running) -> None:
    always = reading(grant(per_minute=60_000))
    more = reading(grant("TT-2"), name="ho", template="/ho/{so}")
    gateway.publish(service(gateway.provider.url, always))
    with _callers(gateway, [gateway.key.token()] * 3) as statuses:
        for round_ in range(3):
            gateway.publish(
                service(gateway.provider.url, always, more), service(gateway.provider.url, code=f"nua-{round_}")
            )
            assert gateway.call(agreement="TT-2", path="/lgsp/dan-cu/v1/ho/1").status == 200
            gateway.publish(service(gateway.provider.url, always))
            assert gateway.call(agreement="TT-2", path="/lgsp/dan-cu/v1/ho/1").status == 403
    assert set(statuses) == {200}, statuses
    assert statuses[200] > 30


def test_keys_turn_without_a_call_refused(gateway: Running) -> None:
    old, new = gateway.key, Key("k2")
    services = service(gateway.provider.url, reading(grant(per_minute=60_000)))
    gateway.publish(services, keys=[old, new])
    with _callers(gateway, [old.token(), new.token()]) as statuses:
        gateway.publish(services, keys=[new, old])
        gateway.publish(services, keys=[old, new])
    assert set(statuses) == {200}, statuses
    gateway.publish(services, keys=[new])
    assert gateway.call(token=new.token()).status == 200
    assert gateway.call(token=old.token()).status == 401


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """One that a test may stop and start."""
    found = Running(tmp_path / ("a-long-name" * 12))
    yield found
    found.stop()
    found.provider.stop()


def test_it_goes_on_with_the_last_files_and_lets_nothing_pass_without_any(own: Running) -> None:
    own.start()
    assert own.call().status == 401  # nobody's keys
    own.publish(service(own.provider.url))
    assert own.call().status == 200
    assert own.process is not None
    os.kill(own.process.pid, signal.SIGKILL)
    own.process.wait(10)
    with pytest.raises(NotRunning):
        own.gateway.ask("GET", "/ready")
    started = time.monotonic()
    own.start()
    assert time.monotonic() - started < 2
    assert own.call().status == 200
    own.stop()
    (own.folder / SNAPSHOT).write_text("{half")
    own.start()
    assert own.call().status == 200


def test_keys_that_cannot_be_read_change_nothing(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url))
    with pytest.raises(ValueError, match="no key"):
        gateway.publish(keys=[])
    assert gateway.call().status == 200


def test_its_door_is_ours_alone(gateway: Running) -> None:
    assert (gateway.folder / configuration.ADMIN).stat().st_mode & 0o077 == 0
    assert gateway.gateway.is_ready
    wait_until(lambda: not Gateway(gateway.folder.parent).is_ready, "ready without a gateway", 1)


def test_names_of_clusters_that_go_stay_until_the_routes_are_gone() -> None:
    old, new = (
        json.dumps({"resources": [{"name": name, "v": 1} for name in names]}).encode() for names in ("ab", "bc")
    )
    assert [each["name"] for each in json.loads(configuration.both(old, new))["resources"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("path", "fits"),
    [("/a/b", True), ("/a/%C3%AA", True), ("/a/a.b", True), ("/a/..", False), ("/a/...", False), ("/a/", False)],
)
def test_a_parameter_is_one_segment(path: str, fits: bool) -> None:
    assert bool(re.fullmatch(paths.pattern("/a/{x}"), path)) is fits
    both = re.fullmatch(paths.SOUND, path) and re.fullmatch(paths.short_pattern("/a/{x}"), path)
    assert bool(both) is fits
