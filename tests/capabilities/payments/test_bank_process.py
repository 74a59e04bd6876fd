"""The bank as a separate process, telling a live server over HTTP: once, often, late, wrongly, to a door that is shut."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client

from hienluong.capabilities.payments import vietqr
from hienluong.capabilities.payments.models import Charge, Notice, Payment, Receipt
from hienluong.foundation.organisations.models import Organization
from hienluong.ui.templatetags.ui import ui_qr
from tests.capabilities.payments.process import BankProcess, Gate, make_charge, wait_until
from tests.factories import make_account, make_official

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def code_shown(live_server: Any, due: Charge) -> str:
    """The payload that the person's page hands to the bank, which is also the one it draws."""
    page = httpx.get(f"{live_server.url}/thanh-toan/{due.reference}?k={due.access}", trust_env=False)
    assert page.status_code == 200
    link = re.search(r'href="([^"]+/quet[?][^"]+)"', page.text)
    assert link, page.text
    code = parse_qs(urlsplit(unescape(link[1])).query)["ma"][0]
    assert ui_qr(code) in page.text
    assert vietqr.parse(code) == vietqr.Transfer("970436", "0000000000", due.amount, due.reference)
    return code


def state_of(due: Charge) -> str:
    return Charge.objects.get(pk=due.pk).state


def paid(due: Charge) -> bool:
    return state_of(due) == Charge.State.PAID


def test_a_transfer_is_told_and_credited_once(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    due = make_charge(agency)
    said = bank.transfer(code_shown(live_server, due))
    assert "MÔ PHỎNG" in said.text
    wait_until(lambda: paid(due) and gate.messages != [], "the notice never came")
    payment = Payment.objects.get(charge=due)
    assert (payment.provider, payment.amount) == ("bank", 15_000)
    assert payment.provider_ref in said.text
    assert Receipt.objects.get(payment=payment).number == 1
    assert [(m.path, m.status) for m in gate.messages] == [("/api/v1/payments/notices/bank", 200)]


def test_told_three_times_it_is_credited_once(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    due = make_charge(agency)
    bank.transfer(code_shown(live_server, due), "twice")
    wait_until(lambda: len(gate.messages) == 3, "three messages were to come")
    assert [json.loads(m.answer)["status"] for m in gate.messages] == ["applied", "repeated", "repeated"]
    assert len({m.headers["X-Nonce"] for m in gate.messages}) == 3
    assert (Payment.objects.count(), Receipt.objects.count()) == (1, 1)


@pytest.mark.parametrize("bank_options", [("--late", "8")])
def test_the_later_payment_told_first(live_server: Any, agency: Organization, gate: Gate, bank: BankProcess) -> None:
    early, late = make_charge(agency), make_charge(agency)
    bank.transfer(code_shown(live_server, early), "late")
    bank.transfer(code_shown(live_server, late))
    wait_until(lambda: paid(early) and paid(late), "both were to be paid")
    wait_until(lambda: len(gate.messages) == 2, "two messages were to come")
    assert [json.loads(m.body)["content"] for m in gate.messages] == [late.reference, early.reference]
    first, second = Payment.objects.get(charge=early), Payment.objects.get(charge=late)
    assert first.paid_at < second.paid_at  # as the bank says, not as we heard of it
    assert first.receipt.number > second.receipt.number


def test_paid_twice_the_one_told_second_waits_for_an_official(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    due = make_charge(agency)
    bank.transfer(code_shown(live_server, due), "late")
    bank.transfer(code_shown(live_server, due))
    wait_until(lambda: len(gate.messages) == 2, "two messages were to come")
    assert [json.loads(m.answer)["status"] for m in gate.messages] == ["applied", "suspense"]
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(("fault", "why"), [("wrong-signature", "bad signature"), ("stale", "too old")])
def test_what_is_not_signed_rightly_is_refused(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess, fault: str, why: str
) -> None:
    due = make_charge(agency)
    bank.transfer(code_shown(live_server, due), fault)
    wait_until(lambda: gate.messages != [], "a message was to come")
    assert (gate.statuses, json.loads(gate.messages[0].answer)["why"]) == ([401], why)
    assert state_of(due) == Charge.State.DUE
    assert Notice.objects.get().verdict == Notice.Verdict.REFUSED


def test_a_message_sent_again_to_the_letter_is_refused(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    due = make_charge(agency)
    bank.transfer(code_shown(live_server, due), "replay")
    wait_until(lambda: len(gate.messages) == 2, "two messages were to come")
    first, second = gate.messages
    assert (first.body, first.headers) == (second.body, second.headers)
    assert gate.statuses == [200, 401]
    assert json.loads(second.answer)["why"] == "replayed nonce"
    assert Payment.objects.count() == 1


def test_a_door_that_answers_503_is_tried_again(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    gate.faults = ["503", "503"]
    due = make_charge(agency)
    bank.transfer(code_shown(live_server, due))
    wait_until(lambda: len(gate.messages) == 3, "the retry never came")
    assert gate.statuses == [0, 0, 200]
    assert paid(due)


def test_a_product_that_is_away_is_told_when_it_is_back(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    due = make_charge(agency)
    code = code_shown(live_server, due)
    gate.close()
    bank.transfer(code)
    assert state_of(due) == Charge.State.DUE
    gate.open()
    wait_until(lambda: paid(due), "the retry never came")
    assert Payment.objects.count() == 1


def test_an_answer_that_is_lost_leads_to_a_second_telling_that_changes_nothing(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    gate.faults = ["lost"]
    due = make_charge(agency)
    bank.transfer(code_shown(live_server, due))
    wait_until(lambda: len(gate.messages) == 2, "the retry never came")
    assert [json.loads(m.answer)["status"] for m in gate.messages] == ["applied", "repeated"]
    assert (Payment.objects.count(), Receipt.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "shown"), [("wrong-amount", "Số tiền khác số phải nộp"), ("wrong-text", "Không có khoản thu nào")]
)
def test_money_that_does_not_fit_is_a_line_of_the_reconciliation(
    live_server: Any, agency: Organization, gate: Gate, bank: BankProcess, client: Client, fault: str, shown: str
) -> None:
    due = make_charge(agency)
    bank.transfer(code_shown(live_server, due), fault)
    wait_until(lambda: gate.messages != [], "a message was to come")
    assert json.loads(gate.messages[0].answer)["status"] == "suspense"
    assert (state_of(due), Payment.objects.count()) == (Charge.State.DUE, 0)
    client.force_login(make_account(official=make_official(role="accountant", org=agency)))
    assert "1 chênh lệch chưa xử lý" in client.get("/lam-viec/doi-soat").content.decode()
    page = client.get("/lam-viec/doi-soat/chenh-lech").content.decode()
    assert shown in page
    assert json.loads(gate.messages[0].body)["transaction"] in page
