"""What passes changes while calls are under way; keys turn; the control plane and the gateway die."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hienluong.house.children import listens
from hienluong.services.bus.gateway import configuration, paths
from hienluong.services.bus.gateway.configuration import Listening
from hienluong.services.bus.gateway.server import SNAPSHOT, Gateway, NotRunning
from tests.house.running import free_port, wait_until
from tests.services.bus.gateway.running import AGREEMENT, Key, Running, grant, reading, service


@contextmanager
def callers(gateway: Running, tokens: list[str]) -> Iterator[dict[int, int]]:
    """Clients that call all the time on connections they keep; how often each status was answered.

    A token that is replaced in the list is used from the next call on.
    """
    statuses: dict[int, int] = {}
    over = threading.Event()

    def call(number: int) -> None:
        headers = {"X-Agreement": AGREEMENT, "X-Purpose": "thu"}
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=5)
        while not over.is_set():
            try:
                told = {**headers, "Authorization": f"Bearer {tokens[number]}"}
                connection.request("GET", "/lgsp/dan-cu/v1/nguoi/001", headers=told)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except OSError:
                status = 0
                connection.close()
            statuses[status] = statuses.get(status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=call, args=[number]) for number in range(len(tokens))]
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
    with callers(gateway, [gateway.key.token()] * 3) as statuses:
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
    with callers(gateway, [old.token(), new.token()]) as statuses:
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
    assert time.monotonic() - started < 10  # of 15 that it waits for files it does not have
    assert own.call().status == 200
    own.stop()
    (own.folder / SNAPSHOT).write_text("{half")
    own.start()
    assert own.call().status == 200


def _second(own: Running) -> tuple[int, subprocess.Popen[bytes]]:
    """Another gateway from the same folder, at a port and with a door of its own, as on a machine that shares it."""
    port, door = free_port(), f"2-{configuration.ADMIN}"
    told = json.loads(configuration.bootstrap(Listening("127.0.0.1", port)))
    told["admin"]["address"]["pipe"]["path"] = door
    for listener in told["static_resources"]["listeners"]:
        connections = listener["filter_chains"][0]["filters"][0]["typed_config"]
        connections["access_log"][0]["typed_config"]["path"] = f"2-{configuration.ACCESS_LOG}"
    (own.folder / f"2-{configuration.BOOTSTRAP}").write_text(json.dumps(told))
    argv = [f"2-{each}" if each == configuration.BOOTSTRAP else each for each in own.gateway.argv()]
    with (own.folder / "envoy-2.out").open("ab") as out:
        process = subprocess.Popen(argv, cwd=own.folder, env=own.gateway.environment(), stdout=out, stderr=out)
    wait_until(lambda: listens(port) or process.poll() is not None, "the second does not listen", 20)
    return port, process


def test_one_of_two_gateways_may_be_lost_while_keys_turn(own: Running) -> None:
    """Who knows both addresses asks the other when one is gone: every call is answered, and both follow what changes.

    Nothing of the control plane runs here but while something is published.
    """
    own.start()
    old, new = own.key, Key("k2")
    services = service(own.provider.url, reading(grant(per_minute=60_000)))
    own.publish(services)
    port, second = _second(own)
    headers = {"X-Agreement": AGREEMENT, "X-Purpose": "thu"}
    over, answered, failed, moved = threading.Event(), [0, 0], [], [0, 0]
    token = [old.token()]

    def ask(number: int) -> None:
        ports, number_now = [own.port, port], number
        connection = http.client.HTTPConnection("127.0.0.1", ports[number], timeout=5)
        while not over.is_set():
            for _try in range(2):
                try:
                    connection.request(
                        "GET",
                        "/lgsp/dan-cu/v1/nguoi/001",
                        headers={**headers, "Authorization": f"Bearer {token[0]}"},
                    )
                    got = connection.getresponse()
                    got.read()
                    break
                except (OSError, http.client.HTTPException):
                    connection.close()
                    moved[number] += 1
                    number_now = 1 - number_now
                    connection = http.client.HTTPConnection("127.0.0.1", ports[number_now], timeout=5)
            else:
                failed.append(0)
                continue
            answered[number] += 1
            if got.status != 200:
                failed.append(got.status)
        connection.close()

    threads = [threading.Thread(target=ask, args=[number]) for number in (0, 1)]
    for thread in threads:
        thread.start()
    try:
        own.publish(services, keys=[old, new])  # as keys turn: the new one is known before it signs
        token[0] = new.token()
        second.kill()
        second.wait(10)
        at_kill = list(answered)
        time.sleep(0.5)
        own.publish(services, keys=[new])
        assert answered[1] > at_kill[1]  # who asked the second is answered by the first
        again = subprocess.Popen(second.args, cwd=own.folder, env=own.gateway.environment(), stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: listens(port), "the second is not back", 20)
            assert own.process is not None
            own.process.kill()
            own.process.wait(10)
            at_kill = list(answered)
            time.sleep(0.5)
            own.publish(services, keys=[new])  # the files change also while one of two reads them
            assert min(now - then for now, then in zip(answered, at_kill, strict=True)) > 0
        finally:
            over.set()
            for thread in threads:
                thread.join()
            again.kill()
            again.wait(10)
    finally:
        over.set()
        second.kill()
    assert failed == []
    assert (moved[0] >= 1, moved[1] >= 2) == (True, True), moved


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
