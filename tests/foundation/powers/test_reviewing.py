"""The quarterly review: opened by the calendar, decided by heads, reminded, closed by the rule the province chose."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import suspending
from hienluong.foundation.identity.explain import Place, explain
from hienluong.foundation.identity.models import Account, Suspension
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.powers import emergencies, reviewing, tasks
from hienluong.foundation.powers.models import Campaign, Item
from hienluong.foundation.sso.scopes import claims_of
from tests.clock import Clock
from tests.factories import TESTER, make_account, make_official, make_org, make_roles
from tests.foundation.administrators import browser_of

pytestmark = pytest.mark.django_db
State = Item.State


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, 11, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


OPENS = date(2027, 1, 4)


@pytest.fixture
def people(province: Organization, mine: Organization, theirs: Organization, at: Clock) -> dict[str, Account]:
    """A head and two officers of a commune, an auditor without a post, the administrator of the province."""
    at(morning(OPENS))
    found = {
        "head": make_account(official=make_official("Bà Trưởng", role="head", org=mine)),
        "officer": make_account(official=make_official("Ông Viên", role="officer", org=mine)),
        "clerk": make_account(official=make_official("Cô Một Cửa", role="clerk", org=mine)),
        "stranger": make_account(official=make_official("Người Xa", role="officer", org=theirs)),
        "leader": make_account(official=make_official("Ông Tỉnh", role="leader", org=province)),
        "admin": make_account(official=make_official("Quản Trị", role="admin", org=province)),
    }
    identity.grant_role(TESTER, account=found["officer"], role="auditor", organization=mine, reason="Kiểm tra")
    return found


def item_of(account: Account) -> Item:
    return Item.objects.get(account=account, grant=None)


def test_the_calendar_opens_one_review_a_quarter_and_tells_who_decides(people: dict[str, Account], at: Clock) -> None:
    tasks.review(0)
    tasks.review(0)
    campaign = Campaign.objects.get()
    assert (campaign.quarter, campaign.due_on) == ("2027-Q1", OPENS + timedelta(days=30))
    assert campaign.items.count() == 7
    told = Notification.objects.filter(kind="powers", key=f"review:{campaign.pk}:opened")
    assert {note.account for note in told} == {people["head"], people["leader"]} or people["admin"] in {
        note.account for note in told
    }
    at(morning(date(2027, 4, 20)))  # the machine stood still over the change of the quarter
    tasks.review(0)
    assert sorted(Campaign.objects.values_list("quarter", flat=True)) == ["2027-Q1", "2027-Q2"]
    assert Campaign.objects.get(quarter="2027-Q1").closed_at is not None


def test_a_head_confirms_and_withdraws_but_never_their_own(people: dict[str, Account], mine: Organization) -> None:
    campaign = reviewing.open_campaign(TESTER)
    head = actor_of(people["head"])
    mine_to_decide = {item.holder for item in reviewing.items_of(head, campaign)}
    assert mine_to_decide == {"Ông Viên", "Cô Một Cửa"}
    own, foreign = item_of(people["head"]), item_of(people["stranger"])
    for item in (own, foreign):
        with pytest.raises(NotAllowed):
            reviewing.decide(head, campaign=campaign, items=[item], confirms=True)
    clerk = item_of(people["clerk"])
    with pytest.raises(InvalidInput):
        reviewing.decide(head, campaign=campaign, items=[clerk], confirms=False)
    assert actor_of(people["clerk"]).can("dossiers.receive", mine.path)
    reviewing.decide(head, campaign=campaign, items=[clerk], confirms=False, reason="Đã chuyển việc")
    assert not actor_of(people["clerk"]).can("dossiers.receive", mine.path)
    assert claims_of(people["clerk"], ["organisation"]) == {"organisations": []}  # no system believes in it either
    said = explain(people["clerk"], "dossiers.receive", Place("x", mine.path))
    assert not said.decision.allowed
    assert "đang tạm dừng: Đã chuyển việc" in said.rules[0].says
    assert Notification.objects.filter(account=people["clerk"], title__contains="bị thu hồi").exists()
    entry = Entry.objects.filter(verb="powers.decide").latest("seq")
    assert (entry.note, entry.after["state"]) == ("Đã chuyển việc", "withdrawn")
    reviewing.decide(head, campaign=campaign, items=[clerk], confirms=True)  # thought again
    assert actor_of(people["clerk"]).can("dossiers.receive", mine.path)


def test_lent_powers_do_not_confirm_the_lender_and_emergency_powers_nobody(
    people: dict[str, Account], mine: Organization
) -> None:
    campaign = reviewing.open_campaign(TESTER)
    head, officer, clerk = people["head"], people["officer"], people["clerk"]
    assert head.official is not None
    assert officer.official is not None
    organisations.delegate(
        TESTER,
        position=head.official.positions.get(),
        to=officer.official,
        valid_from=OPENS,
        valid_to=OPENS + timedelta(days=3),
        reason="Đi công tác",
    )
    deputy = actor_of(officer)
    assert {item.account for item in reviewing.items_of(deputy, campaign)} == {clerk}
    with pytest.raises(NotAllowed, match="chính người đó ủy quyền"):
        reviewing.decide(deputy, campaign=campaign, items=[item_of(head)], confirms=True)
    assert reviewing.decide(deputy, campaign=campaign, items=[item_of(clerk)], confirms=True) == 1
    reviewing.set_rules(TESTER, days=30, suspends=False, emergency_roles=["head"])
    identity.grant_role(TESTER, account=clerk, role="duty", organization=mine, reason="Lịch trực")
    emergencies.take(
        actor_of(clerk),
        account=clerk,
        role="head",
        organization=mine,
        hours=1,
        reason="Bão số 9, trưởng phòng mất liên lạc.",
        proved_at=time.time(),
    )
    taken = actor_of(clerk)
    assert taken.can(reviewing.REVIEW, mine.path)
    assert not reviewing.items_of(taken, campaign).exists()
    with pytest.raises(NotAllowed, match="khẩn cấp"):
        reviewing.decide(taken, campaign=campaign, items=[item_of(officer)], confirms=True)
    assert item_of(officer).state == State.WAITING


def test_who_thinks_again_lifts_nothing_that_an_administrator_suspended(people: dict[str, Account]) -> None:
    campaign = reviewing.open_campaign(TESTER)
    item, head = item_of(people["officer"]), actor_of(people["head"])
    assert item.held is not None
    suspending.suspend(actor_of(people["admin"]), held=item.held, reason="Đang bị kiểm tra")
    reviewing.decide(head, campaign=campaign, items=[item], confirms=False, reason="Chuyển việc")
    reviewing.decide(head, campaign=campaign, items=[item], confirms=True)
    (resting,) = Suspension.objects.filter(lifted_at=None)
    assert resting.reason == "Đang bị kiểm tra"
    suspending.lift(actor_of(people["admin"]), suspension=resting, reason="Xong")
    reviewing.decide(head, campaign=campaign, items=[item], confirms=False, reason="Chuyển việc")
    reviewing.decide(head, campaign=campaign, items=[item], confirms=True)
    assert not Suspension.objects.filter(lifted_at=None).exists(), "one's own is lifted"


def test_reminders_and_those_above_come_once_each_and_nothing_is_suspended_unless_chosen(
    people: dict[str, Account], at: Clock, mine: Organization
) -> None:
    tasks.review(0)
    campaign = Campaign.objects.get()

    def told(who: str) -> int:
        return Notification.objects.filter(
            account=people[who], key__startswith=f"review:{campaign.pk}:reminder"
        ).count()

    head = actor_of(people["head"])
    counts = []
    for days in (20, 14, 13, 7, 1, 0):
        at(morning(campaign.due_on - timedelta(days=days)))
        tasks.review(0)
        counts.append(told("head"))
    assert counts == [0, 1, 1, 2, 3, 3]
    assert told("leader") >= 2  # also for what those below left
    reviewing.decide(head, campaign=campaign, items=[item_of(people["officer"])], confirms=True)
    with pytest.raises(DomainError):
        reviewing.close_campaign(TESTER, campaign=campaign)
    at(morning(campaign.due_on + timedelta(days=1)))
    tasks.review(0)
    campaign.refresh_from_db()
    assert campaign.closed_at is not None
    assert item_of(people["clerk"]).state == State.UNCONFIRMED
    assert not Suspension.objects.exists()
    assert Notification.objects.filter(account=people["admin"], title__contains="đã khép").exists()
    with pytest.raises(DomainError):
        reviewing.decide(head, campaign=campaign, items=[item_of(people["clerk"])], confirms=True)


def test_when_the_province_chose_so_what_nobody_confirmed_rests_but_administrators_stay(
    people: dict[str, Account], at: Clock, mine: Organization, province: Organization
) -> None:
    with pytest.raises(NotAllowed):
        reviewing.set_rules(actor_of(people["head"]), days=20, suspends=True, emergency_roles=[])
    reviewing.set_rules(actor_of(people["admin"]), days=20, suspends=True, emergency_roles=["head"])
    campaign = reviewing.open_campaign(TESTER)
    at(morning(campaign.due_on + timedelta(days=1)))
    tasks.review(0)
    assert item_of(people["clerk"]).state == State.SUSPENDED
    assert item_of(people["admin"]).state == State.UNCONFIRMED
    assert not actor_of(people["clerk"]).grants
    assert actor_of(people["admin"]).can("identity.manage", province.path)
    browser = Client()
    browser.force_login(people["admin"])
    resting = Suspension.objects.get(position__official=people["clerk"].official)
    assert "Cô Một Cửa" in browser.get("/quan-tri/quyen-tam-dung").content.decode()
    assert browser.post(f"/quan-tri/quyen-tam-dung/{resting.pk}/bo", {"reason": ""}).status_code == 422
    assert browser.post(f"/quan-tri/quyen-tam-dung/{resting.pk}/bo", {"reason": "Còn làm"}).status_code == 302
    assert actor_of(people["clerk"]).can("dossiers.receive", mine.path)


def test_by_the_pages_and_only_where_one_reviews(people: dict[str, Account], theirs: Organization) -> None:
    campaign = reviewing.open_campaign(TESTER)
    page = f"/quan-tri/xac-nhan-quyen/{campaign.pk}"
    browser = Client()
    browser.force_login(people["head"])
    assert "Cô Một Cửa" in browser.get(page).content.decode()
    assert "Người Xa" not in browser.get(page, {"xem": "tat-ca"}).content.decode()
    clerk, foreign = item_of(people["clerk"]), item_of(people["stranger"])
    assert browser.post(page, {"muc": [clerk.pk], "viec": "thu-hoi", "reason": ""}).status_code == 422
    assert browser.post(page, {"muc": [foreign.pk, "x"], "viec": "xac-nhan"}).status_code == 422
    assert browser.post(page, {"muc": [clerk.pk, foreign.pk], "viec": "xac-nhan"}).status_code == 302
    clerk.refresh_from_db()
    foreign.refresh_from_db()
    assert (clerk.state, foreign.state) == (State.CONFIRMED, State.WAITING)
    exported = browser.get(f"{page}/xuat").content.decode()
    assert "Cô Một Cửa" in exported
    assert "Người Xa" not in exported
    assert "UBND xã Cam Lộ" in browser.get(f"{page}/bao-cao").content.decode()
    assert browser_of("clerk", theirs).get(page).status_code == 403
    assert browser.post("/quan-tri/xac-nhan-quyen/mo").status_code == 403


@pytest.mark.parametrize(
    ("title", "said"), [("Trưởng phòng", "Trưởng phòng"), ("Chánh Văn phòng", "Chánh Văn phòng (Trưởng phòng)")]
)
def test_a_power_is_named_once_when_the_post_is_called_as_its_role(title: str, said: str) -> None:
    make_roles()
    place = make_org("Văn phòng", kind="province")
    make_official("Bà Trưởng", role="head", org=place, title=title)
    campaign = reviewing.open_campaign(TESTER, on=timezone.localdate())
    assert [item.power for item in campaign.items.filter(holder="Bà Trưởng")] == [said]
