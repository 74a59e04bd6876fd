"""Each way in which a way into an account changes: what the old way opened is over, here and at connected systems."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.idp.oidc.models import Client, Token
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.utils import timezone

from hienluong.foundation.eid import actions as eid
from hienluong.foundation.eid.models import Link
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity import provisioned
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.people.protected import blind_index
from hienluong.foundation.recovery import actions as recovery
from hienluong.foundation.recovery.models import EntryCode, Recovery
from hienluong.foundation.signin import actions
from hienluong.foundation.sso.models import Visit
from tests.factories import TESTER, make_account
from tests.foundation.sso.system import registered

pytestmark = pytest.mark.django_db
HERE, OLD, NEW = "phien-nay", "Con-song-Thach-Han-1972", "trâu đen gặm cỏ bờ sông"


@pytest.fixture
def person() -> Account:
    """Signed in here and elsewhere; a system works in her absence by a grant from here, and by one from elsewhere."""
    account = make_account("binh")
    account.set_password(OLD)
    account.save()
    system = registered()[0].client
    for key in (HERE, "phien-khac"):
        UserSession.objects.create(user=account, session_key=key, ip="10.0.0.1", user_agent="Chrome")
        visit = Visit.objects.create(session=blind_index(key.encode().hex()), account=account, client=system)
        grant = {"session": {"sid": str(visit.sid)}}
        _granted(system, account, key, grant)
    _granted(system, account, "khong-phien", {})  # as a device at a counter is granted
    return account


def _granted(system: Client, account: Account, name: str, data: dict[str, object]) -> None:
    token = Token(client=system, user=account, type=Token.Type.REFRESH_TOKEN, hash=name, data=data)
    token.set_scopes(["openid", "offline_access"])
    token.save()


def _first_password(account: Account) -> None:
    account.set_unusable_password()
    account.save()
    provisioned.choose_first_password(actor_of(account), account=account, new=NEW)


def _code(account: Account, lost: Recovery | None) -> EntryCode:
    now = timezone.now()
    return EntryCode.objects.create(
        account=account, recovery=lost, hash="x", opens_at=now, expires_at=now + timedelta(days=1)
    )


def _first_way_in(account: Account) -> None:
    recovery.set_way_in(TESTER, code=_code(account, None), password=NEW, username="binh-moi")


def _recovered_by_passkey(account: Account) -> None:
    now = timezone.now()
    lost = Recovery.objects.create(
        account=account,
        way=Recovery.Way.COUNTER,
        state=Recovery.State.WAITING,
        stop="x",
        opens_at=now,
        lapses_at=now + timedelta(days=1),
    )
    recovery.set_way_in(TESTER, code=_code(account, lost))


def _reset(account: Account) -> None:
    accounts.reset_password(TESTER, account=account, reason="Quên")


def _factors_reset(account: Account) -> None:
    actions.reset_factors(TESTER, account=account, reason="Mất điện thoại")


def _changed(account: Account) -> None:
    accounts.change_password(actor_of(account), account=account, old=OLD, new=NEW, here=HERE)


def _factor_gone(account: Account) -> None:
    TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    factor = Authenticator.objects.get(user=account, type=Authenticator.Type.TOTP)
    actions.remove_factor(actor_of(account), account=account, factor=factor, here=HERE)


def _unlinked(account: Account) -> None:
    held = Link.objects.create(
        account=account, provider="vneid", subject_hash="a", person_hash="b", level=2, last_at=timezone.now()
    )
    eid.unlink(actor_of(account), account=account, held=held, here=HERE)


@pytest.mark.parametrize(
    ("change", "stays"),
    [
        (_first_password, False),
        (_first_way_in, False),
        (_recovered_by_passkey, False),
        (_reset, False),
        (_factors_reset, False),
        (_changed, True),
        (_factor_gone, True),
        (_unlinked, True),
    ],
)
def test_a_changed_way_in_ends_what_the_old_one_opened(
    person: Account, change: Callable[[Account], None], stays: bool
) -> None:
    change(person)
    left = {HERE} if stays else set()
    assert set(UserSession.objects.filter(user=person).values_list("session_key", flat=True)) == left
    assert set(Token.objects.filter(user=person).values_list("hash", flat=True)) == left
    assert Visit.objects.filter(account=person).count() == len(left)
