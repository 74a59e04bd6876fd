"""The endpoints for machines: tokens, userinfo, introspection, revocation, keys, discovery, pushed requests."""

from __future__ import annotations

import json
import secrets
from contextlib import nullcontext
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.internal.oauthlib.utils import convert_response, extract_params, get_validator_context
from allauth.idp.oidc.internal.resources import get_resources
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oauthlib.oauth2.rfc6749 import errors

from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.composed import planned_once
from hienluong.foundation.identity import limits

from . import devices, levels, proofs
from .authorising import LANGUAGES
from .keys import opened
from .models import PushedRequest, System
from .origins import open_to_applications
from .scopes import SCOPES
from .server import server
from .texts import without_nul

#: How long a pushed request may be used, in seconds: the person may have to sign in first.
PUSHED_LASTS = 600
#: Refusals of one address in a minute at the token endpoint; who guesses is stopped, who works for many people is not.
REFUSALS_A_MINUTE = 120
#: Devices of one address that may begin in a minute: many kiosks of one office share one.
DEVICES_A_MINUTE = 60
GRANTS = ("authorization_code", "refresh_token", "client_credentials", devices.GRANT)
_PUSHED = "urn:ietf:params:oauth:request_uri:"


@never_cache
@csrf_exempt
@open_to_applications
@sensitive_post_parameters("client_secret", "refresh_token", "code", "client_assertion")
@require_POST
@without_nul
@planned_once()
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code, a refresh token, or a system's own proof for tokens."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    door = proofs.knock(request, limits.window("sso.refused", address, seconds=60))
    refusals = door.refusals if door is not None else limits.so_far("sso.refused", address, seconds=60)
    if refusals >= REFUSALS_A_MINUTE:
        return _fault("temporarily_unavailable", "Too many requests.", 429)
    response = _exchanged(request)
    if response.status_code >= 400 and not devices.is_waiting(response):
        limits.too_many("sso.refused", address, limit=REFUSALS_A_MINUTE, seconds=60)
    return response


def _exchanged(request: HttpRequest) -> HttpResponse:
    if (twice := _twice(request)) is not None:
        return twice
    if request.POST.get("grant_type") not in GRANTS:
        return _fault("unsupported_grant_type", "The grant type is missing or not supported.", 400)
    # What a system is given for itself is one row: there is nothing to keep together.
    with nullcontext() if request.POST["grant_type"] == "client_credentials" else transaction.atomic():
        try:
            get_validator_context().requested_resources = get_resources(request)
            return _sent(*server().create_token_response(*extract_params(request)))
        except ValidationError:
            return _fault("invalid_target", "The requested resource is not a valid address.", 400)
        except errors.OAuth2Error as error:
            return _fault(error.error, error.description, error.status_code)


@never_cache
@csrf_exempt
@open_to_applications
@require_http_methods(["GET", "POST"])
@without_nul
@planned_once()
def userinfo(request: HttpRequest) -> HttpResponse:
    """What the system may know about the person of an access token."""
    try:
        response = _sent(*server().create_userinfo_response(*extract_params(request)))
        if response.status_code == 200:
            _write_down(request, json.loads(response.content))
        return response
    except errors.OAuth2Error as error:
        response = _fault(error.error, error.description, error.status_code)
        response["WWW-Authenticate"] = f'Bearer error="{error.error}"'
        return response


@never_cache
@csrf_exempt
@require_POST
@without_nul
def introspect(request: HttpRequest) -> HttpResponse:
    """Whether a token is still good (RFC 7662), for systems that cannot read JWTs."""
    return _sent(*server().create_introspect_response(*extract_params(request)))


@never_cache
@csrf_exempt
@open_to_applications
@require_POST
@without_nul
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token (RFC 7009)."""
    return _sent(*server().create_revocation_response(*extract_params(request)))


@never_cache
@csrf_exempt
@require_POST
@without_nul
def push(request: HttpRequest) -> HttpResponse:
    """Take an authorisation request from the system itself, unseen by the browser (RFC 9126)."""
    client = proofs.proven(request)
    if client is None:
        return _fault("invalid_client", "The client could not be authenticated.", 401)
    if "request_uri" in request.POST:
        return _fault("invalid_request", "A pushed request cannot name another.", 400)
    away = ("client_secret", "client_assertion", "client_assertion_type", "client_id")
    params = {name: str(value) for name, value in request.POST.items() if name not in away}
    uri = f"{request.build_absolute_uri(reverse('sso:authorize'))}?" + _query({**params, "client_id": client.pk})
    try:
        server().validate_authorization_request(uri, "GET", "", {})
    except errors.OAuth2Error as error:
        if error.error not in ("login_required", "consent_required"):  # what depends on the person comes later
            return _fault(error.error, error.description, 400)
    reference = secrets.token_urlsafe(32)
    until = timezone.now() + timedelta(seconds=PUSHED_LASTS)
    PushedRequest.objects.create(reference=reference, client=client, params=params, expires_at=until)
    return JsonResponse({"request_uri": f"{_PUSHED}{reference}", "expires_in": PUSHED_LASTS}, status=201)


@never_cache
@csrf_exempt
@sensitive_post_parameters("client_secret", "client_assertion")
@require_POST
@without_nul
def device(request: HttpRequest) -> HttpResponse:
    """Give a device that has no keyboard of its own a code, which its person types in elsewhere (RFC 8628, 3.1)."""
    address = str(request.META.get("REMOTE_ADDR", ""))
    if limits.too_many("sso.device", address, limit=DEVICES_A_MINUTE, seconds=60):
        return _fault("temporarily_unavailable", "Too many requests.", 429)
    if (twice := _twice(request)) is not None:
        return twice
    client = proofs.proven(request)
    if client is None:
        return _fault("invalid_client", "The client could not be authenticated.", 401)
    if devices.GRANT not in client.get_grant_types():
        return _fault("unauthorized_client", "The client is not registered for devices.", 400)
    scopes = request.POST.get("scope", "").split() or ["openid"]
    if not set(scopes) <= set(client.get_scopes()):
        return _fault("invalid_scope", "The requested scope is not registered.", 400)
    try:
        resources = get_resources(request)
    except ValidationError:
        return _fault("invalid_target", "The requested resource is not a valid address.", 400)
    begun = devices.begin(client, scopes, resources, address)
    page = f"{get_adapter().get_issuer()}{reverse('sso:device_code')}"
    return JsonResponse(
        {
            "device_code": begun.device,
            "user_code": begun.code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?{urlencode({'ma': begun.code})}",
            "expires_in": int(devices.LASTS.total_seconds()),
            "interval": devices.INTERVAL,
        }
    )


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The public keys: the one that signs, the next, and those of tokens that are still good."""
    adapter = get_adapter()
    keys = [{**opened(key.pem)[0], "use": "sig", "alg": "RS256"} for key in adapter.list_private_keys(is_active=True)]
    response = JsonResponse({"keys": keys})
    response["Access-Control-Allow-Origin"] = "*"
    response["Cache-Control"] = f"public, max-age={adapter.get_jwks_cache_control()}, must-revalidate"
    return response


@require_safe
def configuration(request: HttpRequest) -> HttpResponse:
    """What this provider can do, for machines (OpenID Connect Discovery 1.0; RFC 8414)."""
    issuer = get_adapter().get_issuer()

    def at(name: str) -> str:
        return f"{issuer}{reverse(f'sso:{name}')}"

    proof_ways = [str(each) for each in System.Proof.values]
    data: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "introspection_endpoint": at("introspect"),
        "revocation_endpoint": at("revoke"),
        "pushed_authorization_request_endpoint": at("push"),
        "device_authorization_endpoint": at("device"),
        "end_session_endpoint": at("logout"),
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "authorization_response_iss_parameter_supported": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": proof_ways,
        "token_endpoint_auth_signing_alg_values_supported": proofs.ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": [way for way in proof_ways if way != "none"],
        "revocation_endpoint_auth_methods_supported": proof_ways,
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": list(SCOPES),
        "acr_values_supported": list(levels.ACR.values()),
        "prompt_values_supported": ["none", "login", "consent"],
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "sid"),
            *("name", "preferred_username", "locale", "email", "email_verified", "phone_number"),
            *("phone_number_verified", "address", "birthdate", "personal_id", "organisations", "represents"),
        ],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "ui_locales_supported": list(LANGUAGES),
    }
    response = JsonResponse(data)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _write_down(request: HttpRequest, told: dict[str, Any]) -> None:
    """That a system read personal data, for the person to see (Law 91/2025/QH15)."""
    token = get_validator_context().access_token
    if token is None or token.user is None or token.user.party_id is None or not set(told) - {"sub"}:
        return
    system = token.client.system
    log_read(
        party_id=token.user.party_id,
        actor_id=None,
        actor_label=token.client.name,
        organization_id=system.owner_id,
        fields=sorted(set(told) - {"sub"}),
        purpose=system.purpose,
        ip=str(request.META.get("REMOTE_ADDR", "")),
    )


def _sent(headers: dict[str, str], body: Any, status: int) -> HttpResponse:
    response: HttpResponse = convert_response(headers, body, status)
    return response


def _twice(request: HttpRequest) -> HttpResponse | None:
    """RFC 6749, 3.2: no parameter more than once."""
    for name in request.POST:
        if name != "resource" and len(request.POST.getlist(name)) > 1:
            return _fault("invalid_request", f"Duplicate parameter: {name[:40]}.", 400)
    return None


def _fault(error: str, description: str, status: int) -> JsonResponse:
    response = JsonResponse({"error": error, "error_description": description}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _query(params: dict[str, str]) -> str:
    return urlencode(params)
