"""Giving money back: decided by whoever may, asked of the bank's own process over HTTP, paid once however often asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.payments import actions, doors, tasks, vietqr
from hienluong.capabilities.payments.models import Charge, Payment, Refund
from hienluong.foundation.actions import InvalidInput, NotAllowed, system
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations.models import Organization
from tests.capabilities.payments.process import BankProcess, Gate, forget_jobs, make_charge, wait_until, work_off
from tests.factories import actor_for_role, make_account, make_official, make_org

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(agency: Organization, gate: Gate, bank: BankProcess) -> Charge:
    """A charge that was paid by a transfer at the bank."""
    due = make_charge(agency)
    bank.transfer(vietqr.payload(vietqr.Transfer("970436", "0000000000", due.amount, due.reference)))
    wait_until(lambda: Charge.objects.get(pk=due.pk).state == Charge.State.PAID, "the notice never came")
    return Charge.objects.get(pk=due.pk)


@pytest.fixture
def paid_away(agency: Organization) -> Charge:
    """A charge paid through the bank, as the books say, with nobody behind it."""
    due = make_charge(agency)
    actions.take_notice(
        system("thử"),
        provider="bank",
        raw="",
        nonce="n",
        provider_ref="FT-KHONG-CO",
        reference=due.reference,
        amount=due.amount,
        paid_at=timezone.now(),
    )
    return Charge.objects.get(pk=due.pk)


def out(bank: BankProcess) -> list[dict[str, Any]]:
    return [line for line in bank.ledger if line["direction"] == "out"]


def test_a_refund_is_asked_of_the_bank_and_paid_once(agency: Organization, paid: Charge, bank: BankProcess) -> None:
    given = actions.refund(actor_for_role("accountant", agency), charge=paid, reason="Nộp thừa")
    assert (given.state, Charge.objects.get(pk=paid.pk).state) == ("requested", "paid")
    assert work_off(tasks.ask_refund) == 1
    given.refresh_from_db()
    payment = Payment.objects.get(charge=paid)
    assert (given.state, Charge.objects.get(pk=paid.pk).state) == ("paid", "refunded")
    assert payment.refunded_at == given.settled_at
    assert [(line["of"], line["amount"], line["refund"]) for line in out(bank)] == [
        (payment.provider_ref, 15_000, f"HT-{paid.reference}")
    ]
    assert given.provider_ref == out(bank)[0]["transaction"]
    assert Event.objects.filter(type="charge.refunded").count() == 1
    work_off(tasks.ask_refund)  # the same job done again, after a crash
    tasks.ask_refund(refund_id=given.pk)
    assert len(out(bank)) == 1


def test_an_answer_that_was_lost_is_asked_for_again_and_paid_once(
    agency: Organization, paid: Charge, bank: BankProcess
) -> None:
    given = actions.refund(actor_for_role("accountant", agency), charge=paid, reason="Nộp thừa")
    told = {"number": given.number, "transaction": given.payment.provider_ref, "amount": given.amount}
    assert doors.ask("bank", "/api/refunds", told)["status"] == "done"  # we went down before we wrote it
    work_off(tasks.ask_refund)
    given.refresh_from_db()
    assert (given.state, len(out(bank))) == ("paid", 1)


def test_decided_twice_while_under_way_it_is_one_refund(agency: Organization, paid: Charge, bank: BankProcess) -> None:
    who = actor_for_role("accountant", agency)
    first, second = (actions.refund(who, charge=paid, reason="Nộp thừa") for _ in range(2))
    assert first.pk == second.pk
    assert work_off(tasks.ask_refund) == 1
    assert len(out(bank)) == 1
    with pytest.raises(InvalidInput):
        actions.refund(who, charge=paid, reason="Nộp thừa")


def test_a_bank_that_is_away_is_asked_again(agency: Organization, paid: Charge, bank: BankProcess) -> None:
    given = actions.refund(actor_for_role("accountant", agency), charge=paid, reason="Nộp thừa")
    bank.stop()
    with pytest.raises(doors.Away):
        work_off(tasks.ask_refund)
    given.refresh_from_db()
    assert given.state == Refund.State.REQUESTED
    bank.start()
    forget_jobs()  # its tries are used up; the sweep takes it up again
    tasks.ask_refunds(0)
    assert work_off(tasks.ask_refund) == 0  # not yet: it is too young
    Refund.objects.update(at=timezone.now() - timedelta(hours=1))
    tasks.ask_refunds(0)
    tasks.ask_refunds(0)
    assert work_off(tasks.ask_refund) == 1
    given.refresh_from_db()
    assert given.state == Refund.State.PAID


def test_what_the_bank_refuses_is_shown_and_can_be_asked_again(
    agency: Organization, paid_away: Charge, bank: BankProcess, client: Client
) -> None:
    actions.refund(actor_for_role("accountant", agency), charge=paid_away, reason="Nộp thừa")
    work_off(tasks.ask_refund)
    given = Refund.objects.get()
    assert (given.state, given.why) == ("failed", "không có giao dịch này")
    assert Charge.objects.get(pk=paid_away.pk).state == Charge.State.PAID
    client.force_login(make_account(official=make_official(role="accountant", org=agency)))
    page = client.get("/lam-viec/doi-soat").content.decode()
    assert "Chưa hoàn trả được" in page
    assert "không có giao dịch này" in page
    assert "Yêu cầu lại" in page
    with (bank.folder / "bank" / "ledger.jsonl").open("a") as ledger:
        ledger.write(
            '{"transaction": "FT-KHONG-CO", "direction": "in", "amount": 15000, "content": "x", "paid_at": ""}\n'
        )
    client.post(f"/thanh-toan/{paid_away.reference}/hoan", {"reason": "Nộp thừa"})
    assert work_off(tasks.ask_refund) == 2
    given.refresh_from_db()
    assert (given.state, given.why) == ("paid", "")
    page = client.get("/lam-viec/doi-soat").content.decode()
    assert given.provider_ref in page
    assert "Hoàn trả chưa xong" not in page


@pytest.mark.parametrize("bank_options", [("--slow-refunds",)])
def test_a_bank_that_takes_its_time_is_asked_until_it_is_done(
    agency: Organization, paid: Charge, bank: BankProcess
) -> None:
    given = actions.refund(actor_for_role("accountant", agency), charge=paid, reason="Nộp thừa")
    with pytest.raises(doors.Away, match="not done yet"):
        work_off(tasks.ask_refund)
    assert out(bank) == []
    work_off(tasks.ask_refund)
    given.refresh_from_db()
    assert (given.state, len(out(bank))) == ("paid", 1)


def test_an_answer_signed_with_another_secret_is_not_believed(
    agency: Organization, paid: Charge, bank: BankProcess, settings: Any
) -> None:
    given = actions.refund(actor_for_role("accountant", agency), charge=paid, reason="Nộp thừa")
    settings.PAYMENT_SECRETS = {**settings.PAYMENT_SECRETS, "bank": "another"}
    with pytest.raises(doors.Away, match="answer: bad signature"):
        work_off(tasks.ask_refund)
    given.refresh_from_db()
    assert given.state == Refund.State.REQUESTED


def test_the_bank_refuses_an_unsigned_question(paid: Charge, bank: BankProcess) -> None:
    question = {"number": "HT-1", "transaction": paid.payments.get().provider_ref, "amount": 15_000}
    answer = httpx.post(f"{bank.url}/api/refunds", json=question, trust_env=False)
    assert answer.status_code == 401
    assert out(bank) == []


def test_who_may_decide(agency: Organization, paid_away: Charge) -> None:
    for who in (actor_for_role("clerk", agency), actor_for_role("leader", agency), actor_for_role("accountant")):
        with pytest.raises(NotAllowed):
            actions.refund(who, charge=paid_away, reason="Nộp thừa")
    assert Refund.objects.count() == 0


def test_cash_goes_back_over_the_counter_at_once(agency: Organization) -> None:
    due = make_charge(agency)
    actions.record_cash(actor_for_role("clerk", agency), charge=due)
    given = actions.refund(actor_for_role("accountant", agency), charge=due, reason="Thu nhầm")
    assert (given.state, Charge.objects.get(pk=due.pk).state) == ("paid", "refunded")


def test_a_bank_that_cannot_be_asked_is_written_down_by_hand(
    agency: Organization, paid_away: Charge, settings: Any, client: Client
) -> None:
    settings.PAYMENT_DOORS = {"bank": ""}
    client.force_login(make_account(official=make_official(role="accountant", org=agency)))
    assert client.post(f"/thanh-toan/{paid_away.reference}/da-hoan", {"transaction": "FT9"}).status_code == 404
    client.post(f"/thanh-toan/{paid_away.reference}/hoan", {"reason": "Nộp thừa"})
    by_hand = f"/thanh-toan/{paid_away.reference}/da-hoan"
    assert f'href="{by_hand}"' in client.get("/lam-viec/doi-soat").content.decode()
    assert "Mã giao dịch đã chuyển trả" in client.get(by_hand).content.decode()
    assert work_off(tasks.ask_refund) == 0
    client.post(f"/thanh-toan/{paid_away.reference}/da-hoan", {"transaction": " "})
    assert Refund.objects.get().state == Refund.State.REQUESTED
    client.post(f"/thanh-toan/{paid_away.reference}/da-hoan", {"transaction": "FT9"})
    given = Refund.objects.get()
    assert (given.state, given.provider_ref) == ("paid", "FT9")


def test_nobody_writes_down_by_hand_what_the_bank_says_itself(
    agency: Organization, paid_away: Charge, settings: Any
) -> None:
    settings.PAYMENT_DOORS = {"bank": "http://127.0.0.1:9"}
    who = actor_for_role("accountant", agency)
    given = actions.refund(who, charge=paid_away, reason="Nộp thừa")
    with pytest.raises(NotAllowed):
        actions.settle_refund(who, refund=given, provider_ref="FT9")
    with pytest.raises(NotAllowed):
        actions.fail_refund(who, refund=given, why="x")


def test_the_payer_and_the_other_agencies_accountant(agency: Organization, paid_away: Charge, client: Client) -> None:
    actions.refund(actor_for_role("accountant", agency), charge=paid_away, reason="Nộp hai lần")
    page = client.get(f"/thanh-toan/{paid_away.reference}?k={paid_away.access}").content.decode()
    assert "Đang hoàn trả" in page
    assert "Nộp hai lần" in page
    client.force_login(make_account(official=make_official(role="accountant", org=make_org())))
    page = client.get("/lam-viec/doi-soat").content.decode()
    assert paid_away.reference not in page
