"""Background work: telling systems of a logout, rotating keys, forgetting what has expired."""

from __future__ import annotations

from allauth.idp.oidc.models import Token
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hienluong.foundation.identity.models import Account

from . import keys, leaving
from .models import PushedRequest, SpentToken, System, UsedAssertion


@app.task(name="sso.tell_logout", retry=RetryStrategy(max_attempts=5, exponential_wait=4))
def tell_logout(client: str, account: int, sid: str) -> None:
    """Tell a system that a session has ended."""
    system = System.objects.select_related("client").filter(pk=client).first()
    owner = Account.objects.filter(pk=account).first()
    if system is not None and owner is not None and system.logout_uri:
        leaving.tell(system, owner, sid)


@app.periodic(cron="17 * * * *")
@app.task(name="sso.tidy")
def tidy(timestamp: int) -> None:
    """Make the next key when it is time; forget codes, tokens, pushed requests and assertions that are over."""
    now = timezone.now()
    keys.rotate()
    Token.objects.filter(expires_at__lt=now).delete()
    PushedRequest.objects.filter(expires_at__lt=now).delete()
    UsedAssertion.objects.filter(expires_at__lt=now - keys.OVERLAP).delete()
    SpentToken.objects.filter(at__lt=now - keys.SIGNS_FOR).delete()
