"""Secrets stay where they belong: not in logs, nor the audit log, events or jobs; no mail takes its link from a request."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as product
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.notifications import tasks
from hienluong.foundation.notifications.models import Delivery
from hienluong.foundation.sso import actions as systems
from tests.factories import TESTER, make_account
from tests.foundation.signin.test_signing_in import PASSWORD, code_of, with_codes
from tests.foundation.sso.system import ROOT, Flow, basic, registered

from .addresses import SOURCE

pytestmark = pytest.mark.django_db
#: Who reads the address of a request to make a whole one, and why that is not a link somebody gets by mail.
MAKES_ADDRESSES = {
    "capabilities/payments/views.py": "where the bank sends the payer back to, in the payer's own browser",
    "services/records/views/public.py": "shown on the very page that was asked for",
    "services/streams/views/subscribing.py": "shown on the very page that was asked for",
    "foundation/sso/proofs.py": "what an assertion may be meant for",
    "foundation/sso/authorising.py": "handed to oauthlib, which reads its parameters",
    "foundation/sso/endpoints.py": "handed to oauthlib, which reads its parameters",
    "foundation/identity/views.py": "compared with where to go next",
    "foundation/eid/views.py": "compared with the configured address",
}


def test_no_log_holds_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Signing in, a code, tokens, their use and end: nothing of it is logged at any level, or kept beside its place."""
    caplog.set_level(logging.DEBUG)
    person = make_account("binh")
    person.set_password(PASSWORD)
    person.save()
    _, totp = with_codes(person)
    client = Client()
    wrong = "mật khẩu gõ nhầm 77"
    client.post("/dang-nhap", {"username": "binh", "password": wrong}, secure=True)
    client.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    number = code_of(totp, 1)
    client.post(reverse("mfa_authenticate"), {"code": number}, secure=True)
    system, secret = registered()
    flow = Flow(system, secret, client, scope="openid profile offline_access")
    code = flow.code()
    tokens = flow.exchange(code).json()
    fresh = flow.refresh(tokens["refresh_token"]).json()
    flow.refresh(tokens["refresh_token"])  # stolen: the grant ends
    Client(headers={"authorization": f"Bearer {fresh['access_token']}"}).get("/sso/nguoi-dung", secure=True)
    flow.post("/sso/kiem-tra", {"token": fresh["access_token"]})
    flow.post("/sso/thu-hoi", {"token": fresh["refresh_token"]})
    flow.post("/sso/yeu-cau", flow.params)
    Client(headers={"authorization": basic(system.client_id, "đoán-mật-khẩu-88")}).post("/sso/ma", {}, secure=True)
    another = systems.new_secret(ROOT, system=system)
    given = accounts.reset_password(TESTER, account=person, reason="Quên")
    hidden = {
        "the password": PASSWORD,
        "a wrong password": wrong,
        "the session": client.cookies[product.SESSION_COOKIE_NAME].value,
        "the browser": client.cookies["hl_browser"].value,
        "the seed of codes": totp,
        "an authorisation code": code,
        "the verifier": flow.verifier,
        "an access token": tokens["access_token"].rsplit(".", 1)[1],
        "an ID token": tokens["id_token"].rsplit(".", 1)[1],
        "a refresh token": tokens["refresh_token"],
        "the next refresh token": fresh["refresh_token"],
        "a system's password": secret,
        "its next one": another,
        "a guessed one": "đoán-mật-khẩu-88",
        "a one-time password": given,
    }
    logged = [(each.name, f"{each.getMessage()} {each.exc_text or ''} {each.__dict__}") for each in caplog.records]
    written = json.dumps(list(Entry.objects.values()), default=str, ensure_ascii=False)
    with connection.cursor() as cursor:
        for table in ("events_event", "procrastinate_jobs", "notifications_notification", "identity_ratewindow"):
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t")
            written += cursor.fetchone()[0]
    told = {(name, logger) for name, value in hidden.items() for logger, line in logged if value in line}
    assert told == set()
    assert [name for name, value in hidden.items() if value in written] == []
    assert {each.name for each in caplog.records}, "something was logged at all"


def test_answers_with_tokens_are_not_kept_and_tell_no_other_site() -> None:
    person, client = make_account("binh"), Client()
    client.force_login(person)
    flow = Flow(*registered(), client)
    page = flow.ask()
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    answer = flow.allow()
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "same-origin"
    tokens = flow.exchange(answer["Location"].split("code=")[1].split("&")[0])
    assert "no-store" in tokens["Cache-Control"]
    assert not tokens.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1", "x-forwarded-host": "ke-gian.example"},
        {"host": "127.0.0.1", "forwarded": "for=1.2.3.4;host=ke-gian.example"},
        {"host": "localhost:8443", "x-forwarded-server": "ke-gian.example", "x-host": "ke-gian.example"},
    ],
)
def test_links_in_mail_lead_to_the_configured_address(headers: dict[str, str]) -> None:
    person = make_account("binh")
    person.email = "binh@xa.example"
    person.set_password(PASSWORD)
    person.save()
    for _ in range(2):
        answer = Client(headers=headers).post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
        assert answer.status_code == 302
        assert "ke-gian" not in answer["Location"]
    for delivery in Delivery.objects.filter(channel="email"):
        tasks.deliver(delivery_id=delivery.pk)
    assert mail.outbox
    links = re.findall(r"https?://[^\s>\"]+", "".join(each.body for each in mail.outbox))
    assert links
    assert all(link.startswith(f"{product.BASE_URL}/") for link in links), links


@pytest.mark.parametrize(
    "host", ["ke-gian.example", "testserver.ke-gian.example", "127.0.0.1:8000@ke-gian.example", "[::1"]
)
def test_a_host_that_is_not_ours_is_refused(host: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = product.ALLOWED_HOSTS
    answer = Client(headers={"host": host}, raise_request_exception=False).get("/dang-nhap")
    assert answer.status_code == 400
    assert "ke-gian" not in answer.content.decode()


def test_whole_addresses_are_made_of_requests_where_it_harms_nobody() -> None:
    found = {
        str(file.relative_to(SOURCE))
        for file in SOURCE.rglob("*.py")
        if re.search(r"build_absolute_uri|get_host\(|HTTP_HOST|get_current_site", file.read_text("utf-8"))
    }
    assert found <= set(MAKES_ADDRESSES), "a mail takes its link from settings.BASE_URL; say here why this is none"
    assert all((Path(SOURCE) / name).exists() for name in MAKES_ADDRESSES)
