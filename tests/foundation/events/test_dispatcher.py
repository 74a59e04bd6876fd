"""Events reach each subscriber at least once, in order, whatever the others do; none vanishes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from hienluong.foundation.events import dispatcher, handovers
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.events.models import Event, Handover
from hienluong.foundation.events.outbox import MANY, NewEvent, Subscriber, subscribe, unsubscribe, write
from hienluong.foundation.notifications.models import Notification

TYPE = "kiem_thu.xay_ra"


class Listener:
    """A subscriber that notes what it takes and fails when it is told to."""

    __module__ = "tests"

    def __init__(self, name: str, fails: Callable[[Event], bool] = lambda event: False) -> None:
        self.__qualname__ = name
        self.fails = fails
        self.taken: list[tuple[str, int]] = []
        self.calls = 0

    def __call__(self, event: Event) -> None:
        self.calls += 1
        if self.fails(event):
            raise RuntimeError("máy bên kia không trả lời")
        self.taken.append((event.subject, event.data["n"]))


@pytest.fixture
def join() -> Iterator[Callable[[Subscriber], None]]:
    """Subscribe for the length of a test."""
    joined: list[Subscriber] = []

    def add(subscriber: Subscriber) -> None:
        subscribe(TYPE, subscriber)
        joined.append(subscriber)

    yield add
    for subscriber in joined:
        unsubscribe(TYPE, subscriber)


def tell(*facts: tuple[str, int]) -> None:
    with transaction.atomic():
        write([NewEvent(TYPE, subject, {"n": n}) for subject, n in facts])


def later(**by: float) -> None:
    """Let time pass for what waits."""
    for handover in Handover.objects.all():
        handover.next_try_at -= timedelta(**by)
        handover.save()


@pytest.mark.django_db
def test_a_failing_subscriber_keeps_nothing_from_the_others(join: Callable[[Subscriber], None]) -> None:
    broken, sound = Listener("broken", lambda event: True), Listener("sound")
    join(broken)
    join(sound)
    tell(("a", 1), ("b", 2))
    dispatch_waiting()
    assert sound.taken == [("a", 1), ("b", 2)]
    assert not Event.objects.filter(dispatched_at__isnull=True).exists()
    left = Handover.objects.values_list("subscriber", "subject", "attempts", "last_error")
    assert list(left) == [
        ("tests.broken", subject, 1, "RuntimeError: máy bên kia không trả lời") for subject in ("a", "b")
    ]
    later(days=1)
    dispatch_waiting()
    assert sound.calls == 2


@pytest.mark.django_db
def test_what_a_failing_subscriber_wrote_is_undone(join: Callable[[Subscriber], None]) -> None:
    def writes_then_fails(event: Event) -> None:
        Event.objects.create(type="kiem_thu.do_dang", subject="x")
        raise RuntimeError

    join(writes_then_fails)
    tell(("a", 1))
    dispatch_waiting()
    assert not Event.objects.filter(type="kiem_thu.do_dang").exists()


@pytest.mark.django_db
def test_a_short_fault_under_load_uses_up_one_try(join: Callable[[Subscriber], None]) -> None:
    away = True
    listener = Listener("away", lambda event: away)
    join(listener)
    tell(("a", 1))
    for _ in range(30):  # as many wake-ups as a busy minute has
        dispatch_waiting()
    assert listener.calls == 1
    away = False
    later(seconds=6)
    dispatch_waiting()
    assert listener.taken == [("a", 1)]
    assert not Handover.objects.exists()


@pytest.mark.django_db
def test_waits_grow_to_hours_and_then_a_person_decides(join: Callable[[Subscriber], None]) -> None:
    listener = Listener("dead", lambda event: True)
    join(listener)
    tell(("a", 1))
    dispatch_waiting()
    waits = []
    while not (handover := Handover.objects.get()).given_up_at:
        waits.append(handover.next_try_at - timezone.now())
        later(days=2)
        dispatch_waiting()
    assert waits == sorted(waits)
    assert waits[0] < timedelta(minutes=1)
    assert sum(waits, timedelta()) > timedelta(days=1)
    assert listener.calls == len(handovers.WAITS) + 1
    later(days=99)
    dispatch_waiting()
    assert listener.calls == len(handovers.WAITS) + 1
    assert list(handovers.given_up()) == [handover]

    listener.fails = lambda event: False
    handovers.retry(handover)
    dispatch_waiting()
    assert listener.taken == [("a", 1)]
    assert not handovers.given_up().exists()


@pytest.mark.django_db
def test_later_events_of_a_subject_wait_behind_a_failed_one(join: Callable[[Subscriber], None]) -> None:
    broken = {1}
    picky, sound = Listener("picky", lambda event: event.data["n"] in broken), Listener("sound")
    join(picky)
    join(sound)
    tell(("a", 1), ("b", 2), ("a", 3))
    dispatch_waiting()
    tell(("a", 4))
    dispatch_waiting()
    assert picky.taken == [("b", 2)]
    assert sound.taken == [("a", 1), ("b", 2), ("a", 3), ("a", 4)]
    broken.clear()
    later(minutes=1)
    dispatch_waiting()
    assert picky.taken == [("b", 2), ("a", 1), ("a", 3), ("a", 4)]


@pytest.mark.django_db
def test_an_event_that_is_dropped_lets_the_next_go_on(join: Callable[[Subscriber], None]) -> None:
    picky = Listener("picky", lambda event: event.data["n"] == 1)
    join(picky)
    tell(("a", 1), ("a", 2))
    dispatch_waiting()
    handovers.drop(Handover.objects.get(attempts=1))
    dispatch_waiting()
    assert picky.taken == [("a", 2)]


@pytest.mark.django_db
def test_an_event_whose_subscriber_is_gone_is_not_lost(join: Callable[[Subscriber], None]) -> None:
    broken = Listener("broken", lambda event: True)
    subscribe(TYPE, broken)
    tell(("a", 1))
    dispatch_waiting()
    unsubscribe(TYPE, broken)
    later(minutes=1)
    dispatch_waiting()
    assert Handover.objects.get().last_error == "SubscriberGone: tests.broken"


@pytest.mark.django_db(transaction=True)
def test_a_foreign_key_that_fails_at_commit_stops_nobody_else(join: Callable[[Subscriber], None]) -> None:
    sound = Listener("sound")

    def writes_nonsense(event: Event) -> None:
        Notification.objects.create(account_id=2**40, key="x", kind="x", title="x")

    join(writes_nonsense)
    join(sound)
    tell(("a", 1), ("b", 2))
    dispatch_waiting()
    assert sound.taken[-1] == ("b", 2)
    assert "IntegrityError" in Handover.objects.filter(subject="a").get().last_error
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_hand_over_each_event_once_and_in_order(join: Callable[[Subscriber], None]) -> None:
    lock, failed = threading.Lock(), set[int]()

    def fails_now_and_then(event: Event) -> bool:
        with lock:
            first = event.data["n"] % 7 == 0 and event.pk not in failed
            failed.add(event.pk)
            return first

    listener = Listener("shared", fails_now_and_then)
    join(listener)
    tell(*((f"s{n % 5}", n) for n in range(60)))

    def dispatch() -> None:
        try:
            dispatch_waiting()
        finally:
            connection.close()

    for _ in range(30):
        threads = [threading.Thread(target=dispatch) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        later(minutes=1)
        if len(listener.taken) == 60:
            break
    assert sorted(n for _, n in listener.taken) == list(range(60))
    for subject in range(5):
        mine = [n for name, n in listener.taken if name == f"s{subject}"]
        assert mine == sorted(mine)


@pytest.mark.django_db
def test_events_that_all_goes_well_with_cost_no_more_than_before(
    join: Callable[[Subscriber], None], django_assert_num_queries: Callable[..., object]
) -> None:
    """One event with one subscriber: savepoint, select, savepoint, release, update, release, as ever."""
    join(Listener("one"))
    tell(("a", 1))
    event = Event.objects.get()
    with django_assert_num_queries(6):  # type: ignore[attr-defined]
        assert dispatcher._dispatch(event.pk, dispatcher.subscribers_of(TYPE))
    with transaction.atomic():
        write([NewEvent("kiem_thu.khong_ai_nghe", f"x{n}") for n in range(150)])
    with django_assert_num_queries(6):  # type: ignore[attr-defined]  # two looks for more, one batch of four
        dispatcher._pass()


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_survives_any_fault_of_its_own(
    join: Callable[[Subscriber], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    listener, stop, faults = Listener("awaited"), threading.Event(), [ValueError("once"), None]
    join(listener)
    original = dispatcher.dispatch_waiting

    def stumble() -> int:
        fault = faults.pop(0) if faults else None
        if fault:
            raise fault
        return original()

    monkeypatch.setattr(dispatcher, "dispatch_waiting", stumble)
    monkeypatch.setattr(dispatcher, "PAUSE", 0.05)
    monkeypatch.setattr(dispatcher, "SWEEP", 0.2)
    tell(("a", 1))

    def work() -> None:
        try:
            dispatcher.run(stop)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    deadline = timezone.now() + timedelta(seconds=20)
    while not listener.taken and timezone.now() < deadline:
        stop.wait(0.05)
    stop.set()
    thread.join(10)
    assert listener.taken == [("a", 1)]
    assert not thread.is_alive()


def test_two_functions_of_one_name_are_refused(join: Callable[[Subscriber], None]) -> None:
    join(Listener("twice"))
    with pytest.raises(ValueError, match="twice"):
        subscribe(TYPE, Listener("twice"))


@pytest.mark.django_db
def test_very_many_are_written_as_few_are(join: Callable[[Subscriber], None]) -> None:
    listener = Listener("đông")
    join(listener)
    facts = [("ủy ban “Đông Hà”\t\\", n) for n in range(MANY + 3)]
    tell(*facts)
    assert Event.objects.filter(dispatched_at=None).count() == len(facts)
    while dispatch_waiting():
        pass
    assert listener.taken == facts
    assert len(set(Event.objects.values_list("uid", flat=True))) == len(facts)
