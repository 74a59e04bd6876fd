"""How a system proves at our endpoints that it is itself: only in the way it is registered with (RFC 6749, 7523, 8705)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import jwt
from allauth.core.internal import httpkit
from allauth.idp.oidc.models import Client
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from . import questions
from .models import System, UsedAssertion

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
#: The longest a system may make an assertion good for, in seconds.
LONGEST = 600
Proof = System.Proof
#: Where a request keeps what was asked of it at once.
DOOR = "sso_door"
#: Where a request keeps the digest of the certificate that it was proven with.
SHOWN = "sso_certificate"
#: What the kept form of a password begins with.
_DIGEST = "sha256$"


def knock(request: HttpRequest, window: str) -> questions.Door | None:
    """What is known of a request from the name it gives, kept with it for :func:`proven`; ``None``: of no system."""
    door = questions.door(_claimed(request), window)
    setattr(request, DOOR, door)
    return door


def proven(request: HttpRequest) -> Client | None:
    """The client that this request proves to come from; ``None`` when it proves none, or in another way than its own."""
    if hasattr(request, DOOR):
        door = getattr(request, DOOR)
        held = door.client if door is not None else None
    else:
        held = questions.client(_claimed(request))
    if held is None:
        return None
    system = held.system
    ways: dict[str, Any] = {
        Proof.BASIC: _by_basic,
        Proof.POST: _by_post,
        Proof.KEY: _by_key,
        Proof.CERTIFICATE: _by_certificate,
        Proof.NONE: _by_nothing,
    }
    return held if ways[system.proof](request, held, system) else None


def sealed(secret: str) -> str:
    """How a password of a system is kept. It has 256 random bits, so there is nothing to slow a guesser down for, and
    the slow hash that passwords of people need would be most of what a token costs."""
    return _DIGEST + hashlib.sha256(secret.encode()).hexdigest()


def _claimed(request: HttpRequest) -> str:
    """The client the request says it comes from."""
    name, _secret = httpkit.extract_basic_auth({"Authorization": request.headers.get("Authorization", "")})
    if name:
        return str(name)
    if told := request.POST.get("client_id", ""):
        return told
    try:
        unverified = jwt.decode(request.POST.get("client_assertion", ""), options={"verify_signature": False})
    except jwt.PyJWTError:
        return ""
    return str(unverified.get("sub", ""))


def _by_basic(request: HttpRequest, client: Client, system: System) -> bool:
    name, secret = httpkit.extract_basic_auth({"Authorization": request.headers.get("Authorization", "")})
    return name == client.pk and _right_secret(client, system, secret)


def _by_post(request: HttpRequest, client: Client, system: System) -> bool:
    if request.headers.get("Authorization"):  # RFC 6749, 2.3: one way in one request
        return False
    return _right_secret(client, system, request.POST.get("client_secret", ""))


def _right_secret(client: Client, system: System, secret: Any) -> bool:
    if not isinstance(secret, str) or not secret:
        return False
    if system.secret_until and system.secret_until < timezone.now():
        return False
    if client.secret.startswith(_DIGEST):
        return secrets.compare_digest(client.secret, sealed(secret))
    return bool(client.check_secret(secret))  # one of before


def _by_nothing(request: HttpRequest, client: Client, system: System) -> bool:
    """A public client proves nothing here; what it may do hangs on PKCE and on its redirect addresses."""
    return not request.headers.get("Authorization") and "client_secret" not in request.POST


def _by_key(request: HttpRequest, client: Client, system: System) -> bool:
    """RFC 7523, section 3: signed by a registered key, for us, of itself, short-lived, and shown once."""
    if request.POST.get("client_assertion_type") != ASSERTION:
        return False
    if system.keys_until and system.keys_until < timezone.now():
        return False
    assertion = request.POST.get("client_assertion", "")
    for key in _keys(system, assertion):
        try:
            claims = jwt.decode(
                assertion,
                key=key,
                algorithms=ALGORITHMS,
                audience=[settings.BASE_URL, request.build_absolute_uri(request.path)],
                issuer=client.pk,
                options={"require": ["exp", "iss", "sub", "aud", "jti"]},
                leeway=30,
            )
        except jwt.PyJWTError:
            continue
        soon = claims["exp"] - timezone.now().timestamp() <= LONGEST + 30
        return claims["sub"] == client.pk and soon and _first_time(client, str(claims["jti"]), int(claims["exp"]))
    return False


def _keys(system: System, assertion: str) -> list[Any]:
    """The registered keys that may have signed: the one named in the header, or all when none is named."""
    try:
        header = jwt.get_unverified_header(assertion)
        registered = jwt.PyJWKSet.from_dict(system.keys or {"keys": []}).keys
    except (jwt.PyJWTError, ValueError):
        return []
    named = header.get("kid")
    return [key.key for key in registered if named is None or key.key_id == named]


def _first_time(client: Client, jti: str, until: int) -> bool:
    if len(jti) > 200 or not jti.isprintable():
        return False
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client=client, jti=jti, expires_at=datetime.fromtimestamp(until, UTC))
    except IntegrityError:
        return False
    return True


def _by_certificate(request: HttpRequest, client: Client, system: System) -> bool:
    """RFC 8705, section 2.1: the proxy in front has verified the certificate and tells its subject.

    The header counts only from a trusted proxy that is said to write it (``ClientAddressMiddleware`` takes it away else).
    """
    told = request.headers.get("X-Client-Certificate-Subject", "")
    if not system.certificate_subject or told != system.certificate_subject:
        return False
    setattr(request, SHOWN, thumbprint(request))
    return True


def thumbprint(request: HttpRequest) -> str:
    """The digest (``x5t#S256`` of RFC 8705, 3.1) of the certificate that the proxy tells; empty where it tells none.

    It is told as nginx writes it (``$ssl_client_escaped_cert``): PEM, percent-encoded. Raises nothing.
    """
    text = unquote(request.headers.get("X-Client-Certificate", ""))[:20_000]
    try:
        shown = x509.load_pem_x509_certificate(text.encode())
    except ValueError:
        return ""
    return base64.urlsafe_b64encode(shown.fingerprint(hashes.SHA256())).rstrip(b"=").decode()


def keys_of(text: str) -> dict[str, Any]:
    """A JWK set that an engineer pasted in, with public keys only. ValueError says what is wrong with it."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    if isinstance(given, dict) and "kty" in given:
        given = {"keys": [given]}
    if not isinstance(given, dict) or not isinstance(given.get("keys"), list) or not given["keys"]:
        raise ValueError("no keys")
    if any(not isinstance(key, dict) or "d" in key or "k" in key for key in given["keys"]):
        raise ValueError("private")
    try:
        jwt.PyJWKSet.from_dict(given)
    except jwt.PyJWTError as error:
        raise ValueError(str(error)) from None
    return given
