"""oauthlib's server with the province's rules: PKCE for all, refresh tokens that notice theft, tokens that say how sure we are."""

from __future__ import annotations

import json
import threading
import time
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import jwt
from allauth.core import context
from allauth.idp.oidc import app_settings
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.internal.oauthlib import server as parts
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.oauthlib.utils import get_validator_context
from allauth.idp.oidc.internal.resources import InvalidTargetError, is_resources_subset
from allauth.idp.oidc.models import Client, Token
from django.utils import timezone
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.errors import OAuth2Error
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant
from oauthlib.openid import Server as OpenIDServer
from oauthlib.openid.connect.core import exceptions
from oauthlib.openid.connect.core.grant_types.base import OpenIDConnectBase

from hienluong.foundation.actions import Actor
from hienluong.foundation.composed import insert, remove

from . import actions, addresses, codes, devices, proofs, questions
from .keys import hint, opened
from .models import SpentToken

#: Where a code or a refresh token keeps what its session had shown.
SESSION = "session"
_of_thread = threading.local()
_NOT_TAKEN = {
    "request": exceptions.RequestNotSupported,
    "request_uri": exceptions.RequestURINotSupported,
    "registration": exceptions.RegistrationNotSupported,
}


class Validator(OAuthLibRequestValidator):  # type: ignore[misc]  # allauth brings no types
    """What oauthlib asks about each request."""

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Always: which proof a system owes, none included, stands in its registration."""
        return True

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """In the way the system is registered with."""
        client = proofs.proven(context.request)
        if client is None:
            return False
        self._use_client(request, client)
        request.client_id = client.pk
        return True

    def authenticate_client_id(self, client_id: Any, request: Request, *args: Any, **kwargs: Any) -> bool:
        """Nobody gets in by a name alone."""
        return self.authenticate_client(request)

    def validate_client_id(self, client_id: Any, request: Request) -> bool:
        """A system that is registered here and not disabled."""
        client = self._enabled(client_id)
        if client is None:
            return False
        self._use_client(request, client)
        return True

    def _enabled(self, client_id: Any) -> Client | None:
        if not isinstance(client_id, str):
            return None
        known = get_validator_context().clients
        if client_id not in known:
            known[client_id] = questions.client(client_id)
        return known[client_id]

    def validate_redirect_uri(
        self, client_id: Any, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Letter for letter (RFC 9700, 2.1); on the loopback address any port (RFC 8252, 7.3)."""
        return addresses.allowed(redirect_uri, request.client.get_redirect_uris())

    def validate_user_match(self, id_token_hint: str | None, scopes: Any, claims: Any, request: Request) -> bool:
        """Whether who is here is whom the system means (Core 1.0, 3.1.2.2 and 5.5.1); a stranger signs in first."""
        if not context.request.user.is_authenticated:
            return True
        meant = [_named(claims)]
        if id_token_hint:
            meant.append((hint(id_token_hint, request.client.pk) or {}).get("sub", ""))
        if meant == [None]:
            return True
        name = get_adapter().get_user_sub(request.client, context.request.user)
        return all(each in (None, name) for each in meant)

    def is_pkce_required(self, client_id: Any, request: Request) -> bool:
        """OAuth 2.1: from everybody."""
        return True

    def validate_silent_authorization(self, request: Request) -> bool:
        """Whether the person has consented to all that is asked for, or the system is the province's own."""
        return consented(context.request.user, request.client, request.scopes)

    def save_authorization_code(
        self, client_id: Any, code: dict[str, Any], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """With what the session had shown when the code was given."""
        codes.keep(request, code["code"], **{SESSION: context.request.sso_session})

    def get_authorization_code_scopes(
        self, client_id: Any, code: str, redirect_uri: Any, request: Request
    ) -> list[str]:
        """oauthlib asks only to choose between two grants, of which ours does without ``openid``, too."""
        return ["openid"]

    def validate_code(
        self, client_id: Any, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A code is good once; what its session had shown goes into the tokens."""
        kept = codes.take(str(client_id), code, request)
        if kept is None:
            return False
        context.request.sso_session = kept._data_get(SESSION, {})
        return True

    def invalidate_authorization_code(
        self, client_id: Any, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Claimed already, under the lock of :func:`codes.take`: nobody else can have used it meanwhile."""

    def validate_device_code(
        self, client_id: Any, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> str | None:
        """What a device that polls is told; once it may, whose it is and what its person's session had shown."""
        status, held = devices.poll(str(client_id), code)
        if held is not None:
            ctx = get_validator_context()
            request.user, request.scopes = held.account, held.scopes
            ctx.granted_resources, ctx.grant_id = held.resources, uuid.uuid4().hex
            context.request.sso_session = held.session
        return status

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """One that was exchanged before is a theft: everything that came of that grant ends (RFC 9700, 4.14.2)."""
        # Locked: of two at once the second is the theft.
        held = questions.locked(Token.Type.REFRESH_TOKEN, refresh_token, client.pk)
        if held is None:
            self._notice_theft(refresh_token, client)
            return False
        if held.user is None or not held.user.is_active:
            return False
        request.user = held.user
        get_validator_context().refresh_token = held
        context.request.sso_session = held._data_get(SESSION, {})
        return True

    def _notice_theft(self, refresh_token: str, client: Client) -> None:
        spent = SpentToken.objects.filter(hash=get_adapter().hash_token(refresh_token), client=client).first()
        if spent is not None:
            actions.end_grant(Actor(kind="system", label="sso"), spent=spent)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Keep what is given. A refresh token that is exchanged makes room for the next and is remembered as spent."""
        ctx = get_validator_context()
        kept = []
        if refresh := token.get("refresh_token"):
            kept.append(self._prep_refresh_token(ctx, refresh, request))
            token["refresh_expires_in"] = app_settings.REFRESH_TOKEN_EXPIRES_IN
        ctx.issued_access_token = self._prep_access_token(ctx, token, request)
        kept.append(ctx.issued_access_token)
        for each in kept:
            each.set_scopes(request.scopes)
        insert(*kept)

    def _prep_access_token(self, ctx: Any, token: dict[str, Any], request: Request) -> Token:
        asked: list[str] = ctx.requested_resources
        if asked and not is_resources_subset(asked, ctx.granted_resources):
            raise InvalidTargetError
        return _kept(
            Token.Type.ACCESS_TOKEN, token["access_token"], token["expires_in"], request, asked or ctx.granted_resources
        )

    def _prep_refresh_token(self, ctx: Any, refresh_token: str, request: Request) -> Token:
        if (old := ctx.refresh_token) is not None:
            ctx.grant_id, ctx.granted_resources = old.get_grant_id(), old.get_resources()
            grant = ctx.grant_id or ""
            spent = SpentToken(hash=old.hash, client=request.client, account=request.user, grant=grant)
            insert(spent, unless_there=True)
            remove(old)
        lasts = app_settings.REFRESH_TOKEN_EXPIRES_IN
        return _kept(Token.Type.REFRESH_TOKEN, refresh_token, lasts, request, ctx.granted_resources)

    def validate_bearer_token(self, token: str, scopes: list[str], request: Request) -> bool:
        """A token that is still good, of an active account and an enabled system, and never in an address (RFC 9700)."""
        if not token or context.request.GET.get("access_token") == token:
            return False
        held = questions.access_token(token)
        if held is None or (held.user is not None and not held.user.is_active):
            return False
        granted = held.get_scopes()
        if not set(scopes) <= set(granted):
            return False
        request.user, request.scopes, request.access_token = held.user, granted, token
        self._use_client(request, held.client)
        get_validator_context().access_token = held
        return True

    def finalize_id_token(
        self, id_token: dict[str, Any], token: dict[str, Any], token_handler: Any, request: Request
    ) -> str:
        """Who it is, how sure we are, and which session (Core 1.0, section 2; Back-Channel Logout 1.0, section 2.1)."""
        adapter = get_adapter()
        shown = dict(getattr(context.request, "sso_session", {}))
        id_token.update(
            iss=adapter.get_issuer(),
            sub=adapter.get_user_sub(request.client, request.user),
            exp=id_token["iat"] + app_settings.ID_TOKEN_EXPIRES_IN,
            azp=request.client.pk,
            **{name: shown[name] for name in ("acr", "amr", "auth_time", "sid") if shown.get(name)},
        )
        return signed(id_token, "JWT")


def _kept(kind: Token.Type, value: str, lasts: int, request: Request, resources: list[str] | None) -> Token:
    """A token as it is kept, good for so many seconds; what the session had shown goes with all that came of it."""
    data: dict[str, Any] = {}
    if grant := get_validator_context().grant_id:
        data["grant_id"] = grant
    if resources:
        data["resources"] = list(resources)
    if shown := getattr(context.request, "sso_session", None):
        data[SESSION] = shown
    kept = Token(
        client=request.client,
        user=request.user,
        type=kind,
        expires_at=timezone.now() + timedelta(seconds=lasts),
        data=data or None,
    )
    kept.set_value(value)
    return kept


def access_token(request: Request) -> str:
    """The access token for a request that was allowed: a JWT (RFC 9068), so that a gateway asks nobody."""
    adapter = get_adapter()
    ctx = get_validator_context()
    now = int(time.time())
    claims: dict[str, Any] = {
        "client_id": request.client.pk,
        "iss": adapter.get_issuer(),
        "iat": now,
        "exp": now + app_settings.ACCESS_TOKEN_EXPIRES_IN,
        "jti": uuid.uuid4().hex,
        "token_use": "access",
    }
    if resources := ctx.requested_resources or ctx.granted_resources:
        claims["aud"] = resources
    if request.user is not None:
        claims["sub"] = adapter.get_user_sub(request.client, request.user)
    if request.scopes:
        claims["scope"] = " ".join(request.scopes)
    adapter.populate_access_token(claims, user=request.user, client=request.client, scopes=request.scopes)
    return signed(claims, "JWT")


def _named(claims: Any) -> str | None:
    """The person that the parameter ``claims`` asks for by name, which is all of it that counts here."""
    asked = claims.get("id_token") if isinstance(claims, dict) else None
    sub = asked.get("sub") if isinstance(asked, dict) else None
    return sub["value"] if isinstance(sub, dict) and isinstance(sub.get("value"), str) else None


def _in_absence(grant: Any, request: Request) -> None:
    """A refresh token comes with ``offline_access`` alone (Core 1.0, 11): who did not ask for it works in presence."""
    grant.refresh_token = "offline_access" in request.scopes


def _without_request_objects(request: Request) -> dict[str, Any]:
    """What we do not take is said, not passed over (Core 1.0, 3.1.2.6): its values would be meant to count."""
    for name, error in _NOT_TAKEN.items():
        if getattr(request, name, None):
            raise error(request=request)
    return {}


def signed(claims: dict[str, Any], kind: str) -> str:
    """A token with these claims, signed with the key of now; `kind` is its ``typ``."""
    jwk, private = opened(get_adapter().get_signing_key().pem)
    return jwt.encode(claims, private, algorithm="RS256", headers={"kid": jwk["kid"], "typ": kind})


def consented(account: Any, client: Client, asked: list[str]) -> bool:
    """Whether nothing is asked for that the person has not consented to."""
    if client.system.trusted:
        return True
    given = questions.consent(account.pk, client.pk)
    return given is not None and set(asked) <= set(given.scopes)


def server() -> Server:
    """The server of this thread. It is long in the making, and requests leave marks on its grants: none is shared."""
    held: Server | None = getattr(_of_thread, "server", None)
    if held is None:
        held = _of_thread.server = Server()
    return held


class Server(OpenIDServer):  # type: ignore[misc]
    """oauthlib's server, asking our validator; codes are claimed once, and PKCE is S256 only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            request_validator=Validator(),
            token_generator=access_token,
            refresh_token_generator=parts.generate_refresh_token,
            token_expires_in=app_settings.ACCESS_TOKEN_EXPIRES_IN,
            **kwargs,
        )
        for grant in (self.auth_grant, self.openid_connect_auth):
            grant.custom_validators.pre_auth += [_without_request_objects, parts.validate_code_challenge_method]
            grant.custom_validators.post_token += [codes.claim, partial(_in_absence, grant)]
        self.grant_types[devices.GRANT] = DeviceGrant(self.request_validator, self.openid_connect_auth)


class DeviceGrant(DeviceCodeGrant):  # type: ignore[misc]
    """oauthlib's device grant, with the ID token that OpenID Connect adds; it is kept only when that was asked for."""

    def __init__(self, validator: Validator, openid: OpenIDConnectBase) -> None:
        super().__init__(validator)
        self._openid = openid

    def create_token_response(self, request: Request, token_handler: Any) -> tuple[dict[str, str], str, int]:
        """Tokens once the person has said yes; until then the error that tells the device what to do."""
        headers = self._get_default_headers()
        try:
            self.validate_token_request(request)
        except OAuth2Error as error:
            return {**headers, **error.headers}, error.json, error.status_code
        token = token_handler.create_token(request, refresh_token="offline_access" in request.scopes)
        OpenIDConnectBase.add_id_token(self._openid, token, token_handler, request)  # without the nonce of a code
        self.request_validator.save_token(token, request)
        return headers, json.dumps(token), 200
