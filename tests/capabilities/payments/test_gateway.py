"""The payment gateway by redirect: over there and back in a browser's shoes, and credited only by what it says itself."""

from __future__ import annotations

import json
import time
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from hienluong.capabilities.payments import actions, doors, tasks
from hienluong.capabilities.payments.models import Charge, Notice, Payment
from hienluong.capabilities.payments.notices import signature
from hienluong.foundation.organisations.models import Organization
from tests.capabilities.payments.process import BankProcess, Gate, make_charge, wait_until, work_off
from tests.factories import actor_for_role

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]

CAME_BACK = "Cổng thanh toán cho biết bạn đã trả"
NOT_BELIEVED = "Không xác nhận được cổng thanh toán"


@pytest.fixture
def due(agency: Organization) -> Charge:
    return make_charge(agency)


def state_of(due: Charge) -> str:
    return Charge.objects.get(pk=due.pk).state


class Person:
    """Somebody with a browser: follows links and redirects, keeps cookies."""

    def __init__(self, live_server: Any) -> None:
        self.product: str = live_server.url
        self.client = httpx.Client(trust_env=False, timeout=20, follow_redirects=True)

    def press_pay(self, due: Charge) -> httpx.Response:
        page = self.client.get(f"{self.product}/thanh-toan/{due.reference}?k={due.access}")
        link = f"/thanh-toan/{due.reference}/cong?k={due.access}"
        assert link in unescape(page.text)
        return self.client.get(self.product + link)

    def do(self, page: httpx.Response, what: str, *faults: str) -> httpx.Response:
        """Press a button of the gateway; the answer is the product's page that it leads back to."""
        return self.client.post(page.url, data={"lam": what, "loi": list(faults)})


def test_there_and_back_and_credited_by_the_notice(
    live_server: Any, due: Charge, gate: Gate, bank: BankProcess
) -> None:
    person = Person(live_server)
    over = person.press_pay(due)
    assert str(over.url).startswith(f"{bank.url}/cong?")
    assert "MÔ PHỎNG" in over.text
    assert "Cổng thanh toán (mô phỏng)" in over.text
    assert "15.000 đồng" in over.text
    back = person.do(over, "tra")
    assert str(back.url) == f"{live_server.url}/thanh-toan/{due.reference}?k={due.access}"
    wait_until(lambda: state_of(due) == Charge.State.PAID and gate.messages != [], "the notice never came")
    payment = Payment.objects.get(charge=due)
    assert (payment.provider, payment.amount) == ("gateway", 15_000)
    assert [(m.path, m.status) for m in gate.messages] == [("/api/v1/payments/notices/gateway", 200)]
    work_off(tasks.ask_checkout)
    assert Payment.objects.count() == 1


def test_coming_back_alone_credits_nothing(live_server: Any, due: Charge, gate: Gate, bank: BankProcess) -> None:
    person = Person(live_server)
    back = person.do(person.press_pay(due), "tra", "silent")
    assert CAME_BACK in back.text
    assert "Đang chờ chuyển khoản" in back.text
    assert (state_of(due), Payment.objects.count(), gate.messages) == (Charge.State.DUE, 0, [])
    assert work_off(tasks.ask_checkout) == 1  # asked by ourselves, the gateway says what it never told
    assert state_of(due) == Charge.State.PAID
    work_off(tasks.ask_checkout)
    assert Payment.objects.count() == 1


def test_a_forged_return_credits_nothing_and_asks_nobody(
    live_server: Any, due: Charge, bank: BankProcess, settings: Any
) -> None:
    person, at = Person(live_server), str(int(time.time()))
    url = f"{live_server.url}/thanh-toan/{due.reference}/ve"
    said = {"so": due.reference, "ket-qua": "paid", "luc": at}

    def signed(words: dict[str, str], secret: str) -> dict[str, str]:
        body = urlencode(sorted(words.items())).encode()
        return {**words, "ky": signature(secret, words["luc"], words["so"], body), "k": due.access}

    right = settings.PAYMENT_SECRETS["gateway"]
    forged = [
        {**said, "k": due.access},
        signed(said, settings.PAYMENT_SECRETS["bank"]),
        {**signed({**said, "ket-qua": "cancelled"}, right), "ket-qua": "paid"},
        signed({**said, "so": "HL2222222222"}, right),
        signed({**said, "luc": str(int(at) - 3600)}, right),
        signed({**said, "ket-qua": "refunded"}, right),
    ]
    for words in forged:
        assert NOT_BELIEVED in person.client.get(url, params=words).text, words
    assert work_off(tasks.ask_checkout) == 0
    assert CAME_BACK in person.client.get(url, params=signed(said, right)).text  # the same, signed by the gateway
    assert work_off(tasks.ask_checkout) == 1  # which says that nothing was paid
    assert (state_of(due), Notice.objects.count()) == (Charge.State.DUE, 0)


def test_cancelled_there_is_said_here(live_server: Any, due: Charge, gate: Gate, bank: BankProcess) -> None:
    person = Person(live_server)
    back = person.do(person.press_pay(due), "huy")
    assert "Bạn đã hủy ở cổng thanh toán" in back.text
    assert (state_of(due), gate.messages, work_off(tasks.ask_checkout)) == (Charge.State.DUE, [], 0)


def test_the_page_sent_twice_pays_once(live_server: Any, due: Charge, gate: Gate, bank: BankProcess) -> None:
    person = Person(live_server)
    over = person.press_pay(due)
    for _ in range(2):
        person.do(over, "tra")
    wait_until(lambda: state_of(due) == Charge.State.PAID, "the notice never came")
    assert len(bank.book("gateway")) == 1
    again = person.client.get(f"{live_server.url}/thanh-toan/{due.reference}/cong?k={due.access}")
    assert "đã được nộp" in again.text


def test_the_gateway_believes_only_our_signature(live_server: Any, due: Charge, bank: BankProcess) -> None:
    over = Person(live_server).press_pay(due)
    cheaper = str(over.url).replace("tien=15000", "tien=1")
    assert cheaper != str(over.url)
    assert httpx.get(cheaper, trust_env=False).status_code == 400
    assert httpx.post(cheaper, data={"lam": "tra"}, trust_env=False).status_code == 400
    assert bank.book("gateway") == []
    assert parse_qs(urlsplit(str(over.url)).query)["so"] == [due.reference]


def test_paid_at_the_gateway_and_by_transfer_the_second_waits(
    live_server: Any, agency: Organization, due: Charge, gate: Gate, bank: BankProcess
) -> None:
    person = Person(live_server)
    over = person.press_pay(due)
    actions.record_cash(actor_for_role("clerk", agency), charge=due)
    person.do(over, "tra")
    wait_until(lambda: gate.messages != [], "a message was to come")
    assert json.loads(gate.messages[0].answer)["status"] == "suspense"
    assert Payment.objects.get().provider == "cash"


def test_a_refund_goes_back_the_way_the_money_came(
    live_server: Any, agency: Organization, due: Charge, gate: Gate, bank: BankProcess
) -> None:
    person = Person(live_server)
    person.do(person.press_pay(due), "tra")
    wait_until(lambda: state_of(due) == Charge.State.PAID, "the notice never came")
    actions.refund(actor_for_role("accountant", agency), charge=due, reason="Nộp thừa")
    assert work_off(tasks.ask_refund) == 1
    assert state_of(due) == Charge.State.REFUNDED
    assert [line["direction"] for line in bank.book("gateway")] == ["in", "out"]
    assert bank.ledger == []


def test_without_a_gateway_there_is_no_button(live_server: Any, due: Charge, settings: Any) -> None:
    settings.PAYMENT_DOORS = {"bank": "", "gateway": ""}
    page = httpx.get(f"{live_server.url}/thanh-toan/{due.reference}?k={due.access}", trust_env=False)
    assert "cổng thanh toán" not in page.text
    assert (
        httpx.get(f"{live_server.url}/thanh-toan/{due.reference}/cong?k={due.access}", trust_env=False).status_code
        == 404
    )


def test_an_answer_that_says_nothing_is_asked_again(due: Charge, settings: Any) -> None:
    settings.PAYMENT_DOORS = {"gateway": "http://127.0.0.1:9"}
    with pytest.raises(doors.Away):
        tasks.ask_checkout(charge_id=due.pk)


@pytest.mark.browser
def test_in_a_browser_on_a_phone(
    page_phone: Page, live_server: Any, due: Charge, gate: Gate, bank: BankProcess
) -> None:
    page_phone.goto(f"/thanh-toan/{due.reference}?k={due.access}")
    page_phone.get_by_role("button", name="Đến cổng thanh toán").click()
    expect(page_phone.get_by_role("heading", name="Cổng thanh toán (mô phỏng)")).to_be_visible()
    page_phone.get_by_text("Thử sự cố").click()
    page_phone.get_by_label("báo chậm").check()
    page_phone.get_by_role("button", name="Trả tiền").click()
    expect(page_phone.get_by_text(CAME_BACK)).to_be_visible()
    expect(page_phone.get_by_role("heading", name="Biên lai")).to_be_visible()  # the waiting page turns by itself
