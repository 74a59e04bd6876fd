"""While the database is away: a page that says so, and nothing of ours on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.test import Client


@pytest.fixture
def client_without_database(db: None) -> Iterator[Client]:
    def gone(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CursorWrapper, "execute", gone)
        yield Client(raise_request_exception=False)


def test_a_page_says_that_it_is_for_minutes_and_what_to_do(client_without_database: Client) -> None:
    answer = client_without_database.get("/")
    text = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Hệ thống tạm nghỉ ít phút" in text
    assert "closed the connection" not in text


def test_a_program_gets_a_problem_document(client_without_database: Client) -> None:
    answer = client_without_database.get("/api/v1/procedures")
    assert answer.status_code == 503
    assert answer.json()["status"] == 503


def test_whoever_watches_is_told(client_without_database: Client) -> None:
    assert client_without_database.get("/song").status_code == 503
