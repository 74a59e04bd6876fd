"""A dossier that ends without a result leaves nothing to pay, and what was paid is looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.payments import actions as payments
from hienluong.capabilities.payments.models import Charge
from hienluong.foundation.events.models import Event
from hienluong.services.dossiers import actions, subscriptions
from hienluong.services.dossiers.models import Dossier, PaymentState
from tests.factories import make_account, make_official
from tests.services.dossiers.province import Province
from tests.services.test_wrong_user import FEE

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Province:
    return Province(FEE)


def told(verb: str) -> None:
    """Hand the events of this verb over, twice: at least once is the promise."""
    handler = subscriptions.on_reopening if verb == "reopen" else subscriptions.on_end_without_result
    for event in Event.objects.filter(type=f"dossier.{verb}"):
        handler(event)
        handler(event)


def charge_of(dossier: Dossier) -> Charge:
    return Charge.objects.get(subject_ref=f"dossier:{dossier.code}")


def end(p: Province, dossier: Dossier, how: str) -> None:
    if how == "withdraw":
        actions.withdraw(p.citizen, dossier=dossier)
    elif how == "refuse":
        actions.refuse(p.clerk, dossier=dossier, reason="Không thuộc thẩm quyền")
    else:
        actions.stop(p.leader, dossier=dossier, reason="Người nộp không bổ sung")
    told(how)


@pytest.mark.parametrize("how", ["withdraw", "refuse", "stop"])
def test_what_was_due_is_due_no_more(town: Province, how: str, client: Client) -> None:
    dossier = town.file()
    due = charge_of(dossier)
    assert due.state == Charge.State.DUE
    end(town, dossier, how)
    assert charge_of(dossier).state == Charge.State.CANCELLED
    assert Dossier.objects.get(pk=dossier.pk).payment_state == PaymentState.NONE
    page = client.get(f"/thanh-toan/{due.reference}?k={due.access}").content.decode()
    assert "không còn phải nộp" in page
    assert "VietQR" not in page


def test_money_that_comes_all_the_same_waits_for_an_official(town: Province) -> None:
    dossier = town.file()
    end(town, dossier, "withdraw")
    due = charge_of(dossier)
    taken = payments.take_notice(
        payments.channel("bank"),
        provider="bank",
        raw="",
        nonce="n",
        provider_ref="FT1",
        reference=due.reference,
        amount=due.amount,
        paid_at=timezone.now(),
    )
    assert (taken.verdict, charge_of(dossier).state) == ("suspense", Charge.State.CANCELLED)


@pytest.mark.parametrize("how", ["withdraw", "refuse", "stop"])
def test_what_was_paid_is_offered_for_refund(town: Province, how: str, client: Client) -> None:
    dossier = town.file()
    payments.record_cash(town.clerk, charge=charge_of(dossier))
    end(town, dossier, how)
    paid = charge_of(dossier)
    assert (paid.state, dossier.code in paid.refund_advice) == (Charge.State.PAID, True)
    client.force_login(make_account(official=make_official(role="accountant", org=town.commune)))
    page = client.get("/lam-viec/doi-soat").content.decode()
    assert "Nên xem xét hoàn trả" in page
    assert dossier.code in page
    form = client.get(f"/thanh-toan/{paid.reference}/hoan").content.decode()
    assert dossier.code in form
    assert client.post(f"/thanh-toan/{paid.reference}/hoan", {"reason": " "}).status_code == 422
    kept = client.post(f"/thanh-toan/{paid.reference}/hoan", {"reason": "x" * 2001 + "giữ"})
    assert (kept.status_code, "giữ" in kept.content.decode()) == (422, True)
    assert client.post(f"/thanh-toan/{paid.reference}/hoan", {"reason": "a\x00b"}).status_code == 422
    assert client.post(f"/thanh-toan/{paid.reference}/hoan", {"reason": paid.refund_advice}).status_code == 302
    assert charge_of(dossier).state == Charge.State.REFUNDED
    assert "Nên xem xét hoàn trả" not in client.get("/lam-viec/doi-soat").content.decode()


def test_reopened_it_is_due_again(town: Province) -> None:
    dossier = town.file()
    end(town, dossier, "stop")
    actions.reopen(town.leader, dossier=dossier, decision="QĐ 12/QĐ-UBND", due=timezone.now() + timedelta(days=3))
    told("reopen")
    assert charge_of(dossier).state == Charge.State.DUE
    assert Dossier.objects.get(pk=dossier.pk).payment_state == PaymentState.DUE
    told("stop")  # told late, it changes nothing any more
    assert charge_of(dossier).state == Charge.State.DUE


def test_the_charges_of_a_dossier_cost_three_queries(town: Province, django_assert_num_queries: Any) -> None:
    from hienluong.capabilities.payments.queries import charges_of

    dossier = town.file()
    payments.record_cash(town.clerk, charge=charge_of(dossier))
    for _turn in range(4):
        Charge.objects.create(subject_ref=f"dossier:{dossier.code}", organization=town.commune, kind="fee", amount=1000)
    with django_assert_num_queries(3):
        assert [charge.refund for charge in charges_of(f"dossier:{dossier.code}")] == [None] * 5
