"""After the last day everything is closed, once, also when the machine stood still; the work is listed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Delegation, Official, Organization
from hienluong.foundation.provisioning import delegating, held, leaving, tasks
from hienluong.foundation.provisioning.models import Departure
from tests.clock import Clock
from tests.factories import TESTER, make_account, make_citizen, make_official, make_org
from tests.foundation.signin.test_signing_in import PASSWORD, web, with_passkey
from tests.foundation.sso.system import Flow, registered

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 30)


def local(day: date, hour: int = 0, minute: int = 1) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


@pytest.fixture
def leaver(mine: Organization, at: Clock) -> Account:
    """Whose last day is 30 November 2026."""
    at(local(date(2026, 11, 20), 9))
    official = make_official("Lê Văn Nghỉ", role="leader", org=mine)
    account = make_account("nghi", official=official, password=PASSWORD)
    organisations.end_position(TESTER, position=official.positions.get(), on=LAST + timedelta(days=1))
    return account


def test_everything_is_closed_at_midnight_and_only_once(
    leaver: Account, mine: Organization, at: Clock, settings: Any
) -> None:
    official = leaver.official
    assert official
    settings.SECOND_FACTOR = "nobody"
    other = make_official(org=mine)
    organisations.delegate(
        TESTER,
        position=other.positions.get(),
        to=official,
        valid_from=date(2026, 11, 20),
        valid_to=date(2026, 12, 20),
        reason="Họp",
    )
    identity.grant_role(TESTER, account=leaver, role="auditor", organization=mine, reason="Kiểm tra")
    at(local(LAST, 20))
    browser, passkey = with_passkey(leaver)
    system, secret = registered(logout_uri="https://he-thong.example/thoat")
    Flow(system, secret, browser, scope="openid offline_access").tokens()
    assert Token.objects.filter(user=leaver).exists()
    held.register("Việc thử", work_of)
    administrator = make_account(official=make_official(role="admin", org=mine))

    at(local(LAST, 23, 59))
    tasks.close_departures(0)
    assert browser.get("/tai-khoan/uy-quyen", secure=True).status_code == 200
    at(local(LAST + timedelta(days=1)))
    assert {grant.source.split()[0] for grant in actor_of(leaver).grants} == {"Ủy", "Vai"}  # the post is over
    tasks.close_departures(0)
    assert browser.get("/tai-khoan/uy-quyen", secure=True).status_code == 302
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert actor_of(leaver).grants == ()
    assert not Token.objects.filter(user=leaver).exists()
    told = ProcrastinateJob.objects.filter(task_name="sso.tell_logout", args__account=leaver.pk)
    assert told.count() == 1
    assert Delegation.objects.get().revoked_at is not None
    assert web().post("/dang-nhap", {"username": "nghi", "password": PASSWORD}, secure=True).status_code == 422
    stranger = web()
    credential = passkey.get(stranger.get(reverse("signin:passkey_options"), secure=True).json())
    refused = stranger.post(reverse("signin:passkey"), {"credential": credential}, secure=True)
    assert refused.status_code == 422
    departure = Departure.objects.get()
    assert departure.ended == {"delegations": 1, "roles": 1, "sessions": 1, "systems": 1}
    assert [each["title"] for each in departure.work] == ["HS-1", "HS-2"]
    assert Notification.objects.filter(account=administrator, kind="departure").count() == 1
    entries = Entry.objects.count()
    tasks.close_departures(0)
    assert leaving.leave(TESTER, official=official, on=departure.on).pk == departure.pk
    assert (Departure.objects.count(), Entry.objects.count()) == (1, entries + 1)


def work_of(official: Official) -> list[tuple[str, str]]:
    return [("HS-1", "/a"), ("HS-2", "/b")] if official.full_name == "Lê Văn Nghỉ" else []


def test_who_stays_in_another_post_stays_and_downtime_is_caught_up(
    leaver: Account, mine: Organization, at: Clock
) -> None:
    two = make_official(role="officer", org=mine)
    organisations.appoint(
        TESTER, official=two, organization=mine, title="Cán bộ một cửa", role="clerk", valid_from=date(2026, 1, 1)
    )
    officer = two.positions.get(role="officer")
    organisations.end_position(TESTER, position=officer, on=LAST + timedelta(days=1))
    at(local(date(2027, 3, 1)))  # three months without a worker
    assert [official.pk for official, _end in leaving.due(timezone.localdate())] == [leaver.official_id]
    tasks.close_departures(0)
    assert Departure.objects.get().on == LAST + timedelta(days=1)
    assert identity.reactivate(TESTER, account=Account.objects.get(pk=leaver.pk), reason="Trở lại").is_active
    tasks.close_departures(0)  # what a person has opened again stays open
    assert Account.objects.get(pk=leaver.pk).is_active


def test_a_citizen_keeps_the_account_and_who_waits_for_a_post_with_the_successor_too(
    province: Organization, mine: Organization, at: Clock
) -> None:
    at(local(date(2026, 11, 20), 9))
    both = make_account("hai", official=make_official(org=mine), party=make_citizen())
    assert both.official
    organisations.end_position(TESTER, position=both.official.positions.get(), on=LAST)
    merged, heir = make_org("Sở cũ", parent=province), make_org("Sở mới", parent=province)
    waits = make_account("cho", official=make_official(org=merged))
    organisations.succeed(
        TESTER, kind="merge", predecessors=[merged], successors=[heir], on=LAST, legal_basis="Nghị quyết"
    )
    at(local(LAST + timedelta(days=1)))
    tasks.close_departures(0)
    both.refresh_from_db()
    assert both.is_active
    assert actor_of(both).grants == ()
    assert [departure.official_id for departure in Departure.objects.all()] == [both.official_id]
    at(local(LAST + leaving.WAITS))
    tasks.close_departures(0)
    waits.refresh_from_db()
    assert not waits.is_active


def test_the_successor_is_told_and_sees_the_list(
    leaver: Account, mine: Organization, theirs: Organization, at: Clock
) -> None:
    at(local(LAST + timedelta(days=1)))
    held.register("Việc thử", work_of)
    tasks.close_departures(0)
    page = leaving.address(Departure.objects.get())
    administrator, heir, stranger = Client(), Client(), Client()
    administrator.force_login(make_account(official=make_official(role="admin", org=mine)))
    chosen = make_official("Trần Thị Kế", org=mine)
    heir.force_login(make_account(official=chosen))
    stranger.force_login(make_account(official=make_official(role="admin", org=theirs)))
    assert heir.get(page).status_code == 403
    assert "HS-2" in administrator.get(page).content.decode()
    assert administrator.post(page, {"successor": "không ai"}).status_code == 422
    assert administrator.post(page, {"successor": chosen.code}).status_code == 302
    assert "HS-1" in heir.get(page).content.decode()
    assert heir.post(page, {"successor": chosen.code}).status_code == 403
    assert stranger.get(page).status_code == 403
    assert "Lê Văn Nghỉ" in administrator.get("/quan-tri/thoi-chuc-vu").content.decode()
    assert "Lê Văn Nghỉ" not in stranger.get("/quan-tri/thoi-chuc-vu").content.decode()
    assert Notification.objects.filter(account__official=chosen, kind="departure").count() == 1


def test_lent_powers_are_announced_shown_and_written_down(mine: Organization) -> None:
    lender, delegate = make_official("Bà Chủ Tịch", role="admin", org=mine), make_official("Ông Phó", org=mine)
    accounts = [make_account(official=each) for each in (lender, delegate)]
    today = timezone.localdate()
    lent = organisations.delegate(
        TESTER,
        position=lender.positions.get(),
        to=delegate,
        valid_from=today,
        valid_to=today + timedelta(days=1),
        reason="Họp",
    )
    dispatch_waiting()
    assert delegating.remind() == 1
    assert delegating.remind() == 1
    for account in accounts:
        assert Notification.objects.filter(account=account, kind="delegation").count() == 2
    browser = Client()
    browser.force_login(accounts[1])
    assert "Bạn đang làm thay. Ủy quyền của Bà Chủ Tịch" in browser.get("/quan-tri/can-bo").content.decode()
    actor = actor_of(accounts[1])
    organisations.add_official(actor, code="MOI-1", full_name="Mới", organization=mine)
    assert Entry.objects.latest("seq").after["acting_for"] == "Bà Chủ Tịch"
    organisations.revoke_delegation(actor_of(accounts[0]), delegation=lent)
    assert "acting_for" not in Entry.objects.latest("seq").after
    dispatch_waiting()
    assert Notification.objects.filter(account=accounts[1], title__startswith="Đã thu hồi").count() == 1
