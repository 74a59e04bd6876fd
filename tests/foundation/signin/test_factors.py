"""What proves again who somebody is: the password only where there is nothing better."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from hienluong.foundation.identity.models import Account
from hienluong.foundation.signin.factors import Factors

PASSKEY, APP = Authenticator(type=Authenticator.Type.WEBAUTHN), Authenticator(type=Authenticator.Type.TOTP)
CODES = Authenticator(type=Authenticator.Type.RECOVERY_CODES)


def account(password: str | None) -> Account:
    made = Account(username="binh")
    made.set_password(password)
    return made


@pytest.mark.parametrize(
    ("held", "password", "confirms"),
    [
        (Factors(), "Con-song-Thach-Han-1972", True),
        (Factors(), None, False),
        (Factors(recovery=CODES), "Con-song-Thach-Han-1972", True),
        (Factors(passkeys=[PASSKEY]), "Con-song-Thach-Han-1972", False),
        (Factors(codes_app=APP), "Con-song-Thach-Han-1972", False),
        (Factors(passkeys=[PASSKEY], codes_app=APP, recovery=CODES), "Con-song-Thach-Han-1972", False),
    ],
)
def test_a_password_confirms_only_where_there_is_no_better_factor(
    held: Factors, password: str | None, confirms: bool
) -> None:
    assert held.password_confirms(account(password)) is confirms
