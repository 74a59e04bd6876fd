"""Bank notices over HTTP: signed, told once or many times, late, wrong; every charge is paid exactly once."""

from __future__ import annotations

import json
import secrets
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.payments import actions
from hienluong.capabilities.payments.models import Charge, Notice, Payment, Receipt, SeenNonce
from hienluong.capabilities.payments.notices import FRESH, signature
from hienluong.capabilities.payments.tasks import forget_nonces
from hienluong.foundation.actions import InvalidInput, NotAllowed, system
from tests.factories import actor_for_role, make_org

URL = "/api/v1/payments/notices/bank"
WHO = system("kiểm thử")


def charge(amount: int = 10_000) -> Charge:
    line = {"code": "PHI", "name": "Phí chứng thực", "amount": amount, "legal_basis": "TT 226/2016/TT-BTC"}
    return actions.create_charge(
        WHO, subject_ref="thu:1", payer_id=None, organization=make_org(), lines=[line], kind="fee"
    )


def tell(
    settings: Any,
    told: object,
    *,
    secret: str = "",
    at: str = "",
    nonce: str | None = None,
    client: Client | None = None,
) -> Any:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    moment = at or str(int(time.time()))
    nonce = secrets.token_hex(8) if nonce is None else nonce
    signed = signature(secret or settings.PAYMENT_SECRETS["bank"], moment, nonce, body)
    headers = {"X-Time": moment, "X-Nonce": nonce, "X-Signature": signed}
    return (client or Client()).post(URL, data=body, content_type="application/json", headers=headers)


def notice(of: Charge, ref: str = "FT1", amount: int | None = None) -> dict[str, object]:
    return {
        "transaction": ref,
        "amount": of.amount if amount is None else amount,
        "content": of.reference,
        "paid_at": timezone.now().isoformat(),
    }


@pytest.mark.django_db
def test_a_notice_pays_a_charge_and_gives_a_receipt(settings: Any) -> None:
    due = charge()
    assert tell(settings, notice(due)).json() == {"status": "applied"}
    due.refresh_from_db()
    assert due.state == Charge.State.PAID
    assert Receipt.objects.get(payment__charge=due).number == 1


@pytest.mark.django_db
def test_told_again_it_is_applied_once(settings: Any) -> None:
    due = charge()
    answers = [tell(settings, notice(due)).json()["status"] for _ in range(4)]
    assert answers == ["applied", "repeated", "repeated", "repeated"]
    assert Payment.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("amount", [1, 9_999, 10_001])
def test_a_wrong_amount_waits_for_an_official(settings: Any, amount: int) -> None:
    due = charge()
    assert tell(settings, notice(due, amount=amount)).json() == {"status": "suspense"}
    due.refresh_from_db()
    assert due.state == Charge.State.DUE


@pytest.mark.django_db
def test_money_for_nothing_and_a_second_payment_wait_too(settings: Any) -> None:
    due = charge()
    told = notice(due)
    assert tell(settings, {**told, "content": "KHONG BIET", "transaction": "FT0"}).json() == {"status": "suspense"}
    assert tell(settings, told).json() == {"status": "applied"}
    assert tell(settings, notice(due, ref="FT2")).json() == {"status": "suspense"}
    assert Payment.objects.count() == 1


@pytest.mark.django_db
def test_a_wrong_or_old_signature_is_refused_and_kept(settings: Any) -> None:
    due = charge()
    assert tell(settings, notice(due), secret="sai").status_code == 401
    assert tell(settings, notice(due), at=str(int(time.time()) - 3600)).status_code == 401
    assert Notice.objects.filter(verdict=Notice.Verdict.REFUSED).count() == 2
    assert Payment.objects.count() == 0


@pytest.mark.django_db
def test_a_nonce_is_used_once(settings: Any) -> None:
    due = charge()
    assert tell(settings, notice(due, amount=1), nonce="n1").json() == {"status": "suspense"}
    again = tell(settings, notice(due), nonce="n1")
    assert (again.status_code, again.json()["why"]) == (401, "replayed nonce")
    due.refresh_from_db()
    assert due.state == Charge.State.DUE
    for bad in ("", "n" * 65, "n\x7f"):
        assert tell(settings, notice(due), nonce=bad).json()["why"] == "no nonce"
    assert tell(settings, b"{}", nonce="n2").status_code == 400
    assert tell(settings, notice(due, "FT2"), nonce="n2").json() == {"status": "applied"}  # nothing came of the first


@pytest.mark.django_db
def test_nonces_are_forgotten_only_when_their_message_is_too_old(settings: Any) -> None:
    due = charge()
    tell(settings, notice(due), nonce="n1")
    assert forget_nonces() == 0
    SeenNonce.objects.update(at=timezone.now() - timedelta(seconds=3 * FRESH + 1))
    assert forget_nonces() == 1


@pytest.mark.django_db
def test_money_in_suspense_told_again_is_one_line_for_the_official(settings: Any) -> None:
    due = charge()
    answers = [tell(settings, notice(due, amount=1)).json()["status"] for _ in range(3)]
    assert answers == ["suspense", "repeated", "repeated"]
    assert Notice.objects.filter(verdict=Notice.Verdict.SUSPENSE).count() == 1


@pytest.mark.django_db
def test_a_transaction_told_with_other_facts_is_for_an_official(settings: Any) -> None:
    due, other = charge(), charge()
    assert tell(settings, notice(due)).json() == {"status": "applied"}
    assert tell(settings, notice(other)).json() == {"status": "suspense"}
    assert tell(settings, notice(due, amount=1)).json() == {"status": "suspense"}
    assert Payment.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"\xff\xfe", b'{"amount": "x"}', b"null", b'{"amount": 1e400}', b"\x00"]
)
def test_nonsense_is_refused_without_a_fault(settings: Any, body: bytes) -> None:
    assert tell(settings, body).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_parallel_tellings_pay_once(settings: Any) -> None:
    due = charge()
    told = notice(due)
    statuses: list[str] = []

    def work() -> None:
        try:
            statuses.append(tell(settings, told).json()["status"])
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count("applied") == 1
    assert Payment.objects.count() == 1


@pytest.mark.django_db
def test_cash_and_refund_are_for_those_who_may() -> None:
    due = charge()
    clerk = actor_for_role("clerk", due.organization)
    with pytest.raises(NotAllowed):
        actions.record_cash(actor_for_role("clerk"), charge=due)
    actions.record_cash(clerk, charge=due)
    with pytest.raises(NotAllowed):
        actions.refund(clerk, charge=due, reason="Nộp thừa")
    admin = actor_for_role("admin", due.organization)
    with pytest.raises(InvalidInput):
        actions.refund(admin, charge=due, reason=" ")
    assert actions.refund(admin, charge=due, reason="Nộp thừa").amount == due.amount


@pytest.mark.django_db
def test_the_page_of_a_charge_needs_its_key(client: Client) -> None:
    due = charge()
    assert client.get(f"/thanh-toan/{due.reference}").status_code == 404
    assert client.get(f"/thanh-toan/{due.reference}?k={due.access}").status_code == 200
