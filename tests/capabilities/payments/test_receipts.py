"""Receipts: numbered without gaps, printed once, the same for the payer ever after."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.payments import actions, receipts, tasks
from hienluong.capabilities.payments.models import Charge, Receipt
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.service import seal_paper
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations.models import Organization
from hienluong.house import publishing
from hienluong.ui import money
from tests.capabilities.payments.process import forget_jobs, make_charge, work_off
from tests.factories import TESTER, actor_for_role, make_account, make_citizen, make_org, make_roles


@pytest.fixture
def clerk_at(db: None) -> Organization:
    make_roles()
    forget_jobs()
    return make_org("Trung tâm PVHCC phường Đông Hà")


def words_of(pdf: bytes) -> str:
    """The text of a PDF, read by another program."""
    document = pypdfium2.PdfDocument(pdf)
    return " ".join("".join(page.get_textpage().get_text_range() for page in document).split())


@pytest.mark.django_db
def test_the_payer_downloads_the_receipt(clerk_at: Organization, client: Client) -> None:
    payer = make_citizen("Nguyễn Thị Lành")
    lines = [
        {"code": "PHI", "name": "Phí xác nhận", "amount": 15_000, "legal_basis": "NQ 01/2025/NQ-HĐND"},
        {"code": "LP", "name": "Lệ phí", "amount": 0, "exempt_reason": "Hộ nghèo", "legal_basis": "Điều 10"},
    ]
    due = actions.create_charge(
        TESTER, subject_ref="thu:1", payer_id=payer.pk, organization=clerk_at, lines=lines, kind="fee"
    )
    client.force_login(make_account(party=payer))
    url = f"/thanh-toan/{due.reference}/bien-lai"
    assert client.get(url).status_code == 404  # not paid yet
    actions.record_cash(actor_for_role("clerk", clerk_at), charge=due)
    page = client.get(f"/thanh-toan/{due.reference}").content.decode()
    assert "đang được ký số" in page
    assert client.get(url)["Location"] == f"/thanh-toan/{due.reference}"  # not printed yet: nothing is made on a GET
    assert Receipt.objects.get().file is None
    assert work_off(tasks.print_receipt) == 1
    assert url in client.get(f"/thanh-toan/{due.reference}").content.decode()
    answer = client.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment")
    words = words_of(answer.content)
    for said in (
        "BIÊN LAI THU PHÍ, LỆ PHÍ",
        "TRUNG TÂM PVHCC PHƯỜNG ĐÔNG HÀ",
        "Nguyễn Thị Lành",
        "0000001",
        "Phí xác nhận",
        "Hộ nghèo",
        "15.000 đ",
        "Mười lăm nghìn đồng",
        "Tiền mặt",
        due.reference,
    ):
        assert said.casefold() in words.replace("\xa0", " ").casefold(), said


@pytest.mark.django_db
def test_the_same_paper_ever_after_and_for_nobody_else(clerk_at: Organization, client: Client) -> None:
    due = make_charge(clerk_at)
    actions.record_cash(actor_for_role("clerk", clerk_at), charge=due)
    url = f"/thanh-toan/{due.reference}/bien-lai"
    assert client.get(url).status_code == 404
    work_off(tasks.print_receipt)
    first = client.get(f"{url}?k={due.access}").content
    Organization.objects.filter(pk=clerk_at.pk).update(name="Tên mới sau sáp nhập")
    tasks.print_receipt(receipt_id=Receipt.objects.get(payment__charge=due).pk)
    assert client.get(f"{url}?k={due.access}").content == first
    file = Receipt.objects.get(payment__charge=due).file
    assert file is not None
    client.force_login(make_account(party=make_citizen("Người Lạ")))
    assert client.get(url).status_code == 404
    assert client.get(f"/tep/{file.pk}").status_code == 404


@pytest.mark.django_db
def test_a_slow_seal_holds_no_transaction_and_two_runs_make_one_paper(
    clerk_at: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    due, real = make_charge(clerk_at), seal_paper
    actions.record_cash(actor_for_role("clerk", clerk_at), charge=due)
    key, within = Receipt.objects.get().pk, list[int]()

    def slow(*given: Any, **more: Any) -> bytes:
        within.append(len(connection.savepoint_ids))
        if len(within) == 1:  # another worker comes meanwhile, and is quicker
            tasks.print_receipt(receipt_id=key)
        return real(*given, **more)

    monkeypatch.setattr("hienluong.capabilities.signing.service.seal_paper", slow)
    outside = len(connection.savepoint_ids)
    tasks.print_receipt(receipt_id=key)
    assert within == [outside, outside]
    assert [paper.token for paper in IssuedFile.objects.all()] == [Receipt.objects.get().token]


@pytest.mark.django_db
def test_a_stranger_verifies_a_receipt(clerk_at: Organization, client: Client) -> None:
    payer = make_citizen("Nguyễn Thị Lành")
    line = {"code": "PHI", "name": "Phí xác nhận", "amount": 15_000}
    due = actions.create_charge(
        TESTER, subject_ref="thu:1", payer_id=payer.pk, organization=clerk_at, lines=[line], kind="fee"
    )
    actions.record_cash(actor_for_role("clerk", clerk_at), charge=due)
    work_off(tasks.print_receipt)
    receipt = Receipt.objects.get()
    content = receipts.content_of(receipt)
    assert content is not None
    found = verify_pdf(content)
    assert found.verdict == "valid"
    assert [finding.signer for finding in found.signatures] == [clerk_at.name]
    assert found.log_proof is not None
    assert found.log_proof["holds"]
    picture = pypdfium2.PdfDocument(content)[0].render(scale=4).to_pil()
    codes = [code.text for code in zxingcpp.read_barcodes(picture)]
    assert any(code.endswith(f"/xac-minh/{receipt.token}") for code in codes), codes
    said = client.get(f"/xac-minh/{receipt.token}").content.decode()
    for shown in ("Biên lai thu phí, lệ phí", "N. T. L.", "15.000", due.reference, clerk_at.name):
        assert shown in said.replace("\xa0", " "), shown
    assert "Lành" not in said

    actions.refund(actor_for_role("accountant", clerk_at), charge=due, reason="Nộp thừa")
    for event in Event.objects.filter(type="charge.refunded"):
        publishing.withdraw_receipt(event)
        publishing.withdraw_receipt(event)
    assert "ĐÃ BỊ THU HỒI" in client.get(f"/xac-minh/{receipt.token}").content.decode()


@pytest.mark.django_db
def test_a_receipt_that_a_crash_left_is_printed_later(clerk_at: Organization) -> None:
    actions.record_cash(actor_for_role("clerk", clerk_at), charge=make_charge(clerk_at))
    forget_jobs()
    tasks.print_receipts(0)
    assert work_off(tasks.print_receipt) == 0  # not yet: the background may be at it
    Receipt.objects.update(issued_at=timezone.now() - timedelta(minutes=5))
    tasks.print_receipts(0)
    assert work_off(tasks.print_receipt) == 1
    assert Receipt.objects.get().token


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gaps_whatever_fails_in_between() -> None:
    make_roles()
    agency = make_org()
    other = make_org()
    clerk = actor_for_role("clerk", agency)
    charges = [make_charge(agency) for _ in range(12)]

    class Broken(Exception):
        pass

    def work(number: int, due: Charge) -> None:
        try:
            with transaction.atomic():
                actions.record_cash(clerk, charge=due)
                if number % 3 == 0:
                    raise Broken
        except Broken:
            actions.record_cash(clerk, charge=due)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(charges)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    actions.record_cash(actor_for_role("clerk", other), charge=make_charge(other))
    year = timezone.localdate().year % 100
    issued = Receipt.objects.order_by("serial", "number").values_list("serial", "number")
    assert sorted(issued) == sorted(
        [(f"BI-{year:02d}T.{agency.code}", n) for n in range(1, 13)] + [(f"BI-{year:02d}T.{other.code}", 1)]
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "Không đồng"),
        (5_000, "Năm nghìn đồng"),
        (15_000, "Mười lăm nghìn đồng"),
        (21_000, "Hai mươi mốt nghìn đồng"),
        (44_444, "Bốn mươi tư nghìn bốn trăm bốn mươi tư đồng"),
        (105, "Một trăm linh năm đồng"),
        (1_005, "Một nghìn không trăm linh năm đồng"),
        (1_000_010, "Một triệu không trăm mười đồng"),
        (1_250_000, "Một triệu hai trăm năm mươi nghìn đồng"),
        (2_000_000_055, "Hai tỷ không trăm năm mươi lăm đồng"),
        (1_000_000_000_000, "Một nghìn tỷ đồng"),
    ],
)
def test_amounts_in_words(value: int, words: str) -> None:
    assert money.in_words(value) == words


@pytest.mark.parametrize("value", [-1, 10**18])
def test_amounts_that_cannot_be_written_out(value: int) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        money.in_words(value)
