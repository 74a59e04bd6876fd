"""A register read through the gateway of a running installation, from a system's token to the end of its agreement."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.house.running import Installation, wait_until

pytestmark = pytest.mark.house

#: Two departments, a register with one record, a system; says how to call, then ends the agreement at each line read.
SCRIPT = """
import json
import sys
from datetime import timedelta
from secrets import token_hex
from django.utils import timezone
from hienluong.capabilities.registers import actions, agreements
from tests.capabilities.registers.sample import GOOD, official, organization, wells
from tests.factories import TESTER
from tests.services.bus.sample import system_of
one = token_hex(3)
place = ".".join(one[at : at + 2].upper() for at in (0, 2, 4))
owner, consumer = organization(f"K98.{place}"), organization(f"K99.{place}")
system, secret = system_of(consumer)
register = actions.install(TESTER, spec=wells(owner=owner.code, code=f"thu.g{one}"), owner=owner).register
well = {**GOOD, "agency": owner.code}
actions.create(official(owner, "read", "write"), register=register, data=well, since=timezone.localdate())
def agree():
    asked = agreements.request(official(consumer, "read"), register=register, consumer=consumer,
        fields=["code", "name"], purpose="Quy hoạch", legal_ground="Luật", since=timezone.localdate(),
        until=timezone.localdate() + timedelta(days=9), volume=1000)
    return agreements.approve(official(owner, "share"), agreement=asked)
agreed = agree()
told = {"client": str(system.client_id), "secret": secret, "agreement": agreed.code, "register": register.code}
print("SAID" + json.dumps(told), flush=True)
for line in sys.stdin:
    if line.strip() == "end":
        agreements.end(official(owner, "share"), agreement=agreed, reason="Thôi")
    else:
        agreed = agree()
    print("DONE" + agreed.code, flush=True)
"""


class Consumer:
    """A system that reads the register of wells."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.other = installation.shell(SCRIPT)
        told: dict[str, Any] = json.loads(self._line("SAID"))
        self.agreement, self.register = told["agreement"], told["register"]
        answer = httpx.post(
            f"{installation.url}/sso/ma",
            data={"grant_type": "client_credentials", "scope": "api.read"},
            auth=(told["client"], told["secret"]),
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]

    def _line(self, beginning: str) -> str:
        assert self.other.stdout
        said = []
        for line in self.other.stdout:
            said.append(line)
            if line.startswith(beginning):
                return line.removeprefix(beginning).strip()
        raise AssertionError("".join(said))

    def decide(self, what: str) -> None:
        """End the agreement, or agree anew."""
        assert self.other.stdin
        self.other.stdin.write(f"{what}\n")
        self.other.stdin.flush()
        self.agreement = self._line("DONE")

    def call(self, path: str = "/records") -> httpx.Response:
        """One call under the agreement."""
        headers = {"Authorization": f"Bearer {self.token}", "X-Agreement": self.agreement, "X-Purpose": "thu nghiem"}
        return httpx.get(
            f"http://127.0.0.1:{self.installation.bus_port}/lgsp/registers.{self.register}/v1{path}",
            headers=headers,
            timeout=20,
            trust_env=False,
        )

    def answers(self, status: int) -> bool:
        """Whether a call is answered so."""
        try:
            return self.call().status_code == status
        except httpx.HTTPError:
            return False


@pytest.fixture
def consumer(installation: Installation) -> Iterator[Consumer]:
    found = Consumer(installation)
    yield found
    found.other.kill()
    found.other.wait()


def test_a_register_is_read_through_the_gateway_while_it_is_agreed(consumer: Consumer) -> None:
    wait_until(lambda: consumer.answers(200), lambda: consumer.call().text, 60)
    answer = consumer.call()
    assert [set(record["data"]) for record in answer.json()["items"]] == [{"code", "name"}], answer.text
    assert consumer.call("/records/by-key/G001").json()["data"]["code"] == "G001"
    consumer.decide("end")
    assert consumer.call().status_code == 403  # at once: our own API looks for itself
    # How soon it takes effect is measured by benchmarks/gateway.py: here other tests take the machine.
    wait_until(lambda: consumer.call().json()["code"] == "gateway.no_agreement", lambda: consumer.call().text, 60)
    consumer.decide("agree")
    wait_until(lambda: consumer.answers(200), lambda: consumer.call().text, 60)


def test_the_gateway_goes_on_without_who_tells_it_and_after_its_own_death(
    consumer: Consumer, installation: Installation
) -> None:
    wait_until(lambda: consumer.answers(200), lambda: consumer.call().text, 60)
    for name in ("worker", "gateway"):
        before = installation.child(name)["pid"]
        os.kill(before, signal.SIGKILL)
        if name == "worker":
            assert consumer.answers(200)
        wait_until(lambda name=name, before=before: installation.child(name)["pid"] != before, f"{name} stays dead")
        wait_until(lambda: consumer.answers(200), "the gateway does not answer again", 20)
    wait_until(lambda: installation.status()["healthy"], "not healthy again")
