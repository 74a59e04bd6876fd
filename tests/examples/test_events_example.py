"""A program in another language is told of events with the public documentation only: it takes them, and it is called."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from hienluong.services.streams import running
from tests.examples.test_examples import EXAMPLES, environment, ran
from tests.relying_parties.running import free_port, node
from tests.services.streams.broker import Bus
from tests.services.streams.conftest import _one_broker, bus  # noqa: F401  (fixtures)
from tests.services.streams.sample import HERE, Office, tell, until

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
PROGRAM = str(EXAMPLES / "events.mjs")


def line(code: str) -> str:
    return f'vn.hienluong.organization.changed {{"code":"{code}"}}'


def test_it_takes_events(bus: Bus, province: str) -> None:  # noqa: F811
    office = Office()
    found = office.subscribe()
    tell(("a", "H50.01"), ("b", "H50.02"), ("a", "H50.03"))
    bus.publish()
    env = {**environment(province, office.system, office.secret), "SUBSCRIPTION": found.code}
    assert ran([node(), PROGRAM], env).splitlines() == [line("H50.01"), line("H50.02"), line("H50.03")]


def test_it_is_called_and_believes_only_the_province(bus: Bus, province: str, tmp_path: Path, settings: Any) -> None:  # noqa: F811
    settings.WEBHOOK_NETWORKS = HERE
    port = free_port()
    address = f"http://127.0.0.1:{port}/nhan?he=1"
    office = Office()
    office.subscribe(address)
    env = {**environment(province, office.system, office.secret), "ADDRESS": address, "PORT": str(port)}
    said = tmp_path / "said.txt"
    with said.open("w") as out:
        program = subprocess.Popen([node(), PROGRAM], env=env, stdout=out, stderr=subprocess.STDOUT)
    stop = threading.Event()
    worker = threading.Thread(target=running.run, args=(stop,))
    worker.start()
    try:
        tell(("a", "H50.01"), ("a", "H50.02"))
        until(lambda: said.read_text().splitlines() == [line("H50.01"), line("H50.02")])
        forged = {"content-type": "application/cloudevents+json", "signature": "hienluong=:AAAA:"}
        assert httpx.post(address, json={"id": "1", "data": {}}, headers=forged).status_code == 401
        assert len(said.read_text().splitlines()) == 2
    finally:
        stop.set()
        worker.join(20)
        program.terminate()
        program.wait(10)
