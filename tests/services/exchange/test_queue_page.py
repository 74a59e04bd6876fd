"""The page of the IT officer: what waits, since when, why; retry, hold, read again; nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events import dispatcher
from hienluong.foundation.identity.models import Account
from hienluong.services.documents.models import Document, State
from hienluong.services.exchange import edxml, queueing, receiving, sending
from hienluong.services.exchange.models import Incoming, Outgoing
from hienluong.services.exchange.queueing import WHO
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


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("sendEdoc: ReadTimeout", "Trục không trả lời."),
        ("19: khong co noi nhan", "Nơi nhận chưa nối với trục."),
        ("15: sai ma", "Trục không nhận mã hệ thống"),
        ("N.MessageHeader.Subject: thiếu", "Gói tin sai quy chuẩn"),
        ("Chưa đóng dấu được: không có khóa", "Chưa đóng được dấu số"),
        ("KeyError", "Phần mềm không lập được gói tin."),
    ],
)
def test_the_reason_is_said_in_plain_words_beside_the_error(
    client: Client, health: Agency, error: str, words: str
) -> None:
    waiting(health, attempts=1, last_error=error)
    page = text(client)
    assert words in page
    assert error in page


def test_what_nobody_tried_for_long_says_that_no_turn_comes(client: Client, health: Agency) -> None:
    row = waiting(health)
    assert "Đang chờ tới lượt gửi." in text(client)
    Outgoing.objects.filter(pk=row.pk).update(at=timezone.now() - timedelta(hours=1))
    assert "Chưa được thử lần nào." in text(client)


def test_giving_up_wants_a_reason_stays_on_the_document_and_is_taken_back(client: Client, health: Agency) -> None:
    row = waiting(health, state="failed", next_try_at=None, last_error="19: x")
    client.post(f"{PAGE}/{row.pk}/thoi-gui", {"ly-do": " "})
    row.refresh_from_db()
    assert row.state == "failed"
    client.post(f"{PAGE}/{row.pk}/thoi-gui", {"ly-do": "Đã gửi bản giấy"})
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("cancelled", "Đã gửi bản giấy")
    assert row.recipient is not None
    assert row.recipient.reason == "Chưa gửi được, đã thôi gửi: Đã gửi bản giấy"
    page = text(client)
    assert "20 gói tin mới nhất đã thôi gửi" in page
    assert Entry.objects.filter(verb="exchange.give_up").count() == 1
    client.post(f"{PAGE}/{row.pk}/gui-lai")
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("waiting", "")


def test_what_its_agency_took_back_is_not_sent_again(client: Client, health: Agency) -> None:
    row = waiting(health, state="cancelled", next_try_at=None)
    assert client.post(f"{PAGE}/{row.pk}/gui-lai").status_code == 409
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_what_was_held_and_then_taken_back_is_not_sent_again(client: Client, health: Agency) -> None:
    row = waiting(health)
    client.post(f"{PAGE}/{row.pk}/giu-lai", {"ly-do": "Chờ ý kiến"})
    assert row.recipient is not None
    queueing.queue_take_back(WHO, recipient=row.recipient, reason="Sai số liệu")
    row.refresh_from_db()
    assert (row.state, row.held_reason) == ("cancelled", "")
    assert client.post(f"{PAGE}/{row.pk}/gui-lai").status_code == 409
    assert row.document_ref not in text(client)


def test_what_was_given_up_and_then_recalled_is_not_sent_again(client: Client, health: Agency) -> None:
    row = waiting(health, attempts=1, state="failed", next_try_at=None, last_error="sendEdoc: ReadTimeout")
    client.post(f"{PAGE}/{row.pk}/thoi-gui", {"ly-do": "Đã gửi bản giấy"})
    Document.objects.filter(pk=row.document_id).update(state=State.RECALLED)
    assert client.post(f"{PAGE}/{row.pk}/gui-lai").status_code == 409
    row.refresh_from_db()
    assert row.state == "cancelled"


def test_giving_up_leaves_the_asking_back_of_what_may_have_got_through(client: Client, health: Agency) -> None:
    row = waiting(health, attempts=1, last_error="sendEdoc: ReadTimeout")
    assert row.recipient is not None
    asking = queueing.queue_take_back(WHO, recipient=row.recipient, reason="Sai số liệu")
    client.post(f"{PAGE}/{row.pk}/thoi-gui", {"ly-do": "Đã lấy lại"})
    row.refresh_from_db()
    assert asking is not None
    asking.refresh_from_db()
    assert (row.state, asking.state) == ("cancelled", "waiting")
    assert sending.due() == [asking.pk]


def test_a_try_in_vain_does_not_take_up_what_was_given_up_meanwhile(client: Client, health: Agency) -> None:
    row = waiting(health)
    client.post(f"{PAGE}/{row.pk}/thoi-gui", {"ly-do": "Đã gửi bản giấy"})
    sending.note_failed(WHO, row=row, why="sendEdoc: ReadTimeout", final=False)
    row.refresh_from_db()
    assert (row.state, row.next_try_at, row.last_error) == ("cancelled", None, "sendEdoc: ReadTimeout")


def test_all_that_is_shown_is_sent_again_but_not_what_is_held_or_elsewhere(client: Client, health: Agency) -> None:
    failed = waiting(health, state="failed", next_try_at=None, last_error="19: x")
    kept = waiting(health, state="held", next_try_at=None, held_reason="Chờ")
    elsewhere = make_org("Sở khác", parent=health.place.parent)
    other = browser(actor_for_role("admin", elsewhere))
    other.post(f"{PAGE}/gui-lai")
    failed.refresh_from_db()
    assert failed.state == "failed"
    client.post(f"{PAGE}/gui-lai", {"tim": "khong-co-o-dau"})
    failed.refresh_from_db()
    assert failed.state == "failed"
    answer = client.post(f"{PAGE}/gui-lai", {"loai": "failed", "tim": "19:"})
    assert answer["Location"] == f"{PAGE}?loai=failed&tim=19%3A"
    failed.refresh_from_db()
    kept.refresh_from_db()
    assert (failed.state, kept.state) == ("waiting", "held")
    assert Entry.objects.filter(verb="exchange.retry_all").count() == 1


def test_the_table_has_the_lines_that_are_shown_and_no_formula(client: Client, health: Agency) -> None:
    row = waiting(health, attempts=2, last_error="=1+1")
    answer = client.get(f"{PAGE}/bang.csv")
    body = answer.content.decode()
    assert row.document_ref in body
    assert "'=1+1" in body
    assert row.document_ref not in client.get(f"{PAGE}/bang.csv?loai=failed").content.decode()
    assert browser(health.clerk).get(f"{PAGE}/bang.csv").status_code == 403


def test_ten_thousand_lines_cost_no_more_queries(
    client: Client, health: Agency, django_assert_max_num_queries: Any
) -> None:
    row = waiting(health)
    columns = {"what": "new", "agency": health.place, "from_code": row.from_code, "told_at": timezone.now()}
    Outgoing.objects.bulk_create(
        (
            Outgoing(
                lane=f"thu:{n}", to_code=PEER, document_ref=f"thu-{n}", state="failed", last_error="19: x", **columns
            )
            for n in range(10_000)
        ),
        batch_size=1000,
    )
    _counted_as_empty()
    with django_assert_max_num_queries(40):
        page = text(client, f"{PAGE}?loai=failed&page=3")
    assert "10000 dòng." in page or "10.000 dòng." in page
    answer = client.post(f"{PAGE}/gui-lai", {"loai": "failed"}, follow=True)
    assert "Đã xếp 1000 gói tin" in answer.content.decode()


def _counted_as_empty() -> None:
    """The database counts the rows of the queue, as it does by itself, before others may see those of this test: what
    it then takes for the quickest way must not take minutes.
    """
    params = connection.get_connection_params()
    named = {name: params[name] for name in ("host", "port", "dbname", "user", "password") if name in params}
    with psycopg.connect(**named, autocommit=True) as other:
        other.execute("ANALYZE exchange_outgoing")
        found = other.execute("SELECT reltuples, relpages > 0 FROM pg_class WHERE relname = 'exchange_outgoing'")
        assert found.fetchone() == (0, True)
