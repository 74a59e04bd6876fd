"""Our books, what the bank told us, its statement: every way in which they part, and what an official does about it."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from hienluong.capabilities.payments import actions, doors, resolving, statements, tasks, vietqr
from hienluong.capabilities.payments.models import Charge, Discrepancy, Notice, Payment, Statement
from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.organisations.models import Organization
from tests.capabilities.payments.process import BankProcess, Gate, make_charge, wait_until, work_off
from tests.factories import actor_for_role, make_account, make_official, make_org

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]
TODAY = timezone.localdate


def transfer(bank: BankProcess, due: Charge, *faults: str) -> None:
    bank.transfer(vietqr.payload(vietqr.Transfer("970436", "0000000000", due.amount, due.reference)), *faults)


def told(count: int = 1) -> None:
    """Wait for the bank's messages."""
    wait_until(lambda: Notice.objects.count() >= count, "the notice never came")


def only() -> Discrepancy:
    return Discrepancy.objects.select_related("charge__organization").get()


@pytest.fixture
def accountant(agency: Organization, client: Client) -> Client:
    client.force_login(make_account(official=make_official(role="accountant", org=agency)))
    return client


def test_what_agrees_leaves_nothing_to_do(agency: Organization, gate: Gate, bank: BankProcess) -> None:
    transfer(bank, make_charge(agency))
    told()
    got = statements.fetch("bank", TODAY())
    assert (got.count, got.came_in, got.went_out) == (1, 15_000, 0)
    assert not Discrepancy.objects.exists()


def test_money_the_bank_did_not_tell_of_is_found_and_given_to_its_charge(
    agency: Organization, gate: Gate, bank: BankProcess, accountant: Client
) -> None:
    due = make_charge(agency)
    transfer(bank, due, "silent")
    wait_until(lambda: bank.ledger != [], "the bank books")
    page = accountant.post("/lam-viec/doi-soat/sao-ke", {"ngay": TODAY().isoformat()}, follow=True).content.decode()
    assert "đã lấy sao kê, 1 dòng" in page
    assert "1 chênh lệch chưa xử lý" in page
    one = only()
    assert (one.kind, one.charge, one.booked, one.told) == ("silent", due, 15_000, None)
    url = f"/lam-viec/doi-soat/chenh-lech/{one.pk}"
    assert "ngân hàng không báo có" in accountant.get("/lam-viec/doi-soat/chenh-lech").content.decode()
    assert f'value="{due.reference}"' in accountant.get(url).content.decode()
    wrong = accountant.post(url, {"viec": "gan", "gan-reference": "HLKHONGCO", "gan-note": "giữ lại"})
    assert wrong.status_code == 422
    assert 'value="HLKHONGCO"' in wrong.content.decode()
    assert 'value="giữ lại"' in wrong.content.decode()
    assert accountant.post(url, {"viec": "gan", "gan-reference": due.reference}).status_code == 302
    payment = Payment.objects.get(charge=due)
    assert (payment.provider, payment.provider_ref, payment.amount) == ("bank", one.transaction, 15_000)
    one.refresh_from_db()
    assert (one.state, one.resolution) == ("resolved", "assigned")
    assert Entry.objects.filter(verb="payments.assign").exists()
    late = actions.take_notice(  # the bank tells after all
        actions.channel("bank"),
        provider="bank",
        raw="",
        nonce="n",
        provider_ref=one.transaction,
        reference=due.reference,
        amount=15_000,
        paid_at=timezone.now(),
    )
    assert late.verdict == Notice.Verdict.REPEATED
    statements.fetch("bank", TODAY())
    assert only().state == "resolved"


@pytest.mark.parametrize("bank_options", [("--late", "8")])
def test_a_late_notice_closes_the_difference_by_itself(agency: Organization, gate: Gate, bank: BankProcess) -> None:
    due = make_charge(agency)
    transfer(bank, due, "late")
    wait_until(lambda: bank.ledger != [], "the bank books")
    statements.fetch("bank", TODAY())
    assert only().kind == "silent"
    told()
    statements.fetch("bank", TODAY())
    assert (only().state, only().resolution) == ("resolved", "cleared")


def test_money_that_was_told_but_never_booked_is_seen(
    agency: Organization, gate: Gate, bank: BankProcess, accountant: Client
) -> None:
    due = make_charge(agency)
    transfer(bank, due, "unbooked")
    told()
    statements.fetch("bank", TODAY())
    one = only()
    assert (one.kind, one.charge, one.charged, one.booked) == ("unbooked", due, 15_000, None)
    url = f"/lam-viec/doi-soat/chenh-lech/{one.pk}"
    assert accountant.post(url, {"viec": "gan", "gan-reference": due.reference}).status_code == 422
    assert accountant.post(url, {"viec": "giai-trinh", "giai-trinh-note": "ngắn"}).status_code == 422
    assert accountant.post(url, {"viec": "giai-trinh", "giai-trinh-note": "a\x00" * 9}).status_code == 422
    words = "Ngân hàng xác nhận lỗi, sẽ ghi bù ngày mai."
    assert accountant.post(url, {"viec": "giai-trinh", "giai-trinh-note": words}).status_code == 302
    statements.fetch("bank", TODAY())
    assert (only().state, only().resolution, only().note) == ("resolved", "explained", words)


def test_a_statement_that_says_less_than_the_notice_is_seen(
    agency: Organization, gate: Gate, bank: BankProcess
) -> None:
    transfer(bank, make_charge(agency), "booked-less")
    told()
    statements.fetch("bank", TODAY())
    one = only()
    assert (one.kind, one.charged, one.booked) == ("amount", 15_000, 14_000)


@pytest.mark.parametrize("fault", ["wrong-amount", "wrong-text"])
def test_money_that_fits_no_charge_is_sent_back_once(
    agency: Organization, gate: Gate, bank: BankProcess, accountant: Client, fault: str
) -> None:
    due = make_charge(agency)
    transfer(bank, due, fault)
    told()
    one = only()
    assert (one.kind, one.state) == ("suspense", "open")
    statements.fetch("bank", TODAY())
    assert only().booked == (14_000 if fault == "wrong-amount" else 15_000)
    url = f"/lam-viec/doi-soat/chenh-lech/{one.pk}"
    if fault == "wrong-amount":
        refused = accountant.post(url, {"viec": "gan", "gan-reference": due.reference})
        assert refused.status_code == 422
        assert "14.000" in refused.content.decode()
    assert accountant.post(url, {"viec": "tra", "tra-note": "Chuyển sai"}).status_code == 302
    assert only().state == "returning"
    assert work_off(tasks.ask_return) == 1
    work_off(tasks.ask_return)
    back = only()
    assert (back.state, back.resolution) == ("resolved", "returned")
    assert [(line["refund"], line["amount"]) for line in bank.ledger if line["direction"] == "out"] == [
        (f"TL-{one.pk}", back.money)
    ]
    statements.fetch("bank", TODAY())
    assert Discrepancy.objects.count() == 1  # the money that went out is known
    page = accountant.get("/lam-viec/doi-soat/chenh-lech?trang-thai=resolved").content.decode()
    assert "Trả lại người chuyển" in page


def test_a_bank_that_will_not_send_back_leaves_it_open(agency: Organization, gate: Gate, bank: BankProcess) -> None:
    transfer(bank, make_charge(agency), "wrong-text", "unbooked")
    told()
    who = actor_for_role("accountant", agency)
    resolving.send_back(who, discrepancy=only(), note="Chuyển sai")
    work_off(tasks.ask_return)
    assert (only().state, only().why) == ("open", "không có giao dịch này")


def test_a_refund_is_looked_for_in_the_statement(agency: Organization, gate: Gate, bank: BankProcess) -> None:
    due = make_charge(agency)
    transfer(bank, due)
    told()
    actions.refund(actor_for_role("accountant", agency), charge=due, reason="Nộp thừa")
    work_off(tasks.ask_refund)
    got = statements.fetch("bank", TODAY())
    assert (got.came_in, got.went_out) == (15_000, 15_000)
    assert not Discrepancy.objects.exists()
    with (bank.folder / "bank" / "ledger.jsonl").open("w") as ledger:
        line = {"transaction": "RF-LA", "direction": "out", "amount": 9000, "content": "?"}
        ledger.write(json.dumps({**line, "paid_at": timezone.now().isoformat()}) + "\n")
    Statement.objects.all().delete()
    statements.fetch("bank", TODAY())
    kinds = set(Discrepancy.objects.values_list("kind", flat=True))
    assert kinds == {"out"}  # lines once told are kept: the first statement had the rest


def test_the_hourly_task_asks_every_provider_for_two_days(agency: Organization, gate: Gate, bank: BankProcess) -> None:
    tasks.fetch_statements(0)
    assert work_off(tasks.fetch_statement) == 4
    days = {TODAY(), TODAY() - timedelta(days=1)}
    assert set(Statement.objects.values_list("provider", "day")) == {(p, d) for p in ("bank", "gateway") for d in days}


def test_a_bank_that_is_away_or_lies_changes_nothing(
    agency: Organization, gate: Gate, bank: BankProcess, accountant: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in (
        {"day": "2020-01-01", "lines": []},
        {"day": TODAY().isoformat(), "lines": "x"},
        {"day": TODAY().isoformat(), "lines": [{"direction": "in"}]},
        {"day": TODAY().isoformat(), "lines": [dict.fromkeys(("transaction", "direction", "amount", "paid_at"), "in")]},
    ):
        with monkeypatch.context() as patch:
            patch.setattr(doors, "ask", lambda *args, _answer=answer: _answer)
            with pytest.raises(doors.Away):
                statements.fetch("bank", TODAY())
    bank.stop()
    page = accountant.post("/lam-viec/doi-soat/sao-ke", {"ngay": "x"}, follow=True).content.decode()
    assert "không lấy được sao kê" in page
    assert not Statement.objects.exists()
    bank.start()


def test_who_may_see_and_settle_what(agency: Organization, gate: Gate, bank: BankProcess, client: Client) -> None:
    due = make_charge(agency)
    transfer(bank, due, "booked-less")
    told()
    statements.fetch("bank", TODAY())
    url = f"/lam-viec/doi-soat/chenh-lech/{only().pk}"
    assert client.get(url).status_code == 302  # sign in
    client.force_login(make_account(official=make_official(role="accountant", org=make_org())))
    assert client.get(url).status_code == 404
    assert only().transaction not in client.get("/lam-viec/doi-soat/chenh-lech").content.decode()
    client.force_login(make_account(official=make_official(role="clerk", org=agency)))
    assert client.get(url).status_code in (403, 404)
    with pytest.raises(NotAllowed):
        resolving.explain(actor_for_role("clerk", agency), discrepancy=only(), note="Một lời giải trình dài")
    with pytest.raises(NotAllowed):
        statements.take_statement(actor_for_role("accountant", agency), provider="bank", day=TODAY(), lines=[])
    with pytest.raises(InvalidInput):
        resolving.assign(actor_for_role("accountant", agency), discrepancy=only(), reference=due.reference)


def test_long_lists_have_pages_and_a_workbook(
    agency: Organization, accountant: Client, django_assert_max_num_queries: Any
) -> None:
    Discrepancy.objects.bulk_create(
        Discrepancy(
            provider="bank",
            transaction=f"FT{number}",
            kind="suspense",
            day=TODAY(),
            content="=1+1",
            told=number + 1,
            charge=None,
        )
        for number in range(120)
    )
    with django_assert_max_num_queries(15):
        page = accountant.get("/lam-viec/doi-soat/chenh-lech", {"page": 3})
    assert page.content.decode().count("Tiền vào chưa biết của khoản nào</a>") == 20
    book = load_workbook(BytesIO(accountant.get("/lam-viec/doi-soat/chenh-lech?dang=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert (len(rows), rows[0][2], rows[1][4]) == (121, "Mã giao dịch", "=1+1")
    assert book.worksheets[0].cell(2, 5).data_type == "s"
