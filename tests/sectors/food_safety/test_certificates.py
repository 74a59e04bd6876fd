"""From the dossier to the certificate of three years: issued, renewed, printed again, revoked, and what everybody sees of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.payments import actions as payments
from hienluong.capabilities.payments.queries import charges_of
from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.models import CertificateAct, Record
from hienluong.capabilities.registers.queries import as_of
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import InvalidInput
from hienluong.sectors.health.food_safety import checks, planning
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.charging import subject_ref
from hienluong.services.dossiers.models import CheckedPaper, Dossier, Result
from hienluong.services.procedures.sector_checks import Matter
from tests.factories import actor_for_role
from tests.sectors.food_safety.sample import Health
from tests.services.records.sample import browser_of
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

ASKED: dict[str, Any] = {
    "request": "new",
    "establishment": "Quán bún hến Mai Xá",
    "registration_number": "045187003641",
    "representative": "Nguyễn Thị Lành",
    "address": "thôn Mai Xá, xã Gio Linh, tỉnh Quảng Trị",
    "phone": "0905341872",
    "kind": "restaurant",
    "meals": 120,
    "products": "Bún hến, cháo hến",
    "workers": 4,
    "promise": True,
}


@pytest.fixture
def health(db: None) -> Health:
    return ready(Health)


def granted(health: Health, fields: dict[str, Any] | None = None, **changes: Any) -> tuple[Dossier, CertificateAct]:
    """A dossier of the procedure itself: filed, received, reviewed, inspected, approved, signed; and the act it led to."""
    p, agency = health.province, health.owner
    officer, head, leader = (actor_for_role(role, agency) for role in ("officer", "head", "leader"))
    dossier = p.file(version=health.procedure(), competent=agency, data={**ASKED, **changes}, papers=())
    for charge in charges_of(subject_ref(dossier)):
        payments.record_cash(p.clerk, charge=charge)
    handed_in = [
        actions.PaperCheck(code=code, verdict=CheckedPaper.Verdict.PRESENT, originals=1, copies=1)
        for code in ("description", "health", "training")
    ]
    actions.receive(p.clerk, dossier=dossier, checks=handed_in)
    actions.review(officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.", fields=fields or {})
    actions.inspect(officer, dossier=dossier, findings="Bếp một chiều, đủ nước sạch.")
    actions.submit_for_signature(head, dossier=dossier)
    actions.sign(leader, dossier=Dossier.objects.get(pk=dossier.pk))
    return Dossier.objects.get(pk=dossier.pk), CertificateAct.objects.latest("pk")


def public(record: Record) -> str:
    return Client().get(f"/co-so-du-lieu/food.certificates/{record.pk}").content.decode()


def says(record: Record) -> dict[str, Any]:
    return as_of(record.register).get(record=record).data


def test_a_granted_dossier_is_a_certificate_of_three_years_that_is_renewed_and_revoked(health: Health) -> None:
    today = timezone.localdate()
    kitchen = Record.objects.filter(register=health.register("food.premises")).order_by("pk")[4]
    dossier, first = granted(health, {"premises": kitchen.key})
    publishing.produce(Result.objects.get(dossier=dossier))
    last = date(today.year + 3, today.month, min(today.day, 28 if today.month == 2 else today.day))
    assert (first.kind, first.on, first.expires) == ("issue", today, last)
    assert first.number == f"01/{today.year}/ATTP-CNĐK" == dossier.results.get().number
    assert dossier.results.get().valid_until == last, "the result is good as long as the certificate"
    data = says(first.record)
    assert (data["number"], data["expires_on"], data["premises"]) == (first.number, last.isoformat(), kitchen.key)
    page = public(first.record)
    assert "Còn hiệu lực" in page
    assert first.number in page
    assert "Nguyễn Thị Lành" not in page, "whose it is, is not published"

    _renewal, second = granted(health, request="renew", old_number=first.number, products="Bún hến")
    assert (second.kind, second.record, second.expires) == ("renew", first.record, last)
    assert second.number == f"02/{today.year}/ATTP-CNĐK"
    assert says(first.record)["replaces"] == first.number
    assert f"Giấy này thay cho: {first.number}" in public(first.record)

    _again, third = granted(health, request="changed", old_number=second.number, address="xã Cửa Việt, tỉnh Quảng Trị")
    assert (third.kind, third.number, third.expires) == ("reissue", second.number, last)
    assert says(first.record)["address"] == "xã Cửa Việt, tỉnh Quảng Trị"

    leader = actor_for_role("leader", health.owner)
    certificates.perform(
        leader, kind="revoke", record=first.record, provenance=Provenance(reason="Không còn đủ điều kiện")
    )
    assert "Bị thu hồi" in public(first.record)
    with pytest.raises(InvalidInput, match="đã bị thu hồi"):
        granted(health, request="renew", old_number=second.number)


def test_a_renewal_is_of_ones_own_certificate_and_asked_for_in_time(health: Health) -> None:
    _dossier, act = granted(health)
    mine, today = health.province.party.identifier, timezone.localdate()
    assert act.expires

    def found(number: str, whose: str = mine, day: date = today, request: str = "renew") -> list[tuple[str, bool]]:
        answers = {"request": request, "old_number": number}
        matter = Matter(answers=answers, competent=health.owner, subject_number=whose, filed_on=day)
        return [(one.field, one.refuses) for one in checks.renewal(matter)]

    in_time = planning.months_after(act.expires, -6)
    assert found("") == found(act.number) == found(act.number, day=in_time) == []
    assert found(act.number, day=in_time + timedelta(days=1)) == [("", False)]
    assert found(act.number, day=in_time + timedelta(days=1), request="changed") == []
    assert found(act.number, whose="045082004321") == found("1/x") == [("old_number", True)]
    certificates.perform(
        actor_for_role("leader", health.owner),
        kind="revoke",
        record=act.record,
        provenance=Provenance(reason="Vi phạm"),
    )
    assert found(act.number) == [("old_number", True)]


def test_the_page_of_a_certificate_offers_what_may_follow_to_those_who_may(health: Health) -> None:
    _dossier, act = granted(health)
    address = f"/lam-viec/co-so-du-lieu/food.certificates/{act.record_id}"
    leader = browser_of(actor_for_role("leader", health.owner)).get(address).content.decode()
    assert "Gia hạn" in leader or "Cấp lại" in leader
    assert "Thu hồi" in leader
    assert "Thu hồi" not in browser_of(health.inspector).get(address).content.decode()


def test_the_fee_is_halved_until_the_end_of_2026(health: Health) -> None:
    this_year, next_year = (health.fees(code) for code in ("1.002425.yaml", "1.002425.2027.yaml"))
    asked = [("restaurant", 199), ("kitchen", 200), ("shop", 0), ("maker", 0)]
    assert [this_year(kind, meals) for kind, meals in asked] == [350_000, 500_000, 500_000, 1_250_000]
    assert [next_year(kind, meals) for kind, meals in asked] == [700_000, 1_000_000, 1_000_000, 2_500_000]
