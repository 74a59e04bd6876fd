"""Another site makes a browser send something here: nothing happens without the token of our own page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hienluong.foundation.identity.models import Account
from hienluong.services.national import views as national_views
from tests.factories import make_account
from tests.foundation.signin.test_signing_in import PASSWORD
from tests.snapshots import ready

from .addresses import Address, all_addresses, browser, names
from .test_bad_parts import OF_CITIZENS, browsers
from .test_two_organisations import two

pytestmark = [pytest.mark.django_db, pytest.mark.once]

#: Where Django asks for no token, because a cookie opens nothing there: who sends proves itself in the request. (The API
#: asks for the token itself when it is a session that sends; the authorisation endpoint sends a forged request round
#: by its own page; leaving asks the person first.)
PROVE_THEMSELVES = names(
    "api: list_procedures list_fields list_life_events get_procedure lay_danh_sach_tthc lay_thu_tuc verify lists one codes",
    "api: one_code mappings registers records create names record_by_key record replace change changes end many notice",
    "api: head inclusion consistency entries event_types event_schema event_keys events start_flow show_flow_run",
    "national: arrive signing: tsa ocsp ocsp_get",
    "sso: authorize push token userinfo introspect revoke device logout",
    "scim: configuration schemas schema resource_types resource_type users search_users user groups search_groups group",
    "scim: bulk me search all unknown",
)
#: What may be written without anybody's asking for it: counts of tries, the session itself, who looked at what.
BY_ITSELF = {"identity_ratewindow", "django_session", "audit_personaldataread"}
_WRITES = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


@contextmanager
def written() -> Iterator[set[str]]:
    """The tables that are written to, taken back afterwards."""
    tables = set[str]()
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            yield tables
        found = (_WRITES.match(each["sql"]) for each in asked.captured_queries)
        tables |= {each[1] for each in found if each} - BY_ITSELF
        transaction.set_rollback(True)


def guarded() -> list[Address]:
    return [each for each in all_addresses() if not each.exempt]


def test_what_asks_for_no_token_is_listed() -> None:
    assert {each.name for each in all_addresses() if each.exempt} == PROVE_THEMSELVES


@pytest.mark.parametrize("verb", ["post", "delete"])
def test_nothing_is_taken_without_the_token(verb: str) -> None:
    """Signed in, as a browser on another site would send it: refused before the view is asked."""
    mine, _theirs = ready(two)
    client = browser(mine.admin, enforce_csrf_checks=True, raise_request_exception=False)
    wrong = []
    for each in guarded():
        answer = getattr(client, verb)(each.path, secure=True)
        told = answer.json()["title"] if each.path.startswith("/api/") else answer.content.decode()
        if answer.status_code != 403 or "Phiên làm việc đã hết hạn" not in told:
            wrong.append(f"{verb} {each.path}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_a_cookie_alone_does_nothing_where_no_token_is_asked_for() -> None:
    mine, _theirs = ready(two)
    client = browser(mine.admin, enforce_csrf_checks=True, raise_request_exception=False)
    wrong = []
    for each in all_addresses():
        for verb in ("post", "put", "patch", "delete") if each.exempt else ():
            for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json"):
                with written() as tables:
                    answer = client.generic(verb.upper(), each.path, '{"data": {}}', content_type=kind, secure=True)
                if each.name == "national:arrive":
                    tables -= {"audit_entry", "national_arrival"}  # what is not believed is kept, a little of it
                done = 200 <= answer.status_code < 300 and each.name not in ("api:verify", "sso:logout")
                if tables or done or answer.status_code >= 500:
                    wrong.append(f"{verb} {each.path} {kind}: {answer.status_code} {sorted(tables)}")
    assert not wrong, "\n".join(wrong)


def test_looking_changes_nothing() -> None:
    """So that no picture on another site does anything: a page that is only looked at writes nothing."""
    mine, _theirs = ready(two)
    official, citizen, hr = browsers(mine)
    own = [
        (official, mine.pages()),
        (browser(mine.admin), mine.administrators_own()),
        (browser(mine.worker), mine.own_pages()[:6]),
        (citizen, mine.citizen.pages()),
        (browser(mine.citizen.asked), [("mandates:answer", [mine.citizen.appointment.pk], {})]),
    ]
    looks = [(client, reverse(name, args=parts)) for client, pages in own for name, parts, _form in pages]
    for each in all_addresses():
        app = each.name.split(":")[0]
        looks.append((hr if app == "scim" else citizen if app in OF_CITIZENS else official, each.path))
    copy, wrong = reverse("privacy:take_export", args=[mine.citizen.export.pk]), []
    for client, path in looks:
        with written() as tables:
            answer = client.get(path, secure=True)
        if path == copy:
            tables -= {"audit_entry", "privacy_export"}  # that one's copy was taken is written down
        if tables:
            wrong.append(f"{path}: {answer.status_code} {sorted(tables)}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def person() -> Account:
    return make_account("binh", password=PASSWORD)


def token_on(client: Client) -> str:
    page = client.get("/dang-nhap", secure=True).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://testserver"}, 302),
        ({"referer": "https://testserver/dang-nhap"}, 302),
        ({"origin": "https://ke-gian.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://testserver"}, 403),
        ({"origin": "https://testserver.ke-gian.example"}, 403),
        ({"referer": "https://ke-gian.example/?https://testserver/"}, 403),
        ({}, 403),
    ],
)
def test_the_token_counts_from_our_own_pages_only(person: Account, headers: dict[str, str], status: int) -> None:
    client = Client(enforce_csrf_checks=True)
    form = {"username": "binh", "password": PASSWORD, "csrfmiddlewaretoken": token_on(client)}
    answer: Any = client.post("/dang-nhap", form, secure=True, headers=headers)
    assert answer.status_code == status


def test_a_token_of_another_browser_is_none(person: Account) -> None:
    thief, victim = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    form = {"username": "binh", "password": PASSWORD, "csrfmiddlewaretoken": token_on(thief)}
    token_on(victim)
    own = {"origin": "https://testserver"}
    assert victim.post("/dang-nhap", form, secure=True, headers=own).status_code == 403
    assert Client(enforce_csrf_checks=True).post("/dang-nhap", form, secure=True, headers=own).status_code == 403
    assert thief.post("/dang-nhap", form, secure=True, headers=own).status_code == 302


def test_a_token_from_before_signing_in_is_worth_nothing_after(person: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    before = token_on(client)
    own = {"origin": "https://testserver"}
    form = {"username": "binh", "password": PASSWORD, "csrfmiddlewaretoken": before}
    assert client.post("/dang-nhap", form, secure=True, headers=own).status_code == 302
    assert (
        client.post(
            "/giao-dien", {"theme": "dark", "csrfmiddlewaretoken": before}, secure=True, headers=own
        ).status_code
        == 403
    )


@pytest.mark.parametrize("door", ["/api/v1/national-portal/messages", "/api/v1/payments/notices/bank"])
def test_who_signs_nothing_fills_no_log(door: str) -> None:
    def sent(address: str) -> set[str]:
        with CaptureQueriesContext(connection) as asked:
            answer = Client(REMOTE_ADDR=address).post(door, "{}", content_type="application/json", secure=True)
        assert answer.status_code == 401
        return {found[1] for each in asked.captured_queries if (found := _WRITES.match(each["sql"]))} - BY_ITSELF

    wait = 60 - time.time() % 60  # they are counted by the minute: all of them in one
    time.sleep(wait if wait < 10 else 0)
    assert all(sent("198.51.100.7") for _time in range(national_views.WRITTEN))
    assert sent("198.51.100.7") == set()
    assert "audit_entry" in sent("198.51.100.8")
