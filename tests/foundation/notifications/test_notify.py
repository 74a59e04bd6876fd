"""People are told once, in the product and over real channels; what fails is tried again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from hienluong.foundation.actions import system
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.notifications.models import Delivery, Notification
from hienluong.foundation.notifications.providers import NotDelivered
from hienluong.foundation.notifications.tasks import deliver
from tests.factories import make_account, make_citizen

WHO = system("kiểm thử")
pytestmark = pytest.mark.django_db


def tell(account: Any, key: str = "mot") -> Notification:
    return notify(
        WHO, account=account, key=key, kind="thu", title="Cần bổ sung hồ sơ", body="Thiếu bản sao.", href="/ho-so"
    )


@pytest.fixture
def account(db: None) -> Any:
    account = make_account(party=make_citizen())
    account.email = "lanh@vidu.example"
    account.save()
    return account


class Inbox:
    """Takes mail over real SMTP."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        return "250 OK"


@pytest.fixture
def smtp(settings: Any) -> Iterator[Inbox]:
    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield inbox
    controller.stop()


def test_the_same_thing_is_told_once(account: Any) -> None:
    first, again = tell(account), tell(account)
    assert first.pk == again.pk
    assert Delivery.objects.count() == 1


def test_mail_goes_over_smtp_once(account: Any, smtp: Inbox) -> None:
    tell(account)
    delivery = Delivery.objects.get()
    deliver(delivery_id=delivery.pk)
    deliver(delivery_id=delivery.pk)
    assert len(smtp.taken) == 1
    assert Delivery.objects.get().state == Delivery.State.SENT


def test_a_server_that_is_down_is_tried_again_and_then_given_up(account: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tell(account)
    delivery = Delivery.objects.get()
    for _ in range(7):
        with pytest.raises(NotDelivered):
            deliver(delivery_id=delivery.pk)
    deliver(delivery_id=delivery.pk)  # given up: the job is done, the delivery says what failed
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.state) == (8, Delivery.State.FAILED)
    assert delivery.error == "ConnectionRefusedError"


def test_the_address_that_goes_with_a_text_message_stands_once_in_the_mail_and_not_on_the_page(
    account: Any, smtp: Inbox, settings: Any, client: Client
) -> None:
    address = f"{settings.BASE_URL}/ho-so/H1"
    notify(WHO, account=account, key="a", kind="thu", title="Đã tiếp nhận", body=f"Mã H1.\n{address}", href="/ho-so/H1")
    deliver(delivery_id=Delivery.objects.get().pk)
    mail = message_from_bytes(smtp.taken[0], policy=policy.default).get_content()
    assert mail.count(address) == 1
    client.force_login(account)
    page = client.get("/thong-bao").content.decode()
    assert "Mã H1." in page
    assert address not in page


def test_the_page_shows_only_my_own(account: Any, client: Client) -> None:
    tell(account)
    notify(WHO, account=make_account(), key="x", kind="thu", title="Chuyện của người khác")
    client.force_login(account)
    page = client.get("/thong-bao").content.decode()
    assert "Cần bổ sung hồ sơ" in page
    assert "Chuyện của người khác" not in page
    client.post("/thong-bao/da-doc")
    assert Notification.objects.get(account=account).read_at is not None
