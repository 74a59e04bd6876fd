"""Questions that wait: they go out when the system is back, once, and whoever asked gets the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from hienluong.foundation.actions import Act, InvalidInput, action, system
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.services.adapters import actions, sending, takers
from hienluong.services.adapters.asking import Reason
from hienluong.services.adapters.base import Answer, adapter
from hienluong.services.adapters.faults import Fault
from hienluong.services.adapters.models import Call, Pending, System
from tests.clock import Clock
from tests.factories import make_citizen, make_org
from tests.services.adapters.process import MinistriesProcess

pytestmark = pytest.mark.django_db
WHO = system("kiểm thử")
Told = list[tuple[Answer | None, Fault | None]]


@pytest.fixture
def told() -> Iterator[Told]:
    """What the one who asked was told."""
    found: Told = []
    takers.register("test", lambda _act, _row, answer, fault: found.append((answer, fault)))
    yield found
    takers.register("test", lambda _act, _row, _answer, _fault: None)


@action("tests.let_wait")
def _wait(act: Act, *, code: str, operation: str, reason: Reason) -> Pending:
    question = adapter(code).operation(operation).sample
    return actions.let_wait(act, code=code, operation=operation, question=question, reason=reason, taker="test")


def wait(code: str, operation: str, reason: Reason) -> Pending:
    return _wait(WHO, code=code, operation=operation, reason=reason)


def test_it_waits_longer_each_time_and_is_answered_when_the_system_is_back(
    ministries: MinistriesProcess, told: Told, at: Clock
) -> None:
    now, person, place = timezone.now(), make_citizen(), make_org()
    at(now)
    ministries.switch("insurance", _500=2)
    row = wait("insurance", "participation", Reason("Trợ cấp", place, person, "dossier:1"))
    for seconds in (10, 20):
        sending.turn("insurance")
        row.refresh_from_db()
        assert (row.state, row.next_try_at) == ("waiting", now + timedelta(seconds=seconds))
        assert (row.last_kind, told) == ("down", [])
        now = row.next_try_at
        at(now)
    assert not PersonalDataRead.objects.exists()
    assert sending.turn("insurance") == 1
    row.refresh_from_db()
    assert (row.state, row.question) == ("done", "")
    assert [(answer.data["participates"], fault) for answer, fault in told if answer] == [(True, None)]
    look = PersonalDataRead.objects.get()
    assert (look.party_id, look.purpose, look.organization_id) == (person.pk, "Trợ cấp", place.pk)
    assert sending.turn("insurance") == 0


def test_the_same_matter_waits_once(ministries: MinistriesProcess, told: Told) -> None:
    first = wait("land", "parcel", Reason("Đất", about="dossier:1"))
    assert wait("land", "parcel", Reason("Đất", about="dossier:1")).pk == first.pk
    assert wait("land", "parcel", Reason("Đất", about="dossier:2")).pk != first.pk


def test_what_was_asked_is_not_in_plain_text(ministries: MinistriesProcess, told: Told) -> None:
    row = wait("population", "confirm", Reason("Kiểm tra", about="dossier:1"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT question FROM adapters_pending WHERE id = %s", [row.pk])
        (stored,) = cursor.fetchone()
    assert "045190000001" in row.question
    assert "045190000001" not in stored


def test_a_lost_answer_does_not_order_twice(ministries: MinistriesProcess, told: Told, at: Clock) -> None:
    now = timezone.now()
    at(now)
    orders = ministries.page("/so/buu-chinh").count("EM")
    ministries.switch("post", lost=1)
    row = wait("post", "order", Reason("Trả kết quả", about="dossier:1"))
    sending.turn("post")
    row.refresh_from_db()
    assert (row.state, row.unclear) == ("waiting", True)
    at(now + timedelta(minutes=1))
    assert sending.turn("post") == 1
    assert ministries.page("/so/buu-chinh").count("EM") == orders + 1
    answer, _fault = told[0]
    assert answer is not None
    assert answer.data["parcel"] in ministries.page("/so/buu-chinh")
    assert list(Call.objects.order_by("pk").values_list("operation", flat=True)) == ["order", "find"]


def test_a_refusal_is_told_and_can_be_asked_again(ministries: MinistriesProcess, told: Told) -> None:
    ministries.switch("land", _401=1)
    row = wait("land", "parcel", Reason("Đất", about="dossier:1"))
    sending.turn("land")
    row.refresh_from_db()
    assert (row.state, [fault.kind for _answer, fault in told if fault]) == ("failed", ["refused"])
    assert actions.retry(WHO, code="land") == 1
    sending.turn("land")
    row.refresh_from_db()
    assert (row.state, told[-1][1]) == ("done", None)


def test_after_many_tries_a_person_must_look(ministries: MinistriesProcess, told: Told, at: Clock) -> None:
    now = timezone.now()
    at(now)
    row = wait("land", "parcel", Reason("Đất", about="dossier:1"))
    Pending.objects.filter(pk=row.pk).update(attempts=actions.MOST_TRIES - 1)
    ministries.switch("land", down=1)
    sending.turn("land")
    row.refresh_from_db()
    assert row.state == "failed"
    assert [fault.kind for _answer, fault in told if fault] == ["down"]


def test_an_open_circuit_costs_no_try(ministries: MinistriesProcess, told: Told, at: Clock) -> None:
    now = timezone.now()
    at(now)
    System.objects.create(code="land", failures=5, opened_until=now + timedelta(seconds=40))
    row = wait("land", "parcel", Reason("Đất", about="dossier:1"))
    sending.turn("land")
    row.refresh_from_db()
    assert (row.attempts, row.unclear, row.next_try_at) == (0, False, now + timedelta(seconds=40))


def test_what_is_not_connected_does_not_wait(settings: object, told: Told) -> None:
    settings.ADAPTERS = {}  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput) as refused:
        wait("land", "parcel", Reason("Đất", about="dossier:1"))
    assert refused.value.code == "adapters.off"
