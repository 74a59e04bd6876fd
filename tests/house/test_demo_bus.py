"""The data-sharing bus of the demo: what is declared while it is loaded, and the run that everything running answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.identity.models import Account
from hienluong.house import demo
from hienluong.house.children import listens
from hienluong.house.demo import bus
from hienluong.house.tasks import begin_demo_flow
from hienluong.services.agentnode import connection
from hienluong.services.agentnode.models import Offer, Passage, Subsystem
from hienluong.services.bus.models import Service, ServiceAgreement
from hienluong.services.flows.models import FlowVersion, Run
from tests.house.running import Installation, environment, free_port, wait_until
from tests.services.streams.sample import HERE

#: The steps without which it cannot be.
NEEDED = ("government:organisations", "government:calendars", "government:roles", "people:accounts", "bus:services")
STEPS = tuple(step for step in demo.STEPS if step.function in NEEDED)
AT_NODE = "/quan-tri/truc-du-lieu/nut-dai-ly"


def load() -> None:
    for step in STEPS:
        step.run(demo.Progress(0, lambda items, total: iter(items)))


@pytest.fixture
def beside(settings: Any, tmp_path: Path) -> None:
    """The addresses of the simulators, and no gateway."""
    settings.DEMO = True
    settings.BUS_UPSTREAMS = HERE
    settings.AGENCY_SIMULATOR_URL = "http://127.0.0.1:8099"
    settings.AGENT_NODE = connection.simulated("http://127.0.0.1:8102", tmp_path)
    settings.BUS_URL = ""


def signed_in(username: str) -> Client:
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(Account.objects.get(username=username))
    return browser


@pytest.mark.django_db
def test_services_node_and_flow_are_declared_once_and_shown(beside: None) -> None:
    load()
    load()
    assert set(Service.objects.values_list("code", flat=True)) == {bus.LAND, bus.PEOPLE}
    assert set(ServiceAgreement.objects.values_list("state", flat=True)) == {"approved"}
    assert (ServiceAgreement.objects.count(), Subsystem.objects.count()) == (3, 2)
    assert (Passage.objects.count(), Offer.objects.count()) == (1, 1)
    version = FlowVersion.objects.get(flow__code=bus.FLOW, state="published")
    assert set(version.operations) == {f"{bus.LAND}/v1/parcel", f"{bus.PEOPLE}/v1/verify"}
    page = signed_in("quantri").get(AT_NODE).content.decode()
    for words in (bus.OURS, bus.TAX, "VN/GOV/G01/DANCU/tra-cuu", f"{bus.OURS}/dat-dai", "TTDV-"):
        assert words in page, words
    assert "Chưa ai: không có thỏa thuận" not in page


@pytest.mark.django_db
def test_without_simulators_nothing_is_declared(settings: Any) -> None:
    settings.AGENCY_SIMULATOR_URL, settings.AGENT_NODE = "", None
    load()
    assert not Service.objects.exists()
    assert bus.begin(), "there is nothing to wait for"


@pytest.mark.django_db
def test_the_run_waits_until_everything_runs(beside: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    assert not bus.begin()
    assert not Run.objects.exists()
    monkeypatch.setattr(bus, "_all_runs", lambda: True)
    begin_demo_flow(left=1)
    begin_demo_flow(left=1)
    assert Run.objects.get().given == {"thua": bus.PARCEL}


SCRIPT = f"""
from hienluong.house import demo
for step in demo.STEPS:
    if step.function in {NEEDED!r}:
        step.run(demo.Progress(0, lambda items, total: iter(items)))
print("MADE", flush=True)
"""
LOOK = """
import json
from hienluong.services.agentnode.models import Exchange
from hienluong.services.flows.models import Run
told = [[run.state, run.answer, run.fault] for run in Run.objects.all()]
print("TOLD", json.dumps([told, list(Exchange.objects.values_list("client", "service", "error"))]), flush=True)
"""


@pytest.fixture
def province(tmp_path: Path) -> Iterator[Installation]:
    """An installation with its gateway and mediator, and beside it the land system and the agent node."""
    folder, (agency, ministries) = tmp_path / "state", (free_port(), free_port())
    module = [sys.executable, "-m"]
    env = {
        "HIENLUONG_DEMO": "1",
        "HIENLUONG_AGENCY_SIMULATOR": f"http://127.0.0.1:{agency}",
        "HIENLUONG_MINISTRIES_SIMULATOR": f"http://127.0.0.1:{ministries}",
    }
    running = Installation(folder, env=env, migrated=True)
    beside: list[subprocess.Popen[bytes]] = []
    try:
        running.start()
        for name, port, more in (
            ("agency", agency, ["--owner-number", "045190001234"]),
            ("ministries", ministries, ["--state", str(folder / "ministries")]),
        ):
            command = [*module, f"hienluong.house.simulators.{name}", "--port", str(port), *more]
            beside.append(subprocess.Popen(command, env=environment(HIENLUONG_MINISTRIES_SECRET="thu")))
            wait_until(lambda port=port: listens(port), f"{name} does not listen", 60)  # type: ignore[misc]
        running.env["HIENLUONG_BUS_URL"] = f"http://127.0.0.1:{running.bus_port}"  # as while a demo is loaded
        made, _nothing = running.shell(SCRIPT).communicate(timeout=180)
        assert "MADE" in made, made
        yield running
    finally:
        running.stop()
        for process in beside:
            process.terminate()
            process.wait(20)


@pytest.mark.house
def test_the_flow_is_run_through_the_gateway_and_the_node(province: Installation) -> None:
    said = ""

    def finished() -> bool:
        nonlocal said
        said, _nothing = province.shell(LOOK).communicate(timeout=120)
        return '"done"' in said or '"failed"' in said

    wait_until(finished, lambda: said, 120)
    told, exchanges = json.loads(said.split("TOLD ", 1)[1].splitlines()[0])
    assert told == [
        [
            "done",
            {
                "value": {
                    "thua": bus.PARCEL,
                    "noi": "Phường Đông Hà",
                    "nguoi_su_dung_con_so_dinh_danh": True,
                    "gia_tri": 463_200_000.0,
                    "viec_tiep": "Thẩm định giá trước khi tính thuế",
                }
            },
            "",
        ]
    ]
    assert [bus.OURS, "VN/GOV/G01/DANCU/tra-cuu", ""] in exchanges
