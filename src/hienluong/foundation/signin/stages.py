"""Who is asked for a second factor on the way in."""

from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from . import factors


class SecondStep(AuthenticateStage):  # type: ignore[misc]  # allauth brings no types
    """Everybody who has a second factor, but whose first proof was two in one already.

    An electronic identity of level 2 is such a proof of a citizen (`strong` in the record of the session); where powers
    over others' matters are at stake the account's own factor is asked for, whatever came before.
    """

    def _should_handle(self, request: HttpRequest) -> bool:
        account = self.login.user
        records = get_authentication_records(request, account)
        if any(record.get("strong") for record in records) and not factors.guarded(account):
            return False
        return bool(super()._should_handle(request))
