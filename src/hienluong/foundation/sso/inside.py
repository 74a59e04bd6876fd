"""Tokens for work that the house does as a system of an organisation, without that system's password.

Only what runs here on its owner's behalf asks for one (a composed service calls other services so); nobody is handed one.
"""

from __future__ import annotations

import time
import uuid
from datetime import timedelta

from allauth.idp.oidc import app_settings
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError

from .models import System
from .server import signed

_API = ("api.read", "api.write")


class CannotAct(DomainError):
    """The system may not act by itself: it is switched off, or not registered so."""

    code = "sso.cannot_act"


def works_for_itself(system: System) -> bool:
    """Whether a system is in use and may act without a person (client credentials)."""
    return system.disabled_at is None and str(Client.GrantType.CLIENT_CREDENTIALS) in system.client.get_grant_types()


def token_of(system: System) -> tuple[str, float]:
    """An access token of a system, as it would get one by itself, and how many seconds it is good.

    Raises :class:`CannotAct`.
    """
    if not works_for_itself(system):
        raise CannotAct(_("Hệ thống “%(name)s” đã ngừng hoặc không được tự gọi.") % {"name": system})
    adapter = get_adapter()
    now, lasts = int(time.time()), int(app_settings.ACCESS_TOKEN_EXPIRES_IN)
    scopes = [scope for scope in _API if scope in system.client.get_scopes()]
    claims = {
        "client_id": system.client_id,
        "iss": adapter.get_issuer(),
        "aud": adapter.get_issuer(),
        "iat": now,
        "exp": now + lasts,
        "jti": uuid.uuid4().hex,
        "token_use": "access",
        "scope": " ".join(scopes),
    }
    token = signed(claims, "JWT")
    kept = Token(
        client=system.client, type=Token.Type.ACCESS_TOKEN, expires_at=timezone.now() + timedelta(seconds=lasts)
    )
    kept.set_value(token)
    kept.set_scopes(scopes)
    kept.save()
    return token, float(lasts)
