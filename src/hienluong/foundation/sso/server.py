"""oauthlib's server with the province's rules: PKCE for all, refresh tokens that notice theft, tokens that say how sure we are."""

from __future__ import annotations

from functools import partial
from typing import Any

import jwt
from allauth.core import context
from allauth.core.internal import jwkkit
from allauth.idp.oidc import app_settings
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.internal.oauthlib import authorization_codes
from allauth.idp.oidc.internal.oauthlib import server as parts
from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.oauthlib.utils import get_validator_context
from allauth.idp.oidc.internal.tokens import decode_jwt_token
from allauth.idp.oidc.models import Client, Token
from oauthlib.common import Request
from oauthlib.openid import Server as OpenIDServer
from oauthlib.openid.connect.core import exceptions

from hienluong.foundation.actions import Actor

from . import actions, addresses, proofs
from .models import Consent, SpentToken

#: Where a code or a refresh token keeps what its session had shown.
SESSION = "session"
_TOKENS = ("access_token", "refresh_token")
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
        return Client.objects.select_related("system").filter(pk=client_id, system__disabled_at=None).first()

    def validate_redirect_uri(
        self, client_id: Any, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """Letter for letter (RFC 9700, 2.1); on the loopback address any port (RFC 8252, 7.3)."""
        return addresses.allowed(redirect_uri, request.client.get_redirect_uris())

    def validate_user_match(self, id_token_hint: str | None, scopes: Any, claims: Any, request: Request) -> bool:
        """Whether who is here is whom the system means (Core 1.0, 3.1.2.2 and 5.5.1); a stranger signs in first.

        A hint need not be young: it was ours, and says who, not that somebody is there.
        """
        if not context.request.user.is_authenticated:
            return True
        meant = [_named(claims)]
        if id_token_hint:
            hint = decode_jwt_token(id_token_hint, client_id=request.client.pk, verify_exp=False, verify_iss=True)
            meant.append((hint or {}).get("sub", ""))
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
        super().save_authorization_code(client_id, code, request, *args, **kwargs)
        kept = Token.objects.get(
            client=request.client, type=Token.Type.AUTHORIZATION_CODE, hash=get_adapter().hash_token(code["code"])
        )
        kept._data_set(SESSION, context.request.sso_session)
        kept.save(update_fields=["data"])

    def validate_code(
        self, client_id: Any, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """A code is good once; what its session had shown goes into the tokens."""
        if not authorization_codes.validate(client_id, code, request):
            return False
        if not request.user.is_active:
            return False
        kept = get_validator_context().code_tokens[(client_id, code)]
        context.request.sso_session = kept._data_get(SESSION, {})
        return True

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        """One that was exchanged before is a theft: everything that came of that grant ends (RFC 9700, 4.14.2)."""
        if not super().validate_refresh_token(refresh_token, client, request, *args, **kwargs):
            self._notice_theft(refresh_token, client)
            return False
        held = get_validator_context().refresh_token
        context.request.sso_session = held._data_get(SESSION, {})
        return True

    def _notice_theft(self, refresh_token: str, client: Client) -> None:
        spent = SpentToken.objects.filter(hash=get_adapter().hash_token(refresh_token), client=client).first()
        if spent is not None:
            actions.end_grant(Actor(kind="system", label="sso"), spent=spent)

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Remember the refresh token that this one replaces; carry on what the session had shown."""
        ctx = get_validator_context()
        old = ctx.refresh_token
        if old is not None:
            SpentToken.objects.get_or_create(
                hash=old.hash,
                defaults={"client": request.client, "account": request.user, "grant": old.get_grant_id() or ""},
            )
        super().save_bearer_token(token, request, *args, **kwargs)
        shown = getattr(context.request, "sso_session", None)
        if shown:
            digests = [get_adapter().hash_token(token[name]) for name in _TOKENS if name in token]
            for fresh in Token.objects.filter(client=request.client, hash__in=digests):
                fresh._data_set(SESSION, shown)
                fresh.save(update_fields=["data"])

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
    jwk, private = jwkkit.load_jwk_from_pem(get_adapter().get_signing_key().pem)
    return jwt.encode(claims, private, algorithm="RS256", headers={"kid": jwk["kid"], "typ": kind})


def consented(account: Any, client: Client, asked: list[str]) -> bool:
    """Whether nothing is asked for that the person has not consented to."""
    if client.system.trusted:
        return True
    given = Consent.objects.filter(account=account, client=client, withdrawn_at=None).first()
    return given is not None and set(asked) <= set(given.scopes)


class Server(OpenIDServer):  # type: ignore[misc]
    """oauthlib's server, asking our validator; codes are claimed once, and PKCE is S256 only."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            request_validator=Validator(),
            token_generator=parts.generate_access_token,
            refresh_token_generator=parts.generate_refresh_token,
            token_expires_in=app_settings.ACCESS_TOKEN_EXPIRES_IN,
            **kwargs,
        )
        for grant in (self.auth_grant, self.openid_connect_auth):
            grant.custom_validators.pre_auth += [_without_request_objects, parts.validate_code_challenge_method]
            grant.custom_validators.post_token += [parts.claim_authorization_code, partial(_in_absence, grant)]
