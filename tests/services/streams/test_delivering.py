"""Webhooks are told of every event, those of a key in order, whatever breaks; what comes twice says so."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from hienluong.services.streams import calling, delivering, subscriptions
from hienluong.services.streams import running as worker_of_streams
from hienluong.services.streams.models import Subscription, Undelivered
from tests.services.streams.broker import Broker, Bus
from tests.services.streams.sample import HERE, Office, left, tell, until
from tests.services.streams.webhook import Webhook


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = HERE
    monkeypatch.setattr(delivering, "WAITS", (timedelta(seconds=0.1),) * 3)
    monkeypatch.setattr(delivering, "PAUSES", (0.1, 0.2))
    monkeypatch.setattr(delivering, "LOOK", 0.2)
    monkeypatch.setattr(worker_of_streams, "LOOK", 0.2)
    monkeypatch.setattr(worker_of_streams, "PAUSE", 0.2)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    found = Webhook().up()
    yield found
    found.down()


@pytest.fixture
def worker() -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=worker_of_streams.run, args=(stop,))
    thread.start()
    yield
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def in_order(came: list[dict[str, Any]], facts: list[tuple[str, str]]) -> bool:
    """Whether all came, each key in its order, and whatever came again was marked."""
    expected: dict[str, list[str]] = {}
    for key, code in facts:
        expected.setdefault(key, []).append(code)
    first: dict[str, list[str]] = {}
    seen: set[str] = set()
    for each in came:
        if each["id"] in seen:
            assert each.get("redelivered") is True
            continue
        seen.add(each["id"])
        first.setdefault(each["partitionkey"], []).append(each["data"]["code"])
    return first == expected


def test_all_is_told_in_the_order_of_each_key_and_filtered(bus: Bus, hook: Webhook, worker: None) -> None:
    office = Office()
    office.subscribe(hook.url, filters={"code": [str(number) for number in range(0, 200, 2)]})
    dice = random.Random(278)
    facts = [(f"k{dice.randrange(30)}", str(number)) for number in range(200)]
    tell(*facts)
    tell(("k1", "2"), type="organization.created")  # a type that was not asked for
    wanted = [(key, code) for key, code in facts if int(code) % 2 == 0]
    until(lambda: len(hook.took) >= len(wanted))
    assert in_order(hook.took, wanted)
    assert {each["type"] for each in hook.came} == {"vn.hienluong.organization.changed"}
    assert not any("redelivered" in each for each in hook.came)
    assert hook.connections <= delivering.AT_ONCE + 1  # connections are kept
    assert Undelivered.objects.count() == 0


def test_one_event_that_is_not_taken_keeps_back_its_key_and_no_other(bus: Bus, hook: Webhook, worker: None) -> None:
    office = Office()
    found = office.subscribe(hook.url)
    hook.answer = lambda event: (422 if event["data"]["code"] == "bad" else 204, {})
    tell(("a", "1"), ("a", "bad"), ("a", "2"), ("b", "1"), ("b", "2"), ("a", "3"))
    until(lambda: Undelivered.objects.exclude(given_up_at=None).exists())
    assert hook.codes() == {"a": ["1"], "b": ["1", "2"]}
    row = Undelivered.objects.get(event__data__code="bad")
    assert (row.attempts, row.error) == (len(delivering.WAITS) + 1, "HTTP 422")
    assert Undelivered.objects.filter(key="a").count() == 3
    assert Subscription.objects.get().failures == 0  # the address answers
    tell(("a", "4"), ("b", "3"))
    until(lambda: hook.codes()["b"] == ["1", "2", "3"])
    assert [each.get("redelivered") for each in hook.came if each["data"]["code"] == "bad"] == [None, True, True, True]
    # A person sends it again; it is taken now, and those behind it come after it.
    hook.answer = lambda _event: (200, {})
    subscriptions.retry(office.asker, subscription=found, sequence=row.sequence)
    until(lambda: hook.codes()["a"] == ["1", "bad", "2", "3", "4"])
    until(lambda: Undelivered.objects.count() == 0)


def test_what_a_person_lets_go_is_never_sent_and_the_rest_goes_on(bus: Bus, hook: Webhook, worker: None) -> None:
    office = Office()
    found = office.subscribe(hook.url)
    hook.answer = lambda event: (400 if event["data"]["code"] == "bad" else 204, {})
    tell(("a", "bad"), ("a", "2"))
    until(lambda: Undelivered.objects.exclude(given_up_at=None).exists())
    row = Undelivered.objects.exclude(given_up_at=None).get()
    subscriptions.drop(office.decider, subscription=found, sequence=row.sequence, reason="Hệ thống kia không cần")
    until(lambda: hook.codes() == {"a": ["2"]})
    until(lambda: Undelivered.objects.count() == 0)


@pytest.mark.parametrize("how", ["500", "slow", "redirect", "429"])
def test_an_address_that_cannot_now_gets_all_later(
    bus: Bus, hook: Webhook, worker: None, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    trap = Webhook().up()
    answers = {"500": (500, {}), "429": (429, {}), "redirect": (307, {"Location": trap.url}), "slow": (204, {})}
    hook.answer = lambda _event: answers[how]
    if how == "slow":
        monkeypatch.setattr(calling, "ANSWER", 0.2)
        hook.seconds = 0.8
    office = Office()
    office.subscribe(hook.url)
    facts = [(f"k{number % 5}", str(number)) for number in range(30)]
    tell(*facts)
    until(lambda: Undelivered.objects.filter(attempts__gt=1).exists())
    if how != "redirect":
        assert Subscription.objects.get().failures > 0
        assert len(hook.came) < 25  # one at a time, after waits
    hook.seconds, hook.answer = 0.0, lambda _event: (204, {})
    for row in Undelivered.objects.exclude(given_up_at=None):
        subscriptions.retry(office.decider, subscription=Subscription.objects.get(), sequence=row.sequence)
    until(lambda: left() == 0 and Undelivered.objects.count() == 0 and len({each["id"] for each in hook.took}) == 30)
    trap.down()
    assert trap.came == []
    assert in_order(hook.came, facts)  # what is sent again is marked, whether it had been taken or not


def test_a_subscriber_away_for_an_hour_misses_nothing(bus: Bus, worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # The other waits of this file are over after four tries; these do not end, however slow the machine is.
    monkeypatch.setattr(delivering, "WAITS", (timedelta(seconds=0.1),) * 10_000)
    hook, office = Webhook(), Office()
    office.subscribe(hook.url)
    facts = [(f"k{number % 9}", str(number)) for number in range(260)]
    tell(*facts[:130])
    until(lambda: Subscription.objects.get().failures > 2)
    # An hour goes by: everything that was written down is an hour older, and it was tried all the while.
    hour = timedelta(hours=1)
    Undelivered.objects.update(failed_at=F("failed_at") - hour)
    Subscription.objects.update(failures=70, failed_at=timezone.now() - hour)
    tell(*facts[130:])
    until(lambda: left() == 0)
    hook.up()
    Subscription.objects.update(paused_until=timezone.now())  # the pause after so many failures goes by
    until(lambda: len({each["id"] for each in hook.took}) == 260)
    hook.down()
    assert in_order(hook.took, facts)
    until(lambda: Subscription.objects.get().failures == 0)
    until(lambda: Undelivered.objects.count() == 0)


def test_the_event_server_is_killed_while_it_delivers(
    own_bus: Bus, own_broker: Broker, hook: Webhook, worker: None
) -> None:
    office = Office()
    office.subscribe(hook.url)
    hook.seconds = 0.01
    facts = [(f"k{number % 11}", str(number)) for number in range(240)]
    tell(*facts[:120])
    until(lambda: len(hook.took) > 20)
    own_broker.kill()
    tell(*facts[120:])
    own_broker.start()
    until(lambda: len({each["id"] for each in hook.took}) == 240)
    assert in_order(hook.took, facts)


def test_a_worker_that_dies_tells_again_and_says_so(bus: Bus, hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    office.subscribe(hook.url)
    tell(("a", "1"), ("a", "2"))
    died = threading.Event()

    def dies(*_args: Any) -> None:
        died.set()
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "settle", dies)
        _for_a_while(died)
    assert hook.codes()["a"][0] == "1"
    assert not any("redelivered" in each for each in hook.came)
    stop = threading.Event()
    thread = threading.Thread(target=worker_of_streams.run, args=(stop,))
    thread.start()
    until(lambda: "2" in hook.codes()["a"] and any("redelivered" in each for each in hook.came))
    stop.set()
    thread.join(20)
    assert in_order(hook.took, [("a", "1"), ("a", "2")])


def _for_a_while(enough: threading.Event) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=worker_of_streams.run, args=(stop,))
    thread.start()
    assert enough.wait(20)
    stop.set()
    thread.join(20)


def test_told_again_from_a_day_on(bus: Bus, hook: Webhook, worker: None) -> None:
    office = Office()
    found = office.subscribe(hook.url)
    facts = [(f"k{number % 3}", str(number)) for number in range(20)]
    tell(*facts)
    until(lambda: len(hook.took) == 20)
    subscriptions.replay(office.asker, subscription=found, since=timezone.localdate(), reason="Mất dữ liệu")
    until(lambda: len(hook.took) == 40)
    assert in_order(hook.took, facts)
    assert [each.get("redelivered") for each in hook.took] == [None] * 20 + [True] * 20
    tell(("k0", "20"))
    until(lambda: len(hook.took) == 41)
    assert "redelivered" not in hook.took[-1]


def test_a_replay_from_today_leaves_out_nothing_that_waits_from_before(bus: Bus, worker: None) -> None:
    hook, office = Webhook(), Office()
    found = office.subscribe(hook.url)
    tell(("a", "1"), ("b", "1"))
    until(lambda: Undelivered.objects.count() == 2)
    for row in Undelivered.objects.all():  # they are of last week
        row.event["time"] = (timezone.now() - timedelta(days=7)).isoformat()
        row.save()
    subscriptions.replay(office.decider, subscription=found, since=timezone.localdate(), reason="Thử")
    hook.up()
    until(lambda: {"a", "b"} <= set(hook.codes()))
    hook.down()


def test_suspended_is_told_nothing_and_later_everything(bus: Bus, hook: Webhook, worker: None) -> None:
    office = Office()
    found = office.subscribe(hook.url)
    tell(("a", "1"))
    until(lambda: len(hook.took) == 1)
    found = subscriptions.suspend(office.decider, subscription=found, reason="Kiểm tra")
    threading.Event().wait(1)
    tell(("a", "2"))
    until(lambda: left() == 0)
    threading.Event().wait(1)
    assert len(hook.took) == 1
    subscriptions.resume(office.decider, subscription=found)
    until(lambda: hook.codes() == {"a": ["1", "2"]})
    subscriptions.end(office.asker, subscription=found, reason="Không dùng nữa")
    threading.Event().wait(1)
    tell(("a", "3"))
    threading.Event().wait(1)
    assert len(hook.took) == 2


def test_what_was_told_before_the_approval_comes_only_when_it_was_asked_for(
    bus: Bus, hook: Webhook, worker: None
) -> None:
    other, office = Webhook().up(), Office()
    tell(("a", "1"))
    until(lambda: left() == 0)
    office.subscribe(hook.url, told_since=timezone.localdate())
    office.subscribe(other.url)
    tell(("a", "2"))
    until(lambda: hook.codes() == {"a": ["1", "2"]} and other.codes() == {"a": ["2"]})
    other.down()


def test_an_address_that_turns_private_is_not_called(bus: Bus, hook: Webhook, worker: None, settings: Any) -> None:
    office = Office()
    office.subscribe(hook.url)
    settings.WEBHOOK_NETWORKS = []  # as when the operator took the permission back
    tell(("a", "1"))
    until(lambda: Undelivered.objects.exclude(error="").exists())
    assert hook.connections == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT failures FROM streams_subscription")
        assert cursor.fetchone() > (0,)
