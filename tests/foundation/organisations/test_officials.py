from datetime import date, timedelta

import pytest
from django.utils import timezone

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations import actions, queries
from hienluong.foundation.organisations.models import Delegation
from tests.factories import TESTER, make_account, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db


def _delegation(days: int = 5) -> tuple[Delegation, object, object]:
    make_roles()
    org = make_org()
    leader, deputy = make_official(role="leader", org=org), make_official(role="officer", org=org)
    today = timezone.localdate()
    holder = actor_of(make_account(official=leader))
    lent = actions.delegate(
        holder,
        position=leader.positions.get(),
        to=deputy,
        valid_from=today,
        valid_to=today + timedelta(days=days),
        reason="Đi công tác",
    )
    return lent, make_account(official=deputy), holder


def test_lent_powers_hold_from_day_to_day_and_name_their_source() -> None:
    lent, deputy, _holder = _delegation()
    path = lent.position.organization.path
    decision = actor_of(deputy).decide("dossiers.sign", path)  # type: ignore[arg-type]
    assert decision.allowed
    assert "Ủy quyền của" in decision.reasons[0]
    assert not actor_of(deputy, on=lent.valid.upper).can("dossiers.sign", path)  # type: ignore[arg-type]


def test_revoked_powers_are_gone_at_once() -> None:
    lent, deputy, holder = _delegation()
    actions.revoke_delegation(holder, delegation=lent)  # type: ignore[arg-type]
    assert not actor_of(deputy).can("dossiers.sign", lent.position.organization.path)  # type: ignore[arg-type]


def test_powers_end_with_the_post_they_come_from() -> None:
    lent, deputy, _holder = _delegation()
    actions.end_position(TESTER, position=lent.position, on=timezone.localdate())
    assert not actor_of(deputy).can("dossiers.sign", lent.position.organization.path)  # type: ignore[arg-type]


def test_only_the_holder_or_an_administrator_delegates() -> None:
    lent, deputy, _holder = _delegation()
    third = make_official()
    with pytest.raises(NotAllowed):
        actions.delegate(
            actor_of(deputy),  # type: ignore[arg-type]
            position=lent.position,
            to=third,
            valid_from=lent.valid.lower,
            valid_to=lent.valid.upper,
            reason="Chuyển tiếp",
        )


def test_a_delegation_outside_the_post_is_refused() -> None:
    org = make_org()
    official = make_official(role="leader", org=org, valid_to=date(2026, 12, 31))
    with pytest.raises(InvalidInput, match="thời gian giữ chức vụ"):
        actions.delegate(
            TESTER,
            position=official.positions.get(),
            to=make_official(),
            valid_from=date(2026, 12, 1),
            valid_to=date(2027, 1, 10),
            reason="Nghỉ phép",
        )


def test_the_same_post_cannot_be_held_twice_at_once() -> None:
    org = make_org()
    official = make_official(role="clerk", org=org)
    with pytest.raises(InvalidInput):
        actions.appoint(TESTER, official=official, organization=org, title="Cán bộ", role="clerk")


def test_nobody_appoints_themself() -> None:
    make_roles()
    org = make_org()
    official = make_official(role="admin", org=org)
    admin = actor_of(make_account(official=official))
    with pytest.raises(DomainError, match="tự bổ nhiệm"):
        actions.appoint(admin, official=official, organization=org, title="Chủ tịch", role="leader")
    actions.appoint(admin, official=make_official(org=org), organization=org, title="Chủ tịch", role="leader")


def test_officials_are_listed_by_role_and_given_name() -> None:
    org = make_org()
    make_official("Trần Văn Bình", role="clerk", org=org)
    make_official("Lê Thị An", role="clerk", org=org)
    make_official("Phạm Thị Chi", role="leader", org=org)
    assert [str(o) for o in queries.officials_of(org, "clerk")] == ["Lê Thị An", "Trần Văn Bình"]
    assert queries.officials_of(org).count() == 3
    assert not queries.officials_of(org, on=date(2019, 1, 1)).exists()
