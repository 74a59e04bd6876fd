"""Worker processes killed at any moment: a call that may not be repeated is made at most once, whatever happens; what it is
not known of waits for a person, and nothing else does.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from hienluong.foundation.sso import inside
from hienluong.services.flows import running, runs
from hienluong.services.flows.models import Run, Step
from tests.services.flows.lives import Lives
from tests.services.flows.sample import ENDED, Answer, Office, Provider, settled, until

RUNS, SEED = 40, 278
State = Run.State


@pytest.fixture
def lives(transactional_db: None, provider: Provider) -> Iterator[Lives]:
    told = connection.settings_dict
    place = told["HOST"] or ""
    at = f"/{told['NAME']}?host={place}" if place.startswith("/") else f"{place}:{told['PORT']}/{told['NAME']}"
    url = f"postgresql://{told['USER']}@{at}"
    if place.startswith("/") and told["PORT"]:
        url += f"&port={told['PORT']}"
    found = Lives(url, provider.url)
    yield found
    found.end()


def order_of_a_thing(office: Office) -> str:
    """Looks, orders (never twice) and puts, some of it at once; what was ordered can be cancelled."""
    cancel = office.call("cancel")
    return office.source(
        {"name": "xem", "call": office.call("look")},
        {"name": "dat", "call": office.call("order"), "compensate": cancel},
        {
            "branch": [
                {"when": "input.so % 2 == 0", "steps": [{"name": "ghi", "call": office.call("put")}]},
            ],
            "otherwise": [{"name": "dat_them", "call": office.call("order", "dat.so"), "compensate": cancel}],
        },
        {
            "parallel": [
                [{"name": "mot", "call": office.call("order"), "compensate": cancel}],
                [{"name": "hai", "call": office.call("look")}, {"name": "ba", "call": office.call("put")}],
                [{"name": "bon", "call": office.call("order")}],
            ]
        },
        {"name": "cuoi", "call": office.call("order")},
        answer={"so": "cuoi.so", "ghi": "ghi == null"},
        retry=3,
    )


class World:
    """How the provider fares: slow, busy, broken off, or refusing, at random."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def __call__(self, method: str, number: str) -> Any:
        time.sleep(self.dice.random() * 0.03)
        fate = self.dice.random()
        if fate < 0.03:
            raise Answer(429)
        if method == "POST" and fate < 0.05:
            raise Answer(409)  # refused for good: what was done is undone
        if fate < 0.07:
            raise Answer(None, does=self.dice.random() < 0.5)
        if method != "POST" and fate < 0.15:
            raise Answer(503)
        return {"so": int(number)}


def in_the_air() -> set[int]:
    """The calls that may not be repeated and of which nobody has written down what came."""
    return set(Step.objects.filter(state=Step.State.STARTED, repeatable=False).values_list("pk", flat=True))


def alone() -> bool:
    """Whether nobody else is connected to the database any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0] == 0)


@pytest.mark.once
def test_killed_at_any_moment_nothing_is_done_twice_and_nothing_is_forgotten(lives: Lives, provider: Provider) -> None:
    dice = random.Random(SEED)
    office = Office()
    inside.token_of(office.system)  # the first makes the key
    flow = office.published(order_of_a_thing(office))
    provider.answer = World(dice)
    started = [office.start(flow, number) for number in range(RUNS)]
    cut: set[int] = set()
    kills = 0
    while not settled(*started):
        before, worker = len(provider.came), lives.begin()
        calls = before + dice.randint(1, 24)
        until(lambda: len(provider.came) >= calls or settled(*started))  # noqa: B023 - asked at once
        time.sleep(dice.random() * 0.05)
        os.kill(worker, signal.SIGKILL)
        kills += 1
        until(alone)  # what it had sent to the database is there
        cut |= in_the_air()
        assert kills < 300
    until(lambda: provider.under_way == 0)
    assert kills > 10, "too few to mean anything"

    never_twice = set(Step.objects.filter(repeatable=False).values_list("run__uid", "path"))
    for uid, path in never_twice:
        assert provider.done[f"{uid}:{path}"] <= 1, path
    waits = Step.objects.filter(state=Step.State.WAITING)
    assert set(waits.filter(cut=True).values_list("pk", flat=True)) == cut, "what waits is what was in the air"
    for step in waits:
        assert not step.repeatable or step.path.endswith("/undo")
        assert step.run.state == State.WAITING
    for run in Run.objects.all():
        assert run.state in (*ENDED, State.WAITING)
        assert (run.state == State.WAITING) == waits.filter(run=run).exists()
    for step in Step.objects.filter(state=Step.State.DONE).exclude(operation=""):
        assert provider.done[f"{step.run.uid}:{step.path}"] >= 1, "what is said to be done was done"
    assert Counter(Run.objects.values_list("state", flat=True))[State.DONE] > 2

    # Then people look into what waits, until nothing does.
    official = office.manager
    again: Counter[str] = Counter()
    stop = threading.Event()
    thread = threading.Thread(target=running.run, args=(stop,))
    thread.start()
    try:
        while Run.objects.exclude(state__in=ENDED).exists():
            for step in Step.objects.filter(state=Step.State.WAITING, run__state=State.WAITING).select_related("run"):
                key = f"{step.run.uid}:{step.path}"
                if provider.done[key]:
                    verdict, answer = dice.choice((("done", '{"so": 1}'), ("give_up", '{"so": 1}')))
                else:
                    verdict, answer = dice.choice((("again", ""), ("give_up", "")))
                    again[key] += verdict == "again"
                runs.decide(official, step=step, decision=verdict, reason="Đã hỏi nơi cung cấp", answer=answer)
            until(lambda: settled(*started), 60)
    finally:
        stop.set()
        thread.join(30)
    assert set(Run.objects.values_list("state", flat=True)) <= set(ENDED)
    for uid, path in never_twice:
        assert provider.done[f"{uid}:{path}"] <= 1, "a person said again only of what was not done"
    for run in Run.objects.filter(state=State.COMPENSATED):
        forth = run.steps.filter(state=Step.State.DONE, path__in=("dat", "dat_them", "mot")).order_by("ended_at", "pk")
        back = run.steps.filter(state=Step.State.DONE, path__endswith="/undo").order_by("pk")
        assert [step.path for step in back] == [f"{step.path}/undo" for step in reversed(forth)]
