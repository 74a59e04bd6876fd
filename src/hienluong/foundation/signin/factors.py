"""What an account signs in with beside its password: passkeys, an app for codes, recovery codes."""

from __future__ import annotations

from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from hienluong.foundation.identity.models import Account

#: What counts as a second factor; recovery codes only stand in for one that was lost.
STRONG = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


@dataclass(frozen=True)
class Factors:
    """The factors of an account."""

    passkeys: list[Authenticator] = field(default_factory=list)
    codes_app: Authenticator | None = None
    recovery: Authenticator | None = None

    @property
    def any(self) -> bool:
        """Whether there is a second factor."""
        return bool(self.passkeys or self.codes_app)

    def password_confirms(self, account: Account) -> bool:
        """Whether the password alone proves again that it is its owner: only where there is no better factor, since who
        took a session may have the password, too."""
        return not self.any and account.has_usable_password()

    @property
    def recovery_left(self) -> int:
        """How many recovery codes were not used yet."""
        return len(RecoveryCodes(self.recovery).get_unused_codes()) if self.recovery else 0


def factors_of(account: Account) -> Factors:
    """The factors of an account, passkeys in the order in which they were added."""
    found = list(Authenticator.objects.filter(user=account).order_by("created_at", "pk"))
    by_type = {each.type: each for each in found}
    return Factors(
        passkeys=[each for each in found if each.type == Authenticator.Type.WEBAUTHN],
        codes_app=by_type.get(Authenticator.Type.TOTP),
        recovery=by_type.get(Authenticator.Type.RECOVERY_CODES),
    )


def needed_by(account: Account) -> bool:
    """Whether this account must have a second factor: officials, unless the installation is told otherwise.

    (TCVN 11930:2017, level 3: more than one factor for those who administer.)
    """
    return settings.SECOND_FACTOR == "officials" and account.official_id is not None


def guarded(account: Account) -> bool:
    """Whether the account has powers over what is others': then nothing but its own factors opens it."""
    if account.official_id is not None:
        return True
    in_force = Q(valid__upper_inf=True) | Q(valid__endswith__gt=timezone.localdate())
    return account.role_grants.filter(in_force).exists()


def used(request: HttpRequest) -> bool:
    """Whether this session was opened with a second factor; kept in the session, so it costs nothing to ask."""
    from allauth.account.authentication import get_authentication_records

    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))
