"""One-time passwords, and changing one's own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity import actions
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from tests.factories import TESTER, actor_for_role, make_account, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db

OLD, NEW = "Mat-khau-thu-2026", "Con-song-Thach-Han-1972"


def test_a_reset_password_works_once_is_kept_nowhere_and_must_be_changed() -> None:
    account = make_account()
    given = actions.reset_password(TESTER, account=account, reason="Quên mật khẩu")
    account.refresh_from_db()
    assert account.check_password(given)
    assert not account.check_password(OLD)
    assert account.must_change_password
    assert given not in str(list(Entry.objects.filter(verb="identity.reset_password").values()))
    actions.change_password(actor_of(account), account=account, old=given, new=NEW)
    account.refresh_from_db()
    assert account.check_password(NEW)
    assert not account.must_change_password


def test_a_one_time_password_runs_out() -> None:
    account = make_account()
    actions.reset_password(TESTER, account=account, reason="Quên mật khẩu")
    Account.objects.filter(pk=account.pk).update(one_time_until=timezone.now() - timedelta(minutes=1))
    account.refresh_from_db()
    with pytest.raises(DomainError, match="hết hạn"):
        actions.sign_in(actor_of(account), account=account)


def test_one_time_passwords_differ_and_are_long_enough() -> None:
    account = make_account()
    given = {actions.reset_password(TESTER, account=account, reason="Thử") for _n in range(20)}
    assert len(given) == 20
    assert {len(each) for each in given} == {19}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sai", NEW, "không đúng"),
        (OLD, OLD, "phải khác"),
        (OLD, "ngan", "ngắn"),
        (OLD, "password123", "dễ đoán"),
        (OLD, "x" * 1001, "quá dài"),
        (OLD, "", "ngắn"),
    ],
)
def test_a_bad_choice_changes_nothing(old: str, new: str, words: str) -> None:
    account = make_account()
    with pytest.raises(InvalidInput, match=words):
        actions.change_password(actor_of(account), account=account, old=old, new=new)
    account.refresh_from_db()
    assert account.check_password(OLD)


def test_nobody_changes_anothers_password_nor_resets_their_own() -> None:
    make_roles()
    org = make_org()
    admin = actor_for_role("admin", org)
    account = make_account(official=make_official(org=org))
    with pytest.raises(NotAllowed):
        actions.change_password(admin, account=account, old=OLD, new=NEW)
    with pytest.raises(DomainError, match="tự đổi"):
        actions.reset_password(admin, account=Account.objects.get(pk=admin.account_id), reason="Tự cấp")
    with pytest.raises(NotAllowed):
        actions.reset_password(actor_of(account), account=make_account(), reason="Thử")


def test_a_closed_account_gets_no_password() -> None:
    account = make_account()
    actions.deactivate(TESTER, account=account, reason="Nghỉ")
    with pytest.raises(DomainError, match="khóa"):
        actions.reset_password(TESTER, account=account, reason="Thử")
