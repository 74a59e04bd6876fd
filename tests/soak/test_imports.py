"""A large file on its way into a register while processes are killed: in the end every row is there once."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from tests.soak.test_faults import House, folder, house, kill_something  # noqa: F401  (fixtures)

pytestmark = pytest.mark.soak

ROWS, ROUNDS = 30_000, 15
BEGIN = f"""
import csv, io, json
import django; django.setup()
from tests.capabilities.registers.sample import WELLS, official, wells
import tests.factories
from tests.factories import actor_for_role, make_org
tests.factories._count = iter(range(5_000, 6_000))  # others were made before, in another process
from hienluong.capabilities.registers import actions as registers
from hienluong.services.records.importing import actions
owner = make_org("Sở Nước", code="H50.95", kind="department")
place = make_org("Phòng Nước", code="H50.95.01", kind="division", parent=owner)
schema = {{**WELLS["schema"], "properties": {{**WELLS["schema"]["properties"], "code": {{"type": "string", "title": "Số", "pattern": "^G[0-9]{{6}}$"}}}}}}
chief = official(owner, "define")
register = registers.install(chief, spec=wells(owner=owner.code, schema=schema), owner=owner).register
out = io.StringIO()
rows = [[f"G{{n:06}}", f"Giếng {{n}}", n % 300 or "sâu", place.code] for n in range({ROWS})]
csv.writer(out).writerows([["code", "name", "depth", "agency"], *rows])
officer = actor_for_role("officer", place)
batch = actions.take_in(officer, register=register, name="gieng.csv", content=out.getvalue().encode())
actions.start(officer, batch=batch, mapping=batch.mapping)
print(json.dumps({{"batch": str(batch.pk), "faulty": sum(row[2] == "sâu" for row in rows)}}))
"""
LOOK = """
import json, sys
import django; django.setup()
from django.db.models import Count
from hienluong.capabilities.registers.models import Change, Record, Version
from hienluong.foundation.audit import chain
from hienluong.services.records.models import Import
one = Import.objects.get()
print(json.dumps({
    "state": one.state, "read": one.read, "written": one.written, "faulty": one.faulty, "parts": one.parts.count(),
    "records": Record.objects.count(), "versions": Version.objects.count(), "changes": Change.objects.count(),
    "twice": Version.objects.values("key").annotate(n=Count("pk")).filter(n__gt=1).count(),
    "audit": [fault.message for fault in chain.verify()] if one.state == "done" else [],
}))
"""


def told(house: House, code: str) -> dict[str, Any]:  # noqa: F811
    """The last line that a piece of code printed."""
    found: dict[str, Any] = json.loads(house.python(code).strip().splitlines()[-1])
    return found


def test_every_row_arrives_once_whatever_is_killed(house: House) -> None:  # noqa: F811
    begun = told(house, BEGIN)
    chance = random.Random(6)
    for _ in range(ROUNDS):
        time.sleep(chance.uniform(0.2, 1.0))
        words = kill_something(house, chance)
        house.wait(after=words)
    time.sleep(5)  # the last one killed is started again
    house.wait()
    until = time.monotonic() + 600
    while (found := told(house, LOOK))["state"] != "done" and time.monotonic() < until:
        time.sleep(2)
    sound = ROWS - begun["faulty"]
    assert found == {
        "state": "done",
        "read": ROWS,
        "written": sound,
        "faulty": begun["faulty"],
        "parts": 0,
        "records": sound,
        "versions": sound,
        "changes": sound,
        "twice": 0,
        "audit": [],
    }
