"""Events leave the outbox for the event server: each once, those of a key in order, nothing that was not declared."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from hienluong.foundation.codelists import shipped
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.events import outbox
from hienluong.foundation.events.models import Event
from hienluong.foundation.events.outbox import MANY, NewEvent, write
from hienluong.foundation.organisations import actions as organisations
from hienluong.services.streams import publishing, registry, running
from hienluong.services.streams.models import SchemaVersion, Withheld
from tests.factories import LONG_AGO, TESTER, make_org
from tests.services.streams.broker import Broker, Bus

TYPE = "organization.created"


def tell(*facts: tuple[str, str], type: str = TYPE) -> None:
    """Events as actions write them: the key, and the code in the data."""
    with transaction.atomic():
        write([NewEvent(type, key, {"code": code}) for key, code in facts])


def left() -> int:
    return Event.objects.filter(leaving=True).count()


def by_key(messages: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in messages:
        found.setdefault(each["partitionkey"], []).append(each["data"]["code"])
    return found


@pytest.fixture
def worker(settings: Any) -> Iterator[None]:
    """The part of the worker that brings events out, in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=running.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def until(what: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_agencies_do_is_told_as_cloud_events(bus: Bus, settings: Any) -> None:
    org = make_org("Sở Thử", code="H50.77")
    organisations.rename(TESTER, org=org, name="Sở Đổi tên", on=LONG_AGO.replace(year=2021), legal_basis="QĐ 1")
    install(TESTER, loaded=shipped.load("legal-forms"))
    bus.publish()
    told = {each["type"]: each for each in bus.messages() if each["data"].get("code", "H50.77") == "H50.77"}
    created, changed = told["vn.hienluong.organization.created"], told["vn.hienluong.codelist.changed"]
    row = Event.objects.get(type=TYPE, data__code="H50.77")
    assert created | {"_headers": None} == {
        "specversion": "1.0",
        "id": str(row.uid),
        "source": settings.BASE_URL,
        "type": "vn.hienluong.organization.created",
        "subject": row.subject,
        "time": row.occurred_at.isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "dataschema": f"{settings.BASE_URL}/api/v1/events/types/organization.created/schemas/1",
        "sequence": f"{row.id:020d}",
        "partitionkey": row.subject,
        "data": {"code": "H50.77"},
        "_subject": f"su-kien.organization.created.organisations_organization_{org.pk}",
        "_headers": None,
    }
    assert created["_headers"]["Nats-Msg-Id"] == created["id"]
    assert changed["data"]["list"] == "legal-forms"
    assert "vn.hienluong.organization.renamed" in told
    assert left() == 0


def test_nothing_leaves_that_is_not_declared_or_not_of_its_shape(bus: Bus) -> None:
    tell(("a", "1"), type="account.password_changed")
    with transaction.atomic():
        write(
            [
                NewEvent(TYPE, "b", {"code": "1", "name": "Nguyễn Văn An", "phone": "0912345678"}),
                NewEvent(TYPE, "c", {"name": "không có mã"}),
                NewEvent(TYPE, "d", {"code": "số 045190001234 của ai đó"}),
                NewEvent(TYPE, "e", {"code": 12}),
            ]
        )
    bus.publish()
    assert [(each["partitionkey"], each["data"]) for each in bus.messages()] == [("b", {"code": "1"})]
    why = list(Withheld.objects.order_by("event").values_list("why", flat=True))
    assert len(why) == 3
    assert "code" in why[0]
    assert why[1] == "personal-number"
    assert left() == 0  # they do not keep back the others


def test_order_of_a_key_is_kept_and_no_event_is_stored_twice(bus: Bus) -> None:
    dice = random.Random(631)
    facts = [(f"k{dice.randrange(40)}", str(number)) for number in range(publishing.BATCH + 300)]
    for start in range(0, len(facts), 70):
        tell(*facts[start : start + 70])  # some by INSERT, some by COPY
    assert MANY < 70
    assert bus.publish() == len(facts)
    Event.objects.filter(type=TYPE).update(leaving=True)  # as when the word that they were stored was lost
    assert bus.publish() == len(facts)
    expected: dict[str, list[str]] = {}
    for key, code in facts:
        expected.setdefault(key, []).append(code)
    assert by_key(bus.messages()) == expected


def test_a_server_that_is_away_or_killed_loses_nothing(own_bus: Bus, own_broker: Broker, worker: None) -> None:
    tell(("a", "1"), ("b", "1"))
    until(lambda: left() == 0)
    own_broker.kill()
    for number in range(2, 40):
        tell(("a", str(number)), ("b", str(number)))
    assert left() == 76
    time.sleep(1.5)
    assert left() == 76
    own_broker.start()
    until(lambda: left() == 0)
    expected = [str(number) for number in range(1, 40)]
    assert by_key(own_bus.messages()) == {"a": expected, "b": expected}


def test_killed_while_it_stores(own_bus: Bus, own_broker: Broker, worker: None) -> None:
    facts = [(f"k{number % 50}", str(number)) for number in range(1500)]
    tell(*facts)
    until(lambda: left() < 1400)
    own_broker.kill()
    time.sleep(0.5)
    own_broker.start()
    until(lambda: left() == 0)
    found = by_key(own_bus.messages())
    assert found == {f"k{key}": [str(number) for number in range(key, 1500, 50)] for key in range(50)}


def test_a_full_stream_keeps_events_in_the_outbox(own_bus: Bus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "PATIENCE", 2.0)

    async def narrow(_connection: Any, js: Any) -> None:
        info = await js.stream_info("SU_KIEN")
        info.config.max_bytes = 30_000
        await js.update_stream(info.config)

    own_bus.on(narrow)
    tell(*[(f"k{number % 7}", str(number)) for number in range(100)])
    with pytest.raises(publishing.Stuck):
        own_bus.publish()
    stored = len(own_bus.messages())
    assert 0 < stored < 100
    assert left() >= 100 - stored
    own_bus.on(lambda _connection, js: running.connecting.ensure_stream(js))
    own_bus.publish()
    assert left() == 0
    expected = {f"k{key}": [str(number) for number in range(key, 100, 7)] for key in range(7)}
    assert by_key(own_bus.messages()) == expected


def test_only_one_worker_brings_events_out(bus: Bus, worker: None) -> None:
    tell(("a", "1"))
    until(lambda: left() == 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('hienluong.streams'))")
        assert cursor.fetchone() == (False,)


def test_declared_types_are_let_out_and_have_a_schema(bus: Bus) -> None:
    assert set(SchemaVersion.objects.values_list("type", flat=True)) == set(registry.TYPES)
    assert registry.install(running.WHO) == 0
    assert set(registry.TYPES) <= outbox._let_out
