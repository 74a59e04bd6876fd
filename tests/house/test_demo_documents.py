"""The demo's documents and tasks: quick to make, each account finds some of its own, and running again changes nothing."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from hienluong.foundation.events import dispatcher
from hienluong.foundation.events.models import Handover
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.house import demo
from hienluong.services.assignments import queries
from hienluong.services.assignments.models import Assignment
from hienluong.services.documents import incoming_queries
from hienluong.services.documents.models import Arrival, Document

NEEDED = ("government:organisations", "government:calendars", "government:roles", "people:accounts")


def run(*functions: str) -> None:
    steps = {step.function: step for step in demo.STEPS}
    for function in functions:
        steps[function].run(demo.Progress(0, lambda items, total: iter(items)))


def actor(username: str) -> Any:
    return actor_of(Account.objects.get(username=username))


@pytest.mark.django_db
def test_everybody_finds_documents_and_tasks_in_every_state() -> None:
    run(*NEEDED)
    began = time.monotonic()
    run("documents:documents")
    took = time.monotonic() - began
    made = Document.objects.count(), Assignment.objects.count()
    run("documents:documents")
    assert (Document.objects.count(), Assignment.objects.count()) == made
    assert took < 60  # some 4 seconds on a machine that does nothing else
    states = Counter(Document.objects.values_list("state", flat=True))
    assert set(states) == {
        *("arrived", "registered", "submitted", "assigned", "processing", "completed", "refused"),
    }
    assert {"given", "accepted", "reported", "completed"} <= set(Assignment.objects.values_list("state", flat=True))
    for clerk in ("vanthu", "vanthu.tinh", "vanthu.syt", "vanthu.stc"):
        waits = incoming_queries.counts(actor(clerk))
        assert waits[incoming_queries.TO_REGISTER], clerk
        assert waits[incoming_queries.TO_SUBMIT], clerk
    for leader in ("lanhdao", "lanhdao.tinh", "lanhdao.syt", "lanhdao.stc"):
        assert incoming_queries.counts(actor(leader))[incoming_queries.TO_ASSIGN], leader
    for officer in ("chuyenvien", "chuyenvien.tinh", "chuyenvien.syt", "chuyenvien.stc"):
        assert incoming_queries.counts(actor(officer))[incoming_queries.MINE], officer
        assert queries.counts(actor(officer))["open"], officer
    assert queries.counts(actor("lanhdao.tinh"))["given_late"]
    for arrival in Arrival.objects.filter(number__isnull=False).values("agency", "year").distinct():
        numbers = Arrival.objects.filter(number__isnull=False, **arrival).order_by("number")
        assert list(numbers.values_list("number", flat=True)) == list(range(1, numbers.count() + 1))
    dispatcher.dispatch_waiting()
    assert list(Handover.objects.values_list("event__type", "subscriber", "last_error")) == []
