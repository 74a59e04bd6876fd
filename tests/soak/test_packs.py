"""Installing a pack and carrying records over, killed at random moments: whole or not at all, and whole in the end."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import migrating
from hienluong.capabilities.registers.models import Change, Definition, Register, Version
from hienluong.foundation.audit import chain
from hienluong.foundation.codelists.models import CodeList
from hienluong.services.packs.models import Installation, Package, Part
from hienluong.services.procedures.models import Procedure
from tests.capabilities.registers.sample import organization, wells
from tests.services.packs.sample import ACTOR, owner, with_

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]

ROUNDS, RECORDS = 15, 1000
INSTALL = """
import sys, django; django.setup()
from pathlib import Path
from hienluong.foundation.actions import system
from hienluong.services.packs import actions, opening
bundle = opening.open_folder(Path(sys.argv[1]))
print("begun", flush=True)
actions.install(system("Kiểm thử"), bundle=bundle)
"""
CARRY = """
import sys, django; django.setup()
from hienluong.capabilities.registers import migrating, tasks
migrating.PART = 50
print("begun", flush=True)
tasks.migrate(int(sys.argv[1]))
"""
WHOLE = {"packages": 1, "history": 1, "parts": 3, "lists": 1, "registers": 1, "procedures": 1}


def _run(code: str, argument: str, seconds: float | None) -> bool:
    """Run a piece of code on the database of the test; killed after `seconds`. Whether it came to its end."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    env = {
        **os.environ,
        "DATABASE_URL": urlunsplit(url),
        "DJANGO_SETTINGS_MODULE": "hienluong.house.settings",
        "HIENLUONG_DEMO": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, argument], env=env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        assert process.stdout.readline() == "begun\n"
        if seconds is None:
            return process.wait(600) == 0
        time.sleep(seconds)
        process.kill()
        return process.wait() == 0


def _counts() -> dict[str, int]:
    return {
        "packages": Package.objects.count(),
        "history": Installation.objects.count(),
        "parts": Part.objects.count(),
        "lists": CodeList.objects.count(),
        "registers": Register.objects.count(),
        "procedures": Procedure.objects.count(),
    }


def test_a_pack_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    owner()
    with_().write_to(tmp_path)
    chance = random.Random(3)
    for _ in range(ROUNDS):
        _run(INSTALL, str(tmp_path), chance.uniform(0.0, 0.6))
        assert _counts() in (WHOLE, dict.fromkeys(WHOLE, 0))
    assert _run(INSTALL, str(tmp_path), None)
    assert _counts() == WHOLE
    assert list(chain.verify()) == []


def test_records_are_carried_over_once_whatever_is_killed() -> None:
    place = organization("H50.90")
    register = registers.install(ACTOR, spec=wells(), owner=place).register
    for number in range(RECORDS):
        registers.create(ACTOR, register=register, data={"code": f"G{number:03}", "name": f"Giếng {number}"})
    newer = wells(version=2, effective_from="2026-01-01", migrate={"name": "name + ' (mới)'"})
    definition = registers.install(ACTOR, spec=newer, owner=place)
    assert migrating.is_due(definition)
    chance = random.Random(4)
    for _ in range(ROUNDS):
        _run(CARRY, str(definition.pk), chance.uniform(0.0, 0.4))
    assert _run(CARRY, str(definition.pk), None)
    assert not migrating.is_due(Definition.objects.get(pk=definition.pk))
    now = Version.objects.filter(register=register, known__upper_inf=True, valid__upper_inf=True)
    assert {row["definition"] for row in now.values("definition")} == {definition.pk}
    assert now.filter(data__name__endswith=" (mới) (mới)").count() == 0
    assert Change.objects.filter(register=register, source=Change.Source.MIGRATION).count() == RECORDS
    assert list(chain.verify()) == []
