"""An administrator reaches accounts whose powers lie within their own place, and no others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed
from hienluong.foundation.identity import actions
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER, actor_for_role, make_account, make_citizen, make_official

pytestmark = pytest.mark.django_db


@pytest.fixture
def local(mine: Organization) -> Actor:
    return actor_for_role("admin", mine)


def _tries(actor: Actor, account: Account) -> None:
    for verb in (actions.deactivate, actions.reset_password):
        verb(actor, account=account, reason="Thử")


def test_an_account_is_opened_only_for_ones_own_officials(
    local: Actor, mine: Organization, theirs: Organization
) -> None:
    with pytest.raises(NotAllowed):
        actions.create_account(local, username="la", display_name="Lạ", official=make_official(org=theirs))
    opened = actions.create_account(local, username="quen", display_name="Quen", official=make_official(org=mine))
    assert not opened.has_usable_password()


def test_an_official_with_posts_in_two_places_belongs_to_whoever_reaches_both(
    local: Actor, mine: Organization, theirs: Organization, province: Organization
) -> None:
    both = make_official(org=mine)
    organisations.appoint(TESTER, official=both, organization=theirs, title="Kiêm nhiệm", role="clerk")
    with pytest.raises(NotAllowed):
        actions.create_account(local, username="hai", display_name="Hai nơi", official=both)
    account = make_account(official=both)
    with pytest.raises(NotAllowed):
        actions.deactivate(local, account=account, reason="Thử")
    actions.deactivate(actor_for_role("admin", province), account=account, reason="Nghỉ hưu")


@pytest.mark.parametrize("verb", [actions.deactivate, actions.reset_password])
def test_accounts_of_others_are_out_of_reach(
    local: Actor, mine: Organization, theirs: Organization, province: Organization, verb: object
) -> None:
    auditor = make_account()
    actions.grant_role(TESTER, account=auditor, role="auditor", organization=province, reason="Kiểm toán")
    leader = make_official(role="leader", org=mine)
    wider = make_account(official=leader)
    actions.grant_role(TESTER, account=wider, role="oversight", organization=province, reason="Theo dõi")
    foreign = make_account(official=make_official(org=theirs))
    citizen = make_account(party=make_citizen())
    for account in (auditor, wider, foreign, citizen):
        with pytest.raises(NotAllowed):
            verb(local, account=account, reason="Thử")  # type: ignore[operator]
        assert Account.objects.get(pk=account.pk).is_active
    verb(local, account=make_account(official=make_official(org=mine)), reason="Đúng nơi")  # type: ignore[operator]


def test_who_comes_tomorrow_is_already_out_of_reach(local: Actor, mine: Organization, theirs: Organization) -> None:
    moving = make_official(org=mine)
    organisations.appoint(
        TESTER,
        official=moving,
        organization=theirs,
        title="Phó Chủ tịch",
        role="leader",
        valid_from=timezone.localdate() + timedelta(days=1),
    )
    with pytest.raises(NotAllowed):
        actions.reset_password(local, account=make_account(official=moving), reason="Thử")


def test_the_province_reaches_citizens_and_officials_without_a_post(province: Organization) -> None:
    admin = actor_for_role("admin", province)
    gone = make_official(org=province, valid_to=timezone.localdate() - timedelta(days=1))
    for account in (make_account(party=make_citizen()), make_account(official=gone), make_account()):
        actions.deactivate(admin, account=account, reason="Không còn dùng")
        actions.reactivate(admin, account=account, reason="Nhầm")
        assert Account.objects.get(pk=account.pk).is_active


def test_one_person_has_one_account(province: Organization) -> None:
    official = make_official(org=province)
    make_account(official=official)
    with pytest.raises(InvalidInput, match="đã có tài khoản"):
        actions.create_account(TESTER, username="nua", display_name="Nữa", official=official)
    for wrong in ("", "có dấu cách", "x" * 151, "<script>"):
        with pytest.raises(InvalidInput):
            actions.create_account(TESTER, username=wrong, display_name="X")


def test_a_role_is_not_given_to_a_closed_account_nor_in_an_ended_place(
    province: Organization, mine: Organization, theirs: Organization
) -> None:
    account = make_account()
    today = timezone.localdate()
    organisations.succeed(
        TESTER, kind="merge", predecessors=[mine], successors=[theirs], on=today, legal_basis="Quyết định"
    )
    mine.refresh_from_db()
    with pytest.raises(InvalidInput, match="không tồn tại"):
        actions.grant_role(TESTER, account=account, role="clerk", organization=mine, reason="Vì")
    actions.deactivate(TESTER, account=account, reason="Nghỉ")
    with pytest.raises(DomainError, match="khóa"):
        actions.grant_role(TESTER, account=account, role="clerk", organization=theirs, reason="Vì")
