"""Authorisation codes: kept with what the session had shown, taken once, under a lock.

allauth's own functions do the same in more statements; each of those is a good part of what a sign-in costs.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from allauth.idp.oidc import app_settings
from allauth.idp.oidc.internal.oauthlib import authorization_codes
from allauth.idp.oidc.internal.oauthlib.utils import get_validator_context
from allauth.idp.oidc.models import Token
from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749 import errors

from hienluong.foundation.composed import change, insert

from . import questions


def keep(request: Request, code: str, **shown: Any) -> None:
    """Write a code down for whoever asked, with its challenge and with what the session has `shown`."""
    ctx = get_validator_context()
    ctx.grant_id = uuid.uuid4().hex
    challenge = {
        "code_challenge": request.code_challenge,
        "code_challenge_method": request.code_challenge_method,
    }
    kept = Token(
        client=request.client,
        user=request.user,
        type=Token.Type.AUTHORIZATION_CODE,
        expires_at=timezone.now() + timedelta(seconds=app_settings.AUTHORIZATION_CODE_EXPIRES_IN),
        data={"claims": request.claims, "claimed": False, "pkce": challenge, **shown},
    )
    kept.set_value(code)
    kept.set_scopes(request.scopes)
    kept.set_grant_id(ctx.grant_id)
    kept.set_redirect_uri(request.redirect_uri)
    if request.nonce:
        kept.set_nonce(request.nonce)
    if ctx.requested_resources:
        kept.set_resources(ctx.requested_resources)
    insert(kept)


def take(client_id: str, code: str, request: Request) -> Token | None:
    """A code that is still good, for the system it was given to, locked until the end of the transaction.

    Whether it was used before is asked when it is claimed; two exchanges at once wait for each other here.
    """
    kept = questions.locked(Token.Type.AUTHORIZATION_CODE, code, client_id)
    grant = kept.get_grant_id() if kept is not None else None
    if kept is None or grant is None or kept.user is None or not kept.user.is_active:
        return None
    ctx = get_validator_context()
    ctx.code_tokens[(client_id, code)] = kept
    ctx.granted_resources, ctx.grant_id = kept.get_resources(), grant
    request.user, request.scopes, request.claims = kept.user, kept.get_scopes(), kept._data_get("claims")
    challenge = kept._data_get("pkce", {})
    request.code_challenge = challenge.get("code_challenge")
    request.code_challenge_method = challenge.get("code_challenge_method")
    return kept


def claim(request: Request) -> None:
    """Note that the code was used, which :func:`take` has locked; a second use ends what came of the first.

    Raises InvalidGrantError then. A used code is kept as long as a good one, so that the second use is noticed.
    """
    kept = get_validator_context().code_tokens[(request.client_id, request.code)]
    if kept._data_get("claimed") is not False:
        authorization_codes.claim(request.client_id, request.code, request)
        raise errors.InvalidGrantError(request=request)
    kept._data_set("claimed", True)
    kept.expires_at = timezone.now() + timedelta(seconds=app_settings.AUTHORIZATION_CODE_EXPIRES_IN)
    change(kept, "data", "expires_at")
