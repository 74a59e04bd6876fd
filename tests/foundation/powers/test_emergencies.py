"""Powers in an emergency: bounded, seen at once, marked in the log, looked at afterwards by somebody else."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import suspending
from hienluong.foundation.identity.explain import Place, explain
from hienluong.foundation.identity.models import Account, Emergency
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.powers import emergencies, reviewing, tasks
from tests.clock import Clock
from tests.factories import TESTER, make_account, make_citizen, make_official
from tests.foundation.administrators import browser_of
from tests.foundation.signin.test_signing_in import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
WHY = "Bão số 9, trưởng phòng mất liên lạc, hồ sơ cứu trợ phải ký trong đêm."


@pytest.fixture
def officer(mine: Organization) -> Account:
    """Who stands by for emergencies in the commune."""
    reviewing.set_rules(TESTER, days=30, suspends=False, emergency_roles=["head", "leader", "admin"])
    account = make_account("truc", official=make_official("Ông Trực", org=mine), password=PASSWORD)
    identity.grant_role(TESTER, account=account, role="duty", organization=mine, reason="Lịch trực")
    return account


def take(account: Account, org: Organization, **changes: Any) -> Emergency:
    told = {"role": "head", "organization": org, "hours": 2, "reason": WHY, "proved_at": time.time(), **changes}
    return emergencies.take(actor_of(account), account=account, **told)


def test_powers_last_for_hours_are_told_at_once_and_marked(officer: Account, mine: Organization, at: Clock) -> None:
    administrator = make_account(official=make_official("Quản Trị", role="admin", org=mine))
    head = make_account(official=make_official("Bà Trưởng", role="head", org=mine))
    assert not actor_of(officer).can("dossiers.assign", mine.path)
    taken = take(officer, mine)
    actor = actor_of(officer)
    assert actor.can("dossiers.assign", mine.path)
    for account in (officer, administrator, head):
        notes = Notification.objects.filter(account=account, key=f"emergency:{taken.pk}:began")
        assert notes.count() == 1
    begin = timezone.now()
    identity.set_preferences(actor, account=officer, theme="dark")
    assert Entry.objects.latest("seq").after["emergency"] == taken.pk
    assert [entry.verb for entry in emergencies.done_under(taken)] == ["identity.set_preferences"]
    at(begin + timedelta(hours=2, minutes=1))
    late = actor_of(officer)
    assert not late.can("dossiers.assign", mine.path)
    identity.set_preferences(late, account=officer, theme="light")
    assert "emergency" not in Entry.objects.latest("seq").after
    tasks.remind_of_emergencies(0)
    tasks.remind_of_emergencies(0)
    assert Notification.objects.filter(account=administrator, key__contains=":due:").count() == 1
    with pytest.raises(NotAllowed):
        emergencies.review(actor_of(officer), emergency=taken, justified=True, findings="Ổn")
    emergencies.review(actor_of(administrator), emergency=taken, justified=False, findings="Có thể gọi cho phó phòng.")
    assert Notification.objects.filter(account=officer, key=f"emergency:{taken.pk}:reviewed").exists()
    assert list(emergencies.unreviewed()) == []


def test_what_was_looked_at_is_shown_to_who_reviews_and_roles_without_a_post_are_told(
    officer: Account, mine: Organization, province: Organization, at: Clock
) -> None:
    auditor = make_account("kiem-toan")
    identity.grant_role(TESTER, account=auditor, role="auditor", organization=province, reason="Kế hoạch")
    citizen = make_citizen()
    begin = timezone.now()

    def look(who: Account, purpose: str) -> None:
        log_read(
            party_id=citizen.pk,
            actor_id=who.pk,
            actor_label=str(who),
            organization_id=mine.pk,
            fields=["name"],
            purpose=purpose,
        )

    look(officer, "Trước đó")
    at(begin + timedelta(minutes=1))
    taken = take(officer, mine)
    assert Notification.objects.filter(account=auditor, key=f"emergency:{taken.pk}:began").exists()
    look(officer, "Tìm người cần cứu trợ")
    look(auditor, "Việc khác")
    at(begin + timedelta(hours=3))
    look(officer, "Về sau")
    assert [each.purpose for each in emergencies.looked_under(taken)] == ["Tìm người cần cứu trợ"]
    tasks.remind_of_emergencies(0)
    assert Notification.objects.filter(account=auditor, key__contains=":due:").exists()
    client = Client()
    client.force_login(auditor)
    page = client.get(f"/quan-tri/quyen-khan-cap/{taken.pk}").content.decode()
    assert "Tìm người cần cứu trợ" in page
    assert "Số người được xem: 1" in page
    for other in ("Trước đó", "Việc khác", "Về sau"):
        assert other not in page


def test_why_says_emergency_powers_and_when_they_ended(officer: Account, mine: Organization, at: Clock) -> None:
    place = Place(mine.name, mine.path)
    assert not explain(officer, "dossiers.assign", place).decision.allowed
    taken = take(officer, mine)
    found = explain(officer, "dossiers.assign", place)
    assert found.decision.allowed
    assert [(rule.allows, "Quyền khẩn cấp" in rule.source) for rule in found.rules if rule.allows] == [(True, True)]
    emergencies.give_back(actor_of(officer), emergency=taken)
    after = explain(officer, "dossiers.assign", place)
    assert not after.decision.allowed
    assert not any(rule.allows for rule in after.rules)
    assert any("đã hết từ" in rule.says for rule in after.rules if "Quyền khẩn cấp" in rule.source)


def test_what_is_refused(officer: Account, mine: Organization, theirs: Organization, at: Clock) -> None:
    with pytest.raises(NotAllowed):
        take(officer, mine, proved_at=time.time() - 601)
    with pytest.raises(NotAllowed):
        take(officer, theirs)
    for wrong in ({"role": "auditor"}, {"hours": 9}, {"reason": "gấp"}):
        with pytest.raises(InvalidInput):
            take(officer, mine, **wrong)
    with pytest.raises(NotAllowed):
        emergencies.take(
            actor_of(officer),
            account=make_account(),
            role="head",
            organization=mine,
            hours=1,
            reason=WHY,
            proved_at=time.time(),
        )
    borrower = make_account(official=make_official(org=mine))
    lender = make_official(role="duty", org=mine)
    today = timezone.localdate()
    assert borrower.official
    organisations.delegate(
        TESTER,
        position=lender.positions.get(),
        to=borrower.official,
        valid_from=today,
        valid_to=today + timedelta(days=2),
        reason="Họp",
    )
    with pytest.raises(NotAllowed):  # lent powers do not break the glass
        take(borrower, mine)
    first = take(officer, mine)
    with pytest.raises(DomainError):
        take(officer, mine)
    emergencies.give_back(actor_of(officer), emergency=first)
    assert actor_of(officer).emergency is None
    take(officer, mine, hours=1)
    at(timezone.now() + emergencies.REVIEW_WITHIN + timedelta(days=1))
    with pytest.raises(DomainError):  # nobody has looked at the first for a week
        take(officer, mine)


def test_emergency_powers_do_not_open_further_ones_nor_grant_to_oneself(officer: Account, mine: Organization) -> None:
    take(officer, mine, role="admin")
    actor = actor_of(officer)
    with pytest.raises(DomainError):
        identity.grant_role(actor, account=officer, role="leader", organization=mine, reason="x")
    friend = make_account(official=make_official("Người Quen", org=mine))
    resting = suspending.suspend(TESTER, held=friend.official.positions.get(), reason="Đang xem xét")
    assert friend.official is not None
    today = timezone.localdate()
    lasting = [
        lambda: identity.grant_role(actor, account=friend, role="leader", organization=mine, reason="x"),
        lambda: organisations.appoint(actor, official=friend.official, organization=mine, title="Phó", role="leader"),
        lambda: organisations.delegate(
            actor,
            position=make_official("Bà Trưởng", role="head", org=mine).positions.get(),
            to=friend.official,
            valid_from=today,
            valid_to=today + timedelta(days=3),
            reason="x",
        ),
        lambda: suspending.lift(actor, suspension=resting, reason="x"),
    ]
    for each in lasting:
        with pytest.raises(NotAllowed, match="khẩn cấp không dùng để giao"):
            each()
    assert actor.can("identity.manage", mine.path)
    accounts_left = actor_of(make_account(official=make_official("Quản Trị", role="admin", org=mine)))
    identity.grant_role(accounts_left, account=friend, role="auditor", organization=mine, reason="Kế hoạch")
    with pytest.raises(NotAllowed):
        emergencies.review(actor, emergency=Emergency.objects.get(), justified=True, findings="x")


def test_by_the_pages_after_a_fresh_proof(
    officer: Account, mine: Organization, theirs: Organization, settings: Any
) -> None:
    settings.SECOND_FACTOR = "nobody"
    page = "/quan-tri/quyen-khan-cap"
    stale = Client()
    stale.force_login(officer)  # no proof at all stands in this session
    assert stale.get(f"{page}/nhan").headers["Location"].startswith("/tai-khoan/xac-nhan")
    assert stale.post(f"{page}/nhan", {"role": "head"}).headers["Location"].startswith("/tai-khoan/xac-nhan")
    browser = signed_in(officer)
    told = {"role": "head", "organization": mine.code, "hours": "1", "reason": "gấp"}
    assert browser.post(f"{page}/nhan", told, secure=True).status_code == 422
    went = browser.post(f"{page}/nhan", {**told, "reason": WHY}, secure=True)
    address = went.headers["Location"]
    shown = browser.get("/tai-khoan/uy-quyen", secure=True).content.decode()
    assert "Quyền khẩn cấp: Trưởng phòng" in shown
    assert browser_of("admin", theirs).get(address).status_code == 403
    reviewer = browser_of("admin", mine)
    assert WHY[:20] in reviewer.get(address).content.decode()
    assert reviewer.post(address, {"justified": "1", "findings": "x"}).status_code in (200, 422)  # still open
    assert browser.post(f"{address}/tra", secure=True).status_code == 302
    assert browser.post(address, {"justified": "1", "findings": "Tự khen"}, secure=True).status_code == 403
    assert reviewer.post(address, {"justified": "1", "findings": ""}).status_code == 422
    assert reviewer.post(address, {"justified": "1", "findings": "Đúng việc"}).status_code == 302
    assert Emergency.objects.get().justified is True
