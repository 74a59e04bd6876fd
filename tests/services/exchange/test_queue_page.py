"""The page of the IT officer: what waits, since when, why; retry, hold, read again; nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events import dispatcher
from hienluong.foundation.identity.models import Account
from hienluong.services.exchange import edxml, receiving
from hienluong.services.exchange.models import Incoming, Outgoing
from tests.factories import actor_for_role, make_org
from tests.services.documents.offices import Agency
from tests.services.exchange.conftest import PEER
from tests.services.exchange.offices import issued
from tests.services.exchange.test_receiving import sent_to

pytestmark = pytest.mark.django_db
PAGE = "/quan-tri/truc-van-ban"


@pytest.fixture
def client(health: Agency) -> Client:
    """The browser of the IT officer of the province."""
    return browser(actor_for_role("admin", health.place.parent))


def browser(actor: Any) -> Client:
    found = Client()
    found.force_login(Account.objects.get(pk=actor.account_id))
    return found


def text(client: Client, address: str = PAGE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def waiting(agency: Agency, **more: Any) -> Outgoing:
    issued(agency, PEER)
    dispatcher.dispatch_waiting()
    row = Outgoing.objects.latest("pk")
    Outgoing.objects.filter(pk=row.pk).update(**more)
    row.refresh_from_db()
    return row


def test_an_empty_queue_says_so(client: Client) -> None:
    page = text(client)
    assert "Không có gói tin nào chờ gửi" in page
    assert "Chưa nối với trục liên thông văn bản" in page


def test_what_waits_is_shown_with_age_reason_and_tries(client: Client, health: Agency) -> None:
    row = waiting(health, attempts=3, last_error="sendEdoc: ReadTimeout", tried_at=timezone.now())
    page = text(client)
    for words in (row.document_ref, PEER, "sendEdoc: ReadTimeout", "Văn bản mới", "Chờ gửi"):
        assert words in page


def test_hold_wants_a_reason_and_retry_lets_go(client: Client, health: Agency) -> None:
    row = waiting(health)
    client.post(f"{PAGE}/{row.pk}/giu-lai", {"ly-do": ""})
    row.refresh_from_db()
    assert row.state == "waiting"
    client.post(f"{PAGE}/{row.pk}/giu-lai", {"ly-do": "Chờ lãnh đạo"})
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("held", "Chờ lãnh đạo")
    assert "Chờ lãnh đạo" in text(client, f"{PAGE}?loai=held")
    assert "Chờ lãnh đạo" not in text(client, f"{PAGE}?loai=failed")
    client.post(f"{PAGE}/{row.pk}/gui-lai")
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("waiting", "")


def test_bad_packages_are_shown_and_who_looks_is_written_down(client: Client, health: Agency) -> None:
    listed = receiving.Listed("a-1", "edoc", PEER, health.place.code)
    broken = receiving.take_in(listed, b"<khong-phai", None)
    raw = edxml.write(sent_to(health)).replace(b"BussinessDocType>0<", b"BussinessDocType>9<")
    refused = receiving.take_in(receiving.Listed("a-2", "edoc", PEER, health.place.code), raw, None)
    assert broken is not None
    assert refused is not None
    page = text(client)
    assert "Không đọc được XML" in page
    assert "R.TraceHeaderList.Bussiness.BussinessDocType" in page
    answer = client.get(f"{PAGE}/den/{refused.pk}/goi-tin")
    assert answer.content == raw
    assert "attachment" in answer["Content-Disposition"]
    assert Entry.objects.filter(verb="exchange.look_at_package").count() == 1
    client.post(f"{PAGE}/den/{broken.pk}/doc-lai")
    assert Incoming.objects.get(pk=broken.pk).verdict == "unreadable"
    assert client.get(f"{PAGE}/den/999999/goi-tin").status_code == 404
    assert client.post(f"{PAGE}/999999/gui-lai").status_code == 404


@pytest.mark.parametrize("role", ["document_clerk", "leader", "officer", "auditor"])
def test_nobody_else_gets_in(health: Agency, role: str) -> None:
    row = waiting(health)
    other = browser(actor_for_role(role, health.place))
    assert other.get(PAGE).status_code == 403
    assert other.post(f"{PAGE}/{row.pk}/gui-lai").status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_an_officer_of_another_place_sees_nothing_of_it(health: Agency) -> None:
    row = waiting(health)
    elsewhere = make_org("Sở khác", parent=health.place.parent)
    other = browser(actor_for_role("admin", elsewhere))
    assert row.document_ref not in text(other)
    assert other.post(f"{PAGE}/{row.pk}/gui-lai").status_code == 404
    row.refresh_from_db()
    assert row.attempts == 0
