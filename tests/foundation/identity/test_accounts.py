from datetime import date, timedelta

import pytest
from django.utils import timezone

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed, permissions
from hienluong.foundation.identity import actions, roles
from hienluong.foundation.identity.models import Role
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER, actor_for_role, make_account, make_org, make_roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def province() -> Organization:
    make_roles()
    return make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")


def test_a_role_that_was_granted_holds_below_and_ends_when_revoked(province: Organization) -> None:
    below, account = make_org(parent=province), make_account()
    grant = actions.grant_role(TESTER, account=account, role="auditor", organization=province, reason="Kiểm toán năm")
    assert actor_of(account).can("audit.view", below.path)
    actions.revoke(TESTER, grant=grant)
    assert not actor_of(account).can("audit.view", below.path)
    with pytest.raises(DomainError):
        actions.revoke(TESTER, grant=grant)


def test_a_grant_has_dates(province: Organization) -> None:
    account, today = make_account(), timezone.localdate()
    actions.grant_role(
        TESTER,
        account=account,
        role="auditor",
        organization=province,
        valid_from=today,
        valid_to=today + timedelta(days=1),
        reason="Một ngày",
    )
    assert actor_of(account).can("audit.view", province.path)
    assert not actor_of(account, on=today + timedelta(days=1)).can("audit.view", province.path)


def test_nobody_grants_beyond_their_own_place_or_to_themself(province: Organization) -> None:
    department = make_org(parent=province)
    admin = actor_for_role("admin", department)
    account = make_account()
    with pytest.raises(NotAllowed):
        actions.grant_role(admin, account=account, role="admin", organization=province, reason="Leo thang")
    with pytest.raises(NotAllowed):
        actions.grant_role(
            actor_for_role("clerk", province), account=account, role="clerk", organization=department, reason="X"
        )
    from hienluong.foundation.identity.models import Account

    own = Account.objects.get(pk=admin.account_id)
    with pytest.raises(DomainError):
        actions.grant_role(admin, account=own, role="auditor", organization=department, reason="Cho mình")


def test_wrong_grants_are_refused(province: Organization) -> None:
    account = make_account()
    for wrong in ({"role": "king"}, {"reason": " "}, {"valid_from": date(2026, 1, 2), "valid_to": date(2026, 1, 1)}):
        with pytest.raises(InvalidInput):
            actions.grant_role(
                TESTER, **{"account": account, "role": "clerk", "organization": province, "reason": "Vì", **wrong}
            )


def test_the_same_role_in_the_same_place_is_given_once_and_again_only_when_it_is_over(province: Organization) -> None:
    account, given = make_account(), {"role": "clerk", "organization": province, "reason": "Trực"}
    first = actions.grant_role(TESTER, account=account, **given)
    with pytest.raises(InvalidInput):
        actions.grant_role(TESTER, account=account, **given)
    actions.grant_role(TESTER, account=account, **{**given, "organization": make_org(parent=province)})
    actions.grant_role(TESTER, account=account, **{**given, "role": "officer"})
    actions.revoke(TESTER, grant=first)
    actions.grant_role(TESTER, account=account, **given)
    assert account.role_grants.count() == 4


def test_usernames_are_unique_without_regard_to_case(province: Organization) -> None:
    make_account("Lan")
    with pytest.raises(InvalidInput):
        make_account("lan ")


def test_a_closed_account_is_a_stranger(province: Organization) -> None:
    account = make_account()
    actions.grant_role(TESTER, account=account, role="admin", organization=province, reason="Quản trị")
    actions.deactivate(TESTER, account=account, reason="Nghỉ việc")
    assert not actor_of(account).can("identity.manage", province.path)


def test_roles_can_be_seeded_again_and_follow_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    make_roles()
    monkeypatch.setattr(permissions, "_catalogue", dict(permissions._catalogue))
    permissions.register(permissions.Permission("identity.new_thing", "Việc mới", "New thing"))
    make_roles()
    assert "identity.new_thing" in Role.objects.get(pk="admin").permissions
    assert "identity.new_thing" not in Role.objects.get(pk="clerk").permissions
    assert Role.objects.count() == len(roles.ROLES)


def test_no_role_signs_what_it_reviews_or_receives() -> None:
    may = {spec.code: set(roles.permissions_of(spec)) for spec in roles.ROLES}
    assert "dossiers.sign" in may["leader"]
    for code in ("clerk", "officer", "head", "admin", "auditor", "oversight"):
        assert "dossiers.sign" not in may[code]
    for code in ("admin", "oversight"):
        assert not any(each.startswith("dossiers.") for each in may[code])
