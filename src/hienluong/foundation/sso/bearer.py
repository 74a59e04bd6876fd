"""Our own API takes our access tokens (RFC 6750): signed by us, for us, not revoked, with the scope the request needs.

A token of a person lets a system do what that person may do, within the scope; a token without a person lets it do what
:mod:`.machines` says.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from hienluong.foundation.actions.problems import PROBLEM
from hienluong.foundation.identity.models import Account
from hienluong.foundation.signin import factors

from . import levels, machines, proofs
from .keys import opened
from .server import SESSION

READ, WRITE = "api.read", "api.write"
#: Where the API is; elsewhere a session counts and nothing else.
_API = "/api/"
_SAFE = ("GET", "HEAD", "OPTIONS")
Handler = Callable[[HttpRequest], HttpResponse]


@dataclass(eq=False)
class Refused(Exception):
    """The token does not open this: the status, the error of RFC 6750, our stable code, words for people."""

    status: int
    error: str
    code: str
    words: str


class AccessTokenMiddleware:
    """Let a request to the API with an access token be its person's, or its system's; a session beside it does not count."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer" and request.path.startswith(_API):
            try:
                _enter(request, token.strip())
            except Refused as refused:
                return _answer(refused)
        return self.get_response(request)


class AccessToken(HttpBearer):
    """For the API's writing addresses, beside the session: an access token that the middleware has let in."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The token, when it opened this request."""
        return getattr(request, "access_token", None)


def _enter(request: HttpRequest, token: str) -> None:
    kept = _kept(request, token)
    scopes = kept.get_scopes()
    needed = {READ, WRITE} if request.method in _SAFE else {WRITE}
    if not needed & set(scopes):
        words = _("Mã truy cập này không được cấp phạm vi %(scope)s.") % {"scope": READ if len(needed) > 1 else WRITE}
        raise Refused(403, "insufficient_scope", "api.scope", words)
    assert kept.client is not None
    request.access_token = kept  # type: ignore[attr-defined]
    account = kept.user
    if account is None:
        request.user = AnonymousUser()
        ip, request_id = str(request.META.get("REMOTE_ADDR", "")), getattr(request, "request_id", "")
        actor = machines.actor_of(kept.client.system, scopes, ip=ip, request_id=request_id)
        request.token_actor = actor  # type: ignore[attr-defined]
        return
    assert isinstance(account, Account)
    shown = kept._data_get(SESSION, {})
    if factors.needed_by(account) and levels.LEVEL.get(str(shown.get("acr")), 0) < 2:  # as SecondFactorMiddleware
        raise Refused(403, "insufficient_user_authentication", "api.level", _("Cán bộ phải đăng nhập bằng hai yếu tố."))
    if account.must_change_password:
        raise Refused(403, "insufficient_user_authentication", "api.level", _("Phải đổi mật khẩu dùng một lần trước."))
    request.user = account


def _kept(request: HttpRequest, token: str) -> Token:
    """The token, if it is one of ours that is still good: what a gateway checks, and that nobody took it back."""
    wrong = Refused(401, "invalid_token", "api.token", _("Mã truy cập sai, hết hạn hoặc đã bị thu hồi."))
    try:
        named = jwt.get_unverified_header(token).get("kid")
        keys = (opened(key.pem) for key in get_adapter().list_private_keys(is_active=True))
        private = next((private for public, private in keys if public["kid"] == named), None)
        if private is None:
            raise wrong
        claims: dict[str, Any] = jwt.decode(
            token,
            private.public_key(),
            algorithms=["RS256"],
            issuer=settings.BASE_URL,
            audience=[settings.BASE_URL, f"{settings.BASE_URL}/api/v1"],
            options={"require": ["exp", "aud", "client_id"]},
        )
    except jwt.PyJWTError:
        raise wrong from None
    bound = (claims.get("cnf") or {}).get("x5t#S256")
    if bound and bound != proofs.thumbprint(request) and not _from_gateway(request):
        words = _("Mã truy cập này gắn với chứng thư của hệ thống, phải gọi bằng đúng chứng thư đó.")
        raise Refused(401, "invalid_token", "api.certificate", words)
    held = (
        Token.objects.valid()
        .by_value(token)
        .filter(type=Token.Type.ACCESS_TOKEN, client__system__disabled_at=None)
        .select_related("client__system__owner", "user")
        .first()
    )
    if claims.get("token_use") != "access" or held is None or (held.user is not None and not held.user.is_active):
        raise wrong
    return held


def _from_gateway(request: HttpRequest) -> bool:
    """Whether the gateway of the data-sharing bus hands this on, which has seen the certificate itself."""
    try:
        secret = (settings.GATEWAY_FOLDER / "web.secret").read_text().strip()
    except OSError:
        return False
    return bool(secret) and hmac.compare_digest(request.headers.get("X-Gateway-Proof", "").encode(), secret.encode())


def _answer(refused: Refused) -> HttpResponse:
    body = {
        "type": f"urn:hienluong:{refused.code}",
        "title": refused.words,
        "status": refused.status,
        "code": refused.code,
    }
    response = JsonResponse(body, status=refused.status, content_type=PROBLEM)
    response["WWW-Authenticate"] = f'Bearer error="{refused.error}"'
    response["Cache-Control"] = "no-store"
    return response
