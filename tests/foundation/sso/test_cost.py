"""What the endpoints ask the database, and that what a process remembers never outlives a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.foundation.identity import limits
from hienluong.foundation.sso import actions, endpoints, keys
from hienluong.foundation.sso.models import SigningKey

from .system import ROOT, Flow, registered, userinfo

pytestmark = pytest.mark.django_db


def machine() -> Flow:
    """A system that works for itself and has done so before."""
    system, secret = registered(scopes=["profile"], redirect_uris=[], logout_redirects=[], for_itself=True)
    flow = Flow(system, secret, Client())
    for _time in range(2):  # at the first time keys are made
        assert for_itself(flow).status_code == 200
    return flow


def for_itself(flow: Flow) -> Any:
    return flow.post("/sso/ma", {"grant_type": "client_credentials"})


def kid(answer: Any) -> str:
    return str(jwt.get_unverified_header(answer.json()["access_token"])["kid"])


def asked(what: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = what()
    assert answer.status_code in (200, 302), answer.content
    return [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]


def test_a_token_for_a_system_costs_two_statements() -> None:
    flow = machine()
    assert [sql[:6] for sql in asked(lambda: for_itself(flow))] == ["SELECT", "INSERT"]


def test_a_sign_in_costs_eleven_statements(flow: Flow) -> None:
    flow.params["scope"] = "openid profile offline_access"
    flow.tokens()
    tokens = flow.tokens()
    first = asked(flow.ask)
    code = flow.code()
    exchange = asked(lambda: flow.exchange(code))
    told = asked(lambda: userinfo(tokens["access_token"]))
    refreshed = asked(lambda: flow.refresh(tokens["refresh_token"]))
    assert [len(each) for each in (first, exchange, told, refreshed)] == [6, 4, 1, 5]


def test_keys_are_read_once_and_another_signs_at_once() -> None:
    """As when one leaked: also when another process made it."""
    flow = machine()
    before = kid(for_itself(flow))
    SigningKey.objects.update(published_until=timezone.now())
    made = keys._make(timezone.now())
    assert kid(for_itself(flow)) == made.kid != before
    told = [sql for sql in asked(lambda: for_itself(flow)) if sql.startswith('SELECT "sso_signingkey"')]
    assert told == []
    at_once = keys.rotate(now_at_once=True)
    assert at_once is not None
    assert kid(for_itself(flow)) == at_once.kid


def test_a_key_that_is_remembered_goes_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = machine()
    first = SigningKey.objects.get()
    following = keys._make(timezone.now() + timedelta(days=1))
    SigningKey.objects.filter(pk=first.pk).update(published_until=timezone.now() + timedelta(days=3))
    assert kid(for_itself(flow)) == first.kid
    now = timezone.now() + timedelta(days=4)
    monkeypatch.setattr(timezone, "now", lambda: now)
    state = [["the same", "as before", None]]
    monkeypatch.setattr(keys, "_read", (state, [first, following]))
    first.published_until = now - timedelta(days=1)
    assert [keys.opened(key.pem)[0]["kid"] for key in keys.published(state)] == [following.kid]


def test_what_changes_at_a_system_counts_from_its_next_request_on() -> None:
    flow = machine()
    old, flow.secret = flow.secret, actions.new_secret(ROOT, system=flow.system)
    assert for_itself(flow).status_code == 200
    flow.secret, new = old, flow.secret
    assert (for_itself(flow).status_code, for_itself(flow).json()["error"]) == (401, "invalid_client")
    flow.secret = new
    actions.disable(ROOT, system=flow.system, reason="Hết dùng")
    assert (for_itself(flow).status_code, for_itself(flow).json()["error"]) == (401, "invalid_client")
    actions.enable(ROOT, system=flow.system, reason="Dùng lại")
    flow.system.client.set_grant_types(["authorization_code"])
    flow.system.client.save()
    assert (for_itself(flow).status_code, for_itself(flow).json()["error"]) == (400, "unauthorized_client")


def test_who_was_refused_too_often_is_not_let_in_by_the_right_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "REFUSALS_A_MINUTE", 2)
    monkeypatch.setattr(limits.timezone, "now", lambda at=timezone.now(): at)  # one window
    flow = machine()
    secret, flow.secret = flow.secret, "wrong"
    assert for_itself(flow).status_code == 401
    stranger = {"grant_type": "client_credentials", "client_id": "unknown", "client_secret": "x"}
    assert Client().post("/sso/ma", stranger, secure=True).status_code == 401
    flow.secret = secret
    assert for_itself(flow).status_code == 429
    assert Client().post("/sso/ma", stranger, secure=True).status_code == 429


@pytest.mark.parametrize("name", ["", "x" * 5000, "ờ"])
def test_an_odd_name_is_of_no_system(name: str) -> None:
    answer = Client().post(
        "/sso/ma", {"grant_type": "client_credentials", "client_id": name, "client_secret": "x"}, secure=True
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_name_in_an_assertion_that_no_text_can_hold_is_of_no_system() -> None:
    assertion = jwt.encode({"sub": "a\0b"}, "x" * 32, algorithm="HS256")
    form = {"grant_type": "client_credentials", "client_assertion": assertion}
    answer = Client().post("/sso/ma", form, secure=True)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("param", ["client_id", "redirect_uri", "request_uri"])
def test_the_page_before_a_request_that_no_text_can_hold_is_shown(flow: Flow, param: str) -> None:
    query = urlencode({**flow.params, param: "urn:ietf:params:oauth:request_uri:a\0b"})
    assert Client().get("/dang-nhap", {"next": f"/sso/dang-nhap?{query}"}, secure=True).status_code == 200
