"""Through whichever door a dossier comes, the one-stop rules of its day hold: our pages, the portal, counter, post."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, system
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Draft
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db

DOORS = ("online", "national_portal", "counter", "post")


def through(p: Province, door: str, **how: Any) -> Dossier:
    """A dossier of the citizen that comes through this door."""
    if door == "online":
        return actions.file_online(p.citizen, draft=p.draft(), filing=p.online(**how))
    if door == "national_portal":
        filing = p.filing(channel=door, national_code=f"G22-{Dossier.objects.count()}", received_at_org=None, **how)
        return actions.take_from_national_portal(system("Cổng quốc gia"), filing=filing)
    return p.file(channel=door, **how)


def fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


@pytest.mark.parametrize("door", DOORS)
def test_each_keeps_the_rule_set_of_its_day(province: Province, door: str) -> None:
    now = through(province, door)
    assert now.rule_set.code == "2025"
    before = datetime(2025, 6, 30, 10, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert through(province, door, at=before).rule_set.code == "2022"
    province.change_rules(supplements=[])
    assert fresh(now).rule_set.spec.supplements == []  # its own set, not a copy of another


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("rules", "shut"),
    [
        ({"own_online_filing": False}, {"online"}),
        ({"national_portal_filing": False}, {"national_portal"}),
        ({"own_online_filing": False, "national_portal_filing": False}, {"online", "national_portal"}),
        ({}, set()),
    ],
)
def test_a_door_that_the_rules_shut_is_shut_and_no_other(
    province: Province, door: str, rules: dict[str, Any], shut: set[str]
) -> None:
    if door == "online":
        province.draft()  # begun while it was open
    province.change_rules(**rules)
    if door not in shut:
        assert through(province, door).channel == door
        return
    with pytest.raises(InvalidInput) as refused:
        through(province, door)
    assert refused.value.code == "dossiers.way_closed"
    assert "Quy định 2025" in str(refused.value.message)
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_a_supplement_is_asked_for_as_often_as_the_rules_allow(province: Province, door: str) -> None:
    dossier = through(province, door)
    actions.request_supplement(province.clerk, dossier=dossier, reason="Thiếu.", items=[])
    actions.answer_supplement(province.clerk, dossier=dossier, note="Đã nhận.")
    with pytest.raises(actions.SupplementNotAllowed, match="tối đa 1 lần"):
        actions.request_supplement(province.clerk, dossier=dossier, reason="Nữa.", items=[])


@pytest.mark.parametrize("door", DOORS)
def test_the_hour_after_which_tomorrow_counts_is_that_of_reception(
    province: Province, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.change_rules(cutoff={"at": "15:00", "legal_basis": "Điều 18"})
    dossier = through(province, door)
    late = datetime(2027, 3, 2, 16, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    monkeypatch.setattr(timezone, "now", lambda: late)
    actions.receive(province.clerk, dossier=dossier)
    change = fresh(dossier).deadline_changes.get()
    assert "Điều 18" in change.legal_basis
    assert change.due_after == datetime(2027, 3, 8, 17, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.mark.parametrize("door", ["online", "national_portal"])
def test_what_comes_over_the_net_goes_to_the_competent_counter_wherever_the_person_lives(
    province: Province, door: str
) -> None:
    province.change_rules(anywhere_in_province=False)
    assert through(province, door, competent=province.other_commune).received_at_org == province.other_counter


@pytest.mark.parametrize(("told", "states"), [("all", 2), ("arrived", 1), ("none", 0)])
def test_which_steps_the_portal_hears_of_is_a_rule_too(
    province: Province, settings: Any, told: str, states: int
) -> None:
    settings.NATIONAL_PORTAL = {"url": "http://127.0.0.1:9", "user": "H50", "password": "x", "secret": "x"}
    province.change_rules(national_portal_sync=told)
    dossiers = [through(province, door) for door in ("national_portal", "online")]
    assert sum(dossier.sync_state == "waiting" for dossier in dossiers) == states


def test_our_pages_say_before_anything_is_typed_that_they_are_shut(province: Province) -> None:
    client, start = Client(), "/dich-vu/8.000900/nop"
    client.force_login(province.account)
    assert start in client.get("/dich-vu/8.000900").content.decode()
    province.change_rules(own_online_filing=False)
    for address in ("/dich-vu/8.000900", start):
        page = client.get(address).content.decode()
        assert "được nộp tại Cổng Dịch vụ công quốc gia" in page, address
        assert 'name="whom"' not in page
        assert f'href="{start}"' not in page
    answer = client.post(start, {"whom": "toi"})
    assert answer.status_code == 422
    assert "được nộp tại Cổng Dịch vụ công quốc gia" in answer.content.decode()
    assert not Draft.objects.exists()
