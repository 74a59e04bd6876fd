"""What the gateway is told, and how soon."""

from __future__ import annotations

import dataclasses
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import agreements as sharing
from hienluong.foundation.codelists import snapshots
from hienluong.foundation.codelists.models import Code, Mapping
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso import keys
from hienluong.services.bus import agreements, catalogue, control, publishing, translating
from hienluong.services.bus.gateway import snapshot as files
from hienluong.services.bus.models import Operation
from tests.capabilities.registers.sample import official, wells
from tests.factories import TESTER
from tests.foundation.codelists.sample import installed

from .sample import UPSTREAM, Province


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.GATEWAY_FOLDER = tmp_path / "gateway"
    return tmp_path / "gateway"


def _ways(folder: Path) -> set[str]:
    return {
        f"{service.code}/v{service.major} {operation.name} {grant.agreement}"
        for service, operation, grant in files.read(folder / publishing.SNAPSHOT).routes()
    }


@pytest.mark.django_db
def test_only_what_was_agreed_is_in_the_snapshot(folder: Path) -> None:
    here = Province()
    version = here.version()
    here.asked(version)
    assert publishing.publish(timezone.now()) is not None
    assert _ways(folder) == set()
    agreed = here.agreed(version, per_day=100, addresses=["10.1.0.0/16"], sign=True)
    made = publishing.publish(timezone.now())
    assert made is not None
    assert made.version == 2
    (service, operation, grant) = next(made.routes())
    assert (service.code, service.major, service.upstream) == ("land-prices", 1, UPSTREAM)
    assert not service.forward_token
    assert (operation.name, operation.template, operation.person_pointer) == (
        "parcel",
        "/parcels/{number}",
        "/owner/number",
    )
    assert grant.clients == [str(here.system.client_id)]
    assert grant.fields == ["code", "price"]
    assert grant.per_day_records == 100
    assert grant.sign
    assert grant.addresses == ["10.1.0.0/16"]
    assert operation.passes_mediator(grant)
    assert operation.response_schema_file is not None
    assert json.loads(Path(operation.response_schema_file).read_text())["required"] == ["code"]
    assert json.loads((folder / publishing.KEYS).read_text())["keys"][0]["kty"] == "RSA"
    assert "d" not in json.loads((folder / publishing.KEYS).read_text())["keys"][0]
    assert publishing.publish(timezone.now()) is None  # nothing new: nothing written
    agreements.end(here.decider, agreement=agreed, reason="Hết việc")
    publishing.publish(timezone.now())
    assert _ways(folder) == set()


@pytest.mark.django_db
def test_envoy_is_told_when_only_a_key_turned_and_when_who_told_it_was_killed(folder: Path) -> None:
    publishing.publish(timezone.now())
    keys.rotate(now_at_once=True)
    before = files.read(folder / publishing.SNAPSHOT)
    assert publishing.publish(timezone.now()) == before  # nothing else is new
    said = json.loads((folder / "tokens.json").read_text())["resources"][0]["typed_config"]["providers"]["province"]
    published = (folder / publishing.KEYS).read_text()
    assert said["local_jwks"]["inline_string"] == published
    assert said["audiences"] == [before.issuer]
    assert publishing.publish(timezone.now()) is None
    here = Province()
    agreed = here.agreed(here.version())
    publishing.publish(timezone.now())
    old = (folder / "routes.json").read_bytes()
    agreements.end(here.decider, agreement=agreed, reason="Hết việc")
    ended = dataclasses.replace(publishing.snapshot_of(timezone.now()), version=before.version + 2)
    files.write(ended, folder / publishing.SNAPSHOT)  # and no more: killed here
    assert publishing.publish(timezone.now()) == ended
    assert agreed.code.encode() in old
    assert agreed.code.encode() not in (folder / "routes.json").read_bytes()


@pytest.mark.django_db
def test_hours_days_states_and_systems_decide(folder: Path) -> None:
    here = Province()
    version = here.version(sandbox="https://thu.example.gov.vn", published=False)
    catalogue.to_test(here.provider, version=version)
    here.agreed(version, from_hour=0, to_hour=12)
    noon = timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)
    morning = publishing.snapshot_of(noon - timedelta(minutes=1))
    assert morning.services[0].upstream == "https://thu.example.gov.vn"  # what is tried is the sandbox
    assert publishing.snapshot_of(noon).services == []
    version = catalogue.publish(here.provider, version=version)
    gone = timezone.localdate() + timedelta(days=2)
    catalogue.deprecate(here.provider, version=version, retires_on=gone)
    assert publishing.snapshot_of(noon + timedelta(hours=23)).services[0].upstream == UPSTREAM
    assert publishing.snapshot_of(noon + timedelta(days=1, hours=23)).services == []
    sso.disable(TESTER, system=here.system, reason="Lộ mật khẩu")
    assert publishing.snapshot_of(noon - timedelta(minutes=1)).services == []


@pytest.mark.django_db
def test_whole_answers_go_unread_only_where_the_owner_says_so(folder: Path) -> None:
    here = Province()
    version = here.version()
    every = {"parcels": ["items.code", "items.price", "items.owner.name", "items.owner.number"], "health": []}
    here.agreed(version, fields=every)
    routes = {
        operation.name: (operation, grant) for _s, operation, grant in publishing.snapshot_of(timezone.now()).routes()
    }
    assert routes["parcels"][1].fields == every["parcels"]
    assert not routes["health"][0].passes_mediator(routes["health"][1])
    catalogue.serve(here.provider, version=version, upstream=UPSTREAM, whole=True)
    routes = {
        operation.name: (operation, grant) for _s, operation, grant in publishing.snapshot_of(timezone.now()).routes()
    }
    assert routes["parcels"][1].fields is None
    assert not routes["parcels"][0].passes_mediator(routes["parcels"][1])


@pytest.mark.django_db
def test_a_register_is_a_service_by_itself_under_its_own_agreements(folder: Path) -> None:
    here = Province()
    register = registers.install(TESTER, spec=wells(owner=here.owner.code), owner=here.owner).register
    asked = sharing.request(
        official(here.consumer, "read"),
        register=register,
        consumer=here.consumer,
        fields=["code", "name"],
        purpose="Quy hoạch",
        legal_ground="Luật",
        since=timezone.localdate(),
        until=timezone.localdate() + timedelta(days=30),
        volume=10,
    )
    assert publishing.snapshot_of(timezone.now()).services == []
    sharing.approve(official(here.owner, "share"), agreement=asked)
    (service,) = publishing.snapshot_of(timezone.now()).services
    assert service.code == "registers.thu.gieng"
    assert service.forward_token
    assert service.upstream.endswith("/api/v1/registers/thu.gieng")
    assert {one.name: one.template for one in service.operations} == {
        "list": "/records",
        "by-key": "/records/by-key/{key}",
        "get": "/records/{record}",
    }
    assert not service.operations[0].passes_mediator(service.operations[0].grants[0])
    sharing.end(official(here.owner, "share"), agreement=asked, reason="Đủ")
    assert publishing.snapshot_of(timezone.now()).services == []


@pytest.mark.django_db(transaction=True)
def test_an_agreement_takes_effect_within_two_seconds_and_so_does_its_end(folder: Path, tmp_path: Path) -> None:
    here = Province()
    installed(tmp_path)
    asked = here.asked(here.version())
    translating.add_rule(
        here.provider,
        operation=Operation.objects.get(version=asked.version, name="parcel"),
        place="answer",
        at="code",
        codelist="trees",
        provider="2020",
        consumer="2025",
        several="refuse",
        missing="refuse",
    )
    stop = threading.Event()

    def work() -> None:
        try:
            control.run(stop)
        finally:
            connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        assert _within(20, lambda: (folder / publishing.SNAPSHOT).exists())
        agreed = agreements.approve(here.decider, agreement=asked)
        assert _within(2, lambda: _ways(folder) == {f"land-prices/v1 parcel {agreed.code}"})
        said = _rules(folder)
        Mapping.objects.filter(source__value="G2").update(target=Code.objects.get(edition__code="2025", value="T"))
        snapshots.changed()
        assert _within(2, lambda: _rules(folder) not in ([], said)), "a list that changed is followed as fast"
        agreements.end(here.decider, agreement=agreed, reason="Thôi")
        assert _within(2, lambda: _ways(folder) == set())
    finally:
        stop.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [control.CHANNEL])
        thread.join(10)
    assert not thread.is_alive()


def _rules(folder: Path) -> list[Any]:
    return [
        operation.transform["translate"]
        for _service, operation, _grant in files.read(folder / publishing.SNAPSHOT).routes()
        if operation.transform
    ]


def _within(seconds: float, true: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_the_next_look_is_no_later_than_the_hour() -> None:
    at = timezone.now().replace(minute=59, second=58, microsecond=0)
    assert control.until_next(at) == 2.0
    assert control.until_next(at.replace(minute=10)) == control.SWEEP
