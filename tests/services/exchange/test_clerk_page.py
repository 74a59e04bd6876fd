"""The page of the records office: how far each document is at each place outside; sending it there once more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.events import dispatcher
from hienluong.services.documents.models import Recipient
from hienluong.services.exchange.models import Incoming, Outgoing, Receipt
from tests.factories import actor_for_role, make_org
from tests.services.documents.offices import Agency
from tests.services.exchange.conftest import PEER
from tests.services.exchange.offices import issued
from tests.services.exchange.test_queue_page import browser, text

pytestmark = pytest.mark.django_db
PAGE = "/van-ban/lien-thong"


def sent(agency: Agency, *statuses: tuple[str, str]) -> Recipient:
    """A document that went outside, and what came back."""
    document = issued(agency, PEER)
    dispatcher.dispatch_waiting()
    Outgoing.objects.filter(document=document).update(state="sent", sent_at=timezone.now(), next_try_at=None)
    recipient = document.recipients.get()
    for number, (status, words) in enumerate(statuses):
        came = Incoming.objects.create(
            axis_id=f"{document.pk}-{number}", sender_code=PEER, receiver_code="x", verdict="taken"
        )
        Receipt.objects.create(
            recipient=recipient, incoming=came, status=status, told_at=timezone.now(), words=words, staff="Lê Thị Bình"
        )
    return recipient


def test_the_office_sees_what_each_place_told(health: Agency) -> None:
    recipient = sent(health, ("01", "Đã đến"), ("02", "Gửi nhầm cơ quan"))
    page = text(browser(health.clerk), PAGE)
    for words in (recipient.document.code, PEER, "Đã gửi", "Từ chối tiếp nhận", "Gửi nhầm cơ quan", "Lê Thị Bình"):
        assert words in page
    assert page.index("Đã đến") < page.index("Từ chối tiếp nhận")


def test_an_update_is_sent_with_its_reason(health: Agency) -> None:
    recipient, client = sent(health), browser(health.clerk)
    client.post(f"{PAGE}/{recipient.pk}/cap-nhat", {"ly-do": " "})
    assert not Outgoing.objects.filter(what="update").exists()
    client.post(f"{PAGE}/{recipient.pk}/cap-nhat", {"ly-do": "Bổ sung phụ lục"})
    assert Outgoing.objects.get(what="update").words == "Bổ sung phụ lục"
    assert "Bổ sung phụ lục" in text(client, PAGE)


@pytest.mark.parametrize("role", ["officer", "leader", "head", "admin"])
def test_nobody_else_follows_it(health: Agency, role: str) -> None:
    recipient = sent(health)
    other = browser(actor_for_role(role, health.place))
    assert other.get(PAGE).status_code == 403
    assert other.post(f"{PAGE}/{recipient.pk}/cap-nhat", {"ly-do": "x"}).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_the_office_of_another_agency_or_of_one_above_sees_nothing_of_it(health: Agency) -> None:
    recipient = sent(health)
    for place in (make_org("Sở khác", parent=health.place.parent), health.place.parent):
        other = browser(actor_for_role("document_clerk", place))
        assert recipient.document.code not in text(other, PAGE)
        assert other.post(f"{PAGE}/{recipient.pk}/cap-nhat", {"ly-do": "x"}).status_code == 404
    assert not Outgoing.objects.filter(what="update").exists()


def test_a_page_costs_the_same_however_many_there_are(health: Agency, django_assert_max_num_queries: Any) -> None:
    client = browser(health.clerk)
    for _ in range(5):
        sent(health, ("01", "Đã đến"))
    text(client, PAGE)
    with django_assert_max_num_queries(15):
        text(client, PAGE)
