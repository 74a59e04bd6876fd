"""Enterprises: who appoints whom, with which limits, until when; what is shown and what systems are told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, Limit, NotFound
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.mandates import actions, sources
from hienluong.foundation.mandates.models import Appointment
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.people.models import Party, Representation
from hienluong.foundation.sso.scopes import claims_of
from tests.clock import Clock
from tests.factories import make_account, make_citizen, make_enterprise, make_org
from tests.foundation.administrators import written


class Firm:
    """An enterprise, its director, somebody to appoint, and another firm with another director."""

    def __init__(self) -> None:
        make_org("UBND tỉnh thử", code="H50", kind="province")
        self.director = make_account("giamdoc", party=make_citizen("Trần Văn Giám Đốc"))
        self.clerk = make_account("ketoan", party=make_citizen("Lê Thị Kế Toán", identifier="045190004444"))
        self.stranger = make_account("nguoila", party=make_citizen("Người Lạ"))
        self.firm = make_enterprise("Công ty TNHH Bến Hải", representative=self.director.party)
        self.other = make_enterprise("Công ty Cửa Tùng", representative=self.stranger.party)

    def appoint(self, by: Account | None = None, **other: Any) -> Appointment:
        today = timezone.localdate()
        told: dict[str, Any] = {
            "enterprise": self.firm,
            "name": "Lê Thị Kế Toán",
            "identifier": "045190004444",
            "role": "Kế toán",
            "acts": ["pay"],
            "procedures": [],
            "most": 500_000,
            "valid_from": today,
            "valid_to": today + timedelta(days=30),
        }
        return actions.appoint(actor_of(by or self.director), **{**told, **other})

    def accepted(self, **other: Any) -> Appointment:
        return actions.answer(actor_of(self.clerk), appointment=self.appoint(**other), accept=True)


@pytest.fixture
def firm(db: None) -> Firm:
    return Firm()


def browser(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_an_appointment_holds_once_accepted_within_its_limits_and_ends_by_itself(firm: Firm, at: Clock) -> None:
    offered = firm.appoint()
    assert not actor_of(firm.clerk).acts_for(firm.firm.pk), "offered is not accepted"
    assert Notification.objects.filter(account=firm.clerk, title__contains="cử bạn làm đại diện").exists()
    actions.answer(actor_of(firm.clerk), appointment=offered, accept=True)
    actor = actor_of(firm.clerk)
    assert actor.may_for(firm.firm.pk, "pay", amount=500_000)
    assert not actor.may_for(firm.firm.pk, "pay", amount=500_001)
    assert not actor.may_for(firm.firm.pk, "file")
    assert not actor.may_for(firm.other.pk, "pay")
    assert Notification.objects.filter(account=firm.director, title__contains="đã đồng ý").exists()
    at(timezone.now() + timedelta(days=31))
    assert not actor_of(firm.clerk).acts_for(firm.firm.pk), "the last day is over"


def test_withdrawal_ends_it_at_once_from_either_side_and_for_systems_too(firm: Firm) -> None:
    first = firm.accepted(acts=["file", "receive"], most=None)
    told = claims_of(firm.clerk, ["represent"])["represents"]
    assert told == [
        {
            "tax_code": firm.firm.identifier,
            "name": "Công ty TNHH Bến Hải",
            "role": "Kế toán",
            "legal": False,
            "acts": ["file", "receive"],
        }
    ]
    actions.withdraw(actor_of(firm.director), appointment=first)
    assert not actor_of(firm.clerk).represented
    assert claims_of(firm.clerk, ["represent"]) == {"represents": []}
    again = firm.accepted()
    actions.withdraw(actor_of(firm.clerk), appointment=again)
    assert not actor_of(firm.clerk).represented
    assert Notification.objects.filter(account=firm.director, title__contains="chấm dứt").exists()
    with pytest.raises(DomainError):
        actions.withdraw(actor_of(firm.clerk), appointment=again)


def test_only_the_legal_representative_appoints_and_only_who_was_asked_answers(firm: Firm) -> None:
    with pytest.raises(NotFound):
        firm.appoint(by=firm.stranger)
    offered = firm.appoint()
    for account in (firm.stranger, firm.director):
        with pytest.raises(NotFound):
            actions.answer(actor_of(account), appointment=offered, accept=True)
    actions.answer(actor_of(firm.clerk), appointment=offered, accept=True)
    with pytest.raises(NotFound):
        firm.appoint(
            by=firm.clerk, name="Người Lạ", identifier=firm.stranger.party.identifier if firm.stranger.party else ""
        )
    with pytest.raises(NotFound):
        actions.withdraw(actor_of(firm.stranger), appointment=offered)
    with pytest.raises(InvalidInput, match="đã đại diện"):
        firm.appoint()
    pages = [
        reverse("mandates:enterprise", args=[firm.firm.pk]),
        reverse("mandates:answer", args=[offered.pk]),
        reverse("mandates:withdraw", args=[offered.pk]),
    ]
    for page in pages:
        assert browser(firm.stranger).get(page).status_code == 404
        assert browser(firm.stranger).post(page).status_code in (404, 405)
    assert browser(firm.clerk).get(pages[0]).status_code == 404, "appointed is not able to appoint"
    assert browser(firm.director).get(pages[0]).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"acts": []}, "acts"),
        ({"acts": ["own"]}, "acts"),
        ({"procedures": ["không có"]}, "procedures"),
        ({"valid_to": date(2020, 1, 1)}, "valid_to"),
        ({"valid_from": date(2020, 1, 1)}, "valid_from"),
        ({"identifier": "123"}, "identifier"),
        ({"name": "Tên Sai"}, "identifier"),
        ({"role": " "}, "role"),
        ({"most": -1}, "most"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(firm: Firm, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        firm.appoint(**wrong)
    assert refused.value.field == field
    assert not Appointment.objects.exists()


def test_for_whom_one_works_is_shown_on_every_page_until_it_ends(firm: Firm) -> None:
    appointment = firm.accepted()
    client = browser(firm.clerk)
    assert client.post(reverse("mandates:act_for"), {"ben": str(firm.other.pk)}).status_code == 404
    assert client.post(reverse("mandates:act_for"), {"ben": str(firm.firm.pk)})["Location"] == "/"
    for page in ("/dai-dien", "/tai-khoan/bao-mat", "/dich-vu"):
        assert "Công ty TNHH Bến Hải (Kế toán)" in client.get(page).content.decode(), page
    actions.withdraw(actor_of(firm.director), appointment=appointment)
    page = client.get("/dai-dien").content.decode()
    assert "không còn đại diện" in page
    assert "Làm thay" not in page


def test_the_pages_lead_from_appointing_to_answering(firm: Firm) -> None:
    director, clerk = Client(), browser(firm.clerk)
    director.post("/dang-nhap", {"username": "giamdoc", "password": "Mat-khau-thu-2026"})
    page = reverse("mandates:appoint", args=[firm.firm.pk])
    told = {
        "name": "Lê Thị Kế Toán",
        "identifier": "045190004444",
        "role": "Kế toán",
        "acts": ["file", "pay"],
        "most": "1.000.000",
        "valid_from": written(),
        "valid_to": written(10),
    }
    wrong = director.post(page, {**told, "valid_to": written(-3)})
    assert wrong.status_code == 422
    assert 'value="Lê Thị Kế Toán"' in wrong.content.decode()
    assert director.post(page, told).status_code == 302
    made = Appointment.objects.get()
    assert (made.most, made.valid.upper) == (1_000_000, timezone.localdate() + timedelta(days=11))
    assert "Công ty TNHH Bến Hải" in clerk.get(reverse("mandates:list")).content.decode()
    assert "1.000.000" in clerk.get(reverse("mandates:answer", args=[made.pk])).content.decode()
    assert clerk.post(reverse("mandates:answer", args=[made.pk]), {"viec": "tu-choi"}).status_code == 302
    assert not Representation.objects.filter(representative=firm.clerk.party).exists()
    assert "Đã từ chối" in director.get(reverse("mandates:enterprise", args=[firm.firm.pk])).content.decode()


def test_a_register_that_names_the_head_is_enough(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    def register(party: Party) -> list[sources.Entry]:
        assert firm.clerk.party is not None
        named = party.pk == firm.clerk.party.pk
        return [sources.Entry("0100233488", "Công ty Hiền Lương", "Giám đốc", "dn:1")] if named else []

    monkeypatch.setattr(sources, "_sources", [register])
    clerk = browser(firm.clerk)
    assert "Công ty Hiền Lương" in clerk.get(reverse("mandates:list")).content.decode()
    browser(firm.stranger).post(reverse("mandates:claim"), {"ma": "0100233488"})
    assert not Representation.objects.filter(role="Giám đốc", source="dn:1").exists()
    clerk.post(reverse("mandates:claim"), {"ma": "0100233488"})
    made = Representation.objects.get(source="dn:1")
    assert (made.legal, made.representative, made.represented.name) == (True, firm.clerk.party, "Công ty Hiền Lương")


@given(
    st.frozensets(st.sampled_from(["file", "pay", "receive"])),
    st.frozensets(st.sampled_from(["1", "2"])),
    st.none() | st.integers(0, 10),
    st.sampled_from(["file", "pay", "receive"]),
    st.sampled_from(["1", "2"]),
    st.integers(0, 12),
)
def test_a_limit_narrows_and_never_widens(
    acts: frozenset[str], procedures: frozenset[str], most: int | None, act: str, procedure: str, amount: int
) -> None:
    limit = Limit(7, acts, procedures, most)
    limited = Actor(party_id=1, represented=frozenset({7}), limits=(limit,))
    allowed = limited.may_for(7, act, procedure=procedure, amount=amount)
    inside = (not acts or act in acts) and (not procedures or procedure in procedures)
    assert allowed == (inside and (most is None or amount <= most))
    assert not Actor(party_id=1, limits=(limit,)).may_for(7, act), "a limit gives nothing by itself"
    assert Actor(party_id=7, limits=()).may_for(7, act)
