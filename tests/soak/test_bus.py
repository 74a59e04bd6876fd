"""The gateway while the control plane dies again and again in the middle of a change, and keys turn. ``make soak``."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hienluong.services.bus.gateway.snapshot import Snapshot, dumps
from tests.services.bus.gateway.running import ISSUER, Key, Running, grant, reading, service
from tests.services.bus.gateway.test_changing import callers

pytestmark = pytest.mark.soak

ROUNDS = int(os.environ.get("SOAK_GATEWAY", "30"))
#: A control plane that changes all the time what passes, without the rest of the house.
CONTROL = """
import sys, time
from pathlib import Path
from hienluong.services.bus.gateway.server import Gateway
from hienluong.services.bus.gateway.snapshot import read
gateway, snapshots = Gateway(Path(sys.argv[1])), [read(Path(each)) for each in sys.argv[2:]]
print("ready", flush=True)
while True:
    for each in snapshots:
        gateway.apply(each)
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    found = Running(tmp_path / "gateway").start()
    yield found
    found.stop()
    found.provider.stop()


def test_no_call_fails_while_the_control_plane_is_killed_in_the_middle_of_changes(own: Running, tmp_path: Path) -> None:
    chance = random.Random(6)
    always = service(own.provider.url, reading(grant(per_minute=60_000)))
    own.publish(always)
    files = []
    for number in range(2):
        more = [service(own.provider.url, code=f"nua-{number}-{each}") for each in range(50)]
        told = Snapshot(own.version + 1 + number, ISSUER, "jwks.json", "127.0.0.1:9", [always, *more])
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(dumps(told))
    argv = [sys.executable, "-c", CONTROL, str(own.folder), *map(str, files)]
    with callers(own, [own.key.token()] * 3) as statuses:
        for _round in range(ROUNDS):
            with subprocess.Popen(argv, stdout=subprocess.PIPE) as control:
                assert control.stdout is not None
                assert control.stdout.readline() == b"ready\n"
                time.sleep(chance.uniform(0, 1.0))
                control.kill()
        own.version += 2
        own.publish(always, service(own.provider.url, code="sau"))
    assert set(statuses) == {200}, statuses
    assert own.call(path="/lgsp/sau/v1/nguoi/1").status == 200
    assert own.call(path="/lgsp/nua-0-1/v1/nguoi/1").status == 403


def test_no_call_fails_while_keys_turn_again_and_again(own: Running) -> None:
    """As the identity provider does it: the next key is known before it signs, the last one until its tokens are over."""
    services = service(own.provider.url, reading(grant(per_minute=60_000)))
    now, following = own.key, Key("k-next")
    own.publish(services, keys=[now, following])
    tokens = [now.token()] * 3
    with callers(own, tokens) as statuses:
        for number in range(ROUNDS):
            last, now, following = now, following, Key(f"k-{number}")
            tokens[:] = [now.token()] * 3
            own.publish(services, keys=[last, now, following])
    assert set(statuses) == {200}, statuses
    own.publish(services, keys=[now])
    assert own.call(token=last.token()).status == 401
    assert own.call(token=now.token()).status == 200
