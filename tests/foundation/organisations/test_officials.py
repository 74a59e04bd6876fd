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


def test_a_part_of_the_powers_is_lent() -> None:
    make_roles()
    org = make_org()
    leader, deputy = make_official(role="leader", org=org), make_official(role="officer", org=org)
    today = timezone.localdate()
    given = {
        "position": leader.positions.get(),
        "to": deputy,
        "valid_from": today,
        "valid_to": today + timedelta(days=3),
        "reason": "Đi công tác",
    }
    holder = actor_of(make_account(official=leader))
    with pytest.raises(InvalidInput, match="chức vụ này có"):
        actions.delegate(holder, **given, powers=["identity.manage"])
    actions.delegate(holder, **given, powers=["dossiers.sign"])
    lent = actor_of(make_account(official=deputy))
    assert lent.can("dossiers.sign", org.path)
    assert not lent.can("dossiers.reopen", org.path)


def test_an_administrator_does_not_lend_a_leaders_powers_to_themself() -> None:
    make_roles()
    org = make_org()
    leader, own = make_official(role="leader", org=org), make_official(role="admin", org=org)
    today = timezone.localdate()
    with pytest.raises(DomainError, match="cho mình"):
        actions.delegate(
            actor_of(make_account(official=own)),
            position=leader.positions.get(),
            to=own,
            valid_from=today,
            valid_to=today + timedelta(days=3),
            reason="Tiện",
        )


def test_a_post_needs_a_role_that_exists_and_an_organisation_that_is_there() -> None:
    make_roles()
    province = make_org(code="H50", kind="province")
    ended, heir = make_org(parent=province), make_org(parent=province)
    on = date(2025, 7, 1)
    actions.succeed(TESTER, kind="merge", predecessors=[ended], successors=[heir], on=on, legal_basis="Quyết định")
    ended.refresh_from_db()
    official = make_official(org=heir)
    given = {"official": official, "organization": heir, "title": "Cán bộ", "role": "clerk"}
    for wrong, words in (
        ({"role": "king"}, "vai trò"),
        ({"role": ""}, "vai trò"),
        ({"title": "  "}, "Tên"),
        ({"organization": ended}, "không tồn tại"),
        ({"organization": ended, "valid_from": date(2025, 6, 1), "valid_to": date(2025, 8, 1)}, "kết thúc trước"),
        ({"valid_from": date(2019, 1, 1)}, "không tồn tại"),
    ):
        with pytest.raises(InvalidInput, match=words):
            actions.appoint(TESTER, **{**given, **wrong})
    past = actions.appoint(TESTER, **{**given, "organization": ended, "valid_from": date(2025, 6, 1)})
    assert past.valid.upper == on
