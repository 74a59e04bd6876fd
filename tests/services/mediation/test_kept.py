"""Answers that the mediator keeps: for whom, for how long, and what never is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from hienluong.services.bus.gateway.snapshot import GrantRoute, OperationRoute
from hienluong.services.bus.models import Call, Volume
from hienluong.services.mediation.kept import MOST, MOST_BYTES, MOST_OF_ONE, Kept, seconds
from hienluong.services.mediation.providers import Answer
from tests.services.mediation import test_program as program


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 60),
        ({"cache-control": "public, max-age=300"}, 60),
        ({"cache-control": "max-age=5"}, 5),
        ({"cache-control": 'max-age="5"'}, 5),
        ({"cache-control": "max-age=300, s-maxage=7"}, 7),
        ({"cache-control": "s-maxage=0, max-age=300"}, 0),
        ({"cache-control": "max-age=30", "age": "25"}, 5),
        ({"cache-control": "max-age=30", "age": "99"}, 0),
        ({"cache-control": "max-age=0"}, 0),
        ({"cache-control": "No-Store"}, 0),
        ({"cache-control": "max-age=60, no-store"}, 0),
        ({"cache-control": "private, max-age=60"}, 0),
        ({"cache-control": 'private="x-a"'}, 0),
        ({"cache-control": "no-cache"}, 0),
        ({"expires": "0"}, 0),
        ({"expires": "Thu, 01 Jan 2099 00:00:00 GMT"}, 0),
        ({"pragma": "no-cache"}, 0),
        ({"set-cookie": "a=b"}, 0),
        ({"vary": "*"}, 0),
        ({"vary": "Accept, X-Nobody-Knows"}, 0),
        ({"vary": "Accept-Language"}, 60),
    ],
    ids=str,
)
def test_how_long_an_answer_may_be_kept(headers: dict[str, str], expected: int) -> None:
    assert seconds(Answer(200, headers, b"{}"), 60) == expected
    for status in (201, 204, 206, 301, 401, 404, 500):
        assert seconds(Answer(status, headers, b"{}"), 60) == 0


def test_no_more_is_kept_than_there_is_room_for() -> None:
    kept = Kept()
    kept.put("too large", Answer(200, {}, b"x" * (MOST_OF_ONE + 1)), 60)
    assert kept.get("too large") is None
    for number in range(40):
        kept.put(number, Answer(200, {}, b"x" * MOST_OF_ONE), 60)
        kept.put(number, Answer(200, {}, b"x" * MOST_OF_ONE), 60)  # in place of the one before
    assert sum(kept.get(number) is not None for number in range(40)) == MOST_BYTES // MOST_OF_ONE
    assert kept.get(39)
    assert kept.get(0) is None
    for number in range(MOST + 10):
        kept.put(f"s{number}", Answer(200, {}, b"x"), 60)
    assert len(kept._held) == MOST
    kept.put("s9", Answer(500, {}, b"x"), 60)
    assert kept.get("s9") is None  # what came now counts, not what was kept


@pytest.fixture(scope="module")
def _process(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[program.Running]:
    told = connection.settings_dict
    database = f"postgresql://{told['USER']}@{told['HOST'] or ''}:{told['PORT']}/{told['NAME']}"
    if told["HOST"].startswith("/"):
        database = f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}"
    running = program.start(tmp_path_factory.mktemp("mediator"), database)
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture
def mediator(_process: program.Running, transactional_db: None) -> program.Running:
    return _process


@pytest.fixture
def provider() -> Iterator[program.Provider]:
    with program.provided() as found:
        yield found


def operation(**more: Any) -> OperationRoute:
    grants = [
        GrantRoute("TT-1", ["he-thong", "khac"], 60, fields=["items.ten"], per_day_records=1000),
        GrantRoute("TT-2", ["he-thong"], 60, fields=["items.so"]),
    ]
    return OperationRoute("list", "GET", "/nguoi", grants=grants, **more)


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_kept_for_one_agreement_and_system_and_each_call_is_still_cut_and_counted(
    mediator: program.Running, provider: program.Provider
) -> None:
    mediator.publish(provider, operation(), cache_s=60)
    first, second = mediator.ask(), mediator.ask()
    assert (len(provider.asked), first.json()) == (1, second.json())
    assert second.json() == {"items": [{"ten": "Lan"}, {"ten": "Hùng"}]}
    assert ("age" in first.headers, "age" in second.headers) == (False, True)
    assert second.headers["cache-control"] == "no-store"  # for those behind us
    assert (Volume.objects.get(agreement="TT-1").records, Call.objects.filter(status=200).count()) == (4, 2)
    others: list[dict[str, Any]] = [
        {"x_agreement": "TT-2"},
        {"x_client_id": "khac"},
        {"path": f"{program.PATH}?page=2"},
        {"accept_language": "en"},
    ]
    for number, one in enumerate(others, 2):
        assert mediator.ask(**one).status_code == 200
        assert len(provider.asked) == number, one
    assert mediator.ask(x_agreement="TT-2").json() == {"items": [{"so": "045190000001"}, {"so": "045190000002"}]}
    assert len(provider.asked) == 5
    mediator.ask(cache_control="no-cache")
    assert len(provider.asked) == 6
    assert mediator.ask(x_client_id="ke-la").status_code == 403
    mediator.publish(provider, replace(operation(), grants=[]), cache_s=60)
    assert mediator.ask().status_code == 403  # withdrawn, though it is kept


@pytest.mark.django_db(transaction=True)
def test_what_is_forbidden_or_of_persons_is_asked_for_each_time(
    mediator: program.Running, provider: program.Provider
) -> None:
    for number, (headers, more, person) in enumerate(
        (
            ({"Cache-Control": "no-store"}, {}, None),
            ({"Cache-Control": "private, max-age=60"}, {}, None),
            ({}, {"personal": True}, None),
            ({}, {}, "/items/0/so"),
            ({}, {"cache_s": 0}, None),
        )
    ):
        provider.headers = headers
        provider.asked.clear()
        mediator.publish(provider, operation(person_pointer=person), **{"cache_s": 60, **more})
        path = f"{program.PATH}?page={number}"
        assert [mediator.ask(path).status_code for _ in range(3)] == [200] * 3
        assert len(provider.asked) == 3, (headers, more, person)
    provider.headers = {"Cache-Control": "max-age=300"}
    provider.asked.clear()
    mediator.publish(provider, operation(), cache_s=1)
    for wait in (0, 0, 1.2):
        time.sleep(wait)
        assert mediator.ask(f"{program.PATH}?page=99").status_code == 200
    assert len(provider.asked) == 2
