"""How statements are planned is said before each request: kept plans where all is found by unique keys, else none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test import Client

from hienluong.foundation.composed import planned_once, plans

pytestmark = pytest.mark.django_db


def mode() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW plan_cache_mode")
        row = cursor.fetchone()
    assert row is not None
    return str(row[0])


def at_the_start_of_a_request() -> None:
    """Whether the connection lives is asked before the next statement."""
    connections["default"].health_check_done = False


@pytest.fixture
def checked(db: None) -> Iterator[None]:
    """As at the server: connections are asked whether they live."""
    wrapper = connections["default"]
    wrapper.ensure_connection()
    before, wrapper.health_check_enabled = wrapper.health_check_enabled, True
    yield
    wrapper.health_check_enabled = before
    wrapper.is_usable()


def test_a_connection_plans_for_each_value() -> None:
    assert connection.is_usable()
    assert mode() == "force_custom_plan"


def test_within_it_plans_are_kept_and_after_it_no_more() -> None:
    with planned_once():
        assert connection.is_usable()
        assert mode() == "auto"
    assert plans() == "force_custom_plan"
    assert connection.is_usable()
    assert mode() == "force_custom_plan"


def test_the_token_endpoint_keeps_plans_and_the_next_page_does_not(checked: None) -> None:
    at_the_start_of_a_request()
    Client().post("/sso/ma", {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"})
    assert mode() == "auto"
    at_the_start_of_a_request()
    assert Client().get("/song").status_code == 200
    assert mode() == "force_custom_plan"


def test_a_connection_that_was_cut_is_not_usable() -> None:
    other = connection.copy()
    assert not other.is_usable()
    other.connect()
    try:
        assert other.is_usable()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [other.connection.info.backend_pid])
        assert not other.is_usable()
    finally:
        other.close()
