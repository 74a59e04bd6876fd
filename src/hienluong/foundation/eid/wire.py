"""What is said to a provider over HTTP: what it is, its keys, a code for tokens, who somebody is.

Each answer is read with limits of time and size, and no redirect is followed.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from .configured import ENDPOINTS, Provider, is_safe

#: Seconds to wait for an answer: somebody is waiting for the page.
PATIENCE = 8.0
#: Largest answer that is read, in bytes.
MOST = 256 * 1024
#: How long what a provider says about itself, and its keys, are taken as said, in seconds.
KEEP = 3600.0
#: Between two readings of the keys because of one that is unknown, in seconds.
BETWEEN = 30.0


class Away(Exception):
    """The provider does not answer as it should: nobody's fault who wants to sign in. The text holds no personal data.

    `told` is true when only the browser of who came back says so.
    """

    def __init__(self, fault: str, *, told: bool = False) -> None:
        super().__init__(fault)
        self.told = told


class NotTaken(Exception):
    """The provider understood and did not take the code (RFC 6749, 5.2); the text is its error code."""


@dataclass(frozen=True)
class Endpoints:
    """Where a provider is asked."""

    authorization: str
    token: str
    userinfo: str
    jwks: str
    names_itself: bool  # answers carry ``iss`` (RFC 9207)


_lock = threading.Lock()
_described: dict[tuple[str, str], tuple[float, Endpoints]] = {}
_keys: dict[str, tuple[float, list[dict[str, Any]]]] = {}
_read_again: dict[str, float] = {}


def forget() -> None:
    """Forget what providers have said."""
    with _lock:
        _described.clear()
        _keys.clear()
        _read_again.clear()


def endpoints(provider: Provider, *, now: bool = False) -> Endpoints:
    """The provider's endpoints: configured, else as it describes itself. With `now` it is asked whatever was said before."""
    if provider.is_told_all:
        return _endpoints({name: getattr(provider, name) for name in ENDPOINTS})
    known = _described.get((provider.issuer, provider.discovery_address))
    if known and not now and time.monotonic() - known[0] < KEEP:
        return known[1]
    said = _read("GET", provider.discovery_address)
    if said.get("issuer") != provider.issuer:  # Discovery 1.0, 4.3
        raise Away("issuer of discovery differs")
    configured = {name: getattr(provider, name) for name in ENDPOINTS if getattr(provider, name)}
    found = _endpoints({**said, **configured})
    with _lock:
        _described[provider.issuer, provider.discovery_address] = (time.monotonic(), found)
    return found


def _endpoints(said: dict[str, Any]) -> Endpoints:
    for name in ENDPOINTS:
        address = said.get(name) or ""
        needed = name != "userinfo_endpoint"
        if (needed or address) and not (isinstance(address, str) and is_safe(address)):
            raise Away(f"{name} is not an https address")
    return Endpoints(
        said["authorization_endpoint"],
        said["token_endpoint"],
        said.get("userinfo_endpoint") or "",
        said["jwks_uri"],
        said.get("authorization_response_iss_parameter_supported") is True,
    )


def keys(where: Endpoints, *, now: bool = False) -> list[dict[str, Any]]:
    """The provider's published keys; with `now` it is asked whatever it said before."""
    known = _keys.get(where.jwks)
    if known and not now and time.monotonic() - known[0] < KEEP:
        return known[1]
    return _keys_now(where)


def keys_again(where: Endpoints) -> list[dict[str, Any]]:
    """The keys, read once more because one was not among them; at most once in half a minute, else those known."""
    with _lock:
        last = _read_again.get(where.jwks)
        soon = last is not None and time.monotonic() - last < BETWEEN
        if not soon:
            _read_again[where.jwks] = time.monotonic()
    return keys(where) if soon else _keys_now(where)


def _keys_now(where: Endpoints) -> list[dict[str, Any]]:
    said = _read("GET", where.jwks).get("keys")
    if not isinstance(said, list):
        raise Away("no keys")
    found = [key for key in said if isinstance(key, dict)]
    with _lock:
        _keys[where.jwks] = (time.monotonic(), found)
    return found


def exchange(provider: Provider, where: Endpoints, *, code: str, verifier: str, back: str) -> dict[str, Any]:
    """The tokens for a code. Raises :class:`NotTaken` for a code that is used, old or another's, else :class:`Away`."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    basic = provider.proof == "client_secret_basic"
    if not basic:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    said = _read("POST", where.token, data=form, auth=_basic(provider) if basic else None, refusals=True)
    if error := said.get("error"):
        if error == "invalid_grant":
            raise NotTaken("invalid_grant")
        raise Away(f"token endpoint: {str(error)[:60]}")
    if str(said.get("token_type", "")).lower() != "bearer" or not isinstance(said.get("access_token"), str):
        raise Away("token endpoint: no bearer token")
    return said


def userinfo(where: Endpoints, access_token: str) -> dict[str, Any]:
    """What the provider says of the person."""
    return _read("GET", where.userinfo, headers={"Authorization": f"Bearer {access_token}"})


def _basic(provider: Provider) -> tuple[str, str]:
    """Name and secret as RFC 6749, 2.3.1, wants them: encoded as in a form before they are joined."""
    from urllib.parse import quote_plus

    return quote_plus(provider.client_id), quote_plus(provider.client_secret)


@cache
def _authorities() -> ssl.SSLContext:
    """The authorities that this machine trusts (``SSL_CERT_FILE`` adds to them)."""
    return ssl.create_default_context()


def _read(method: str, address: str, *, refusals: bool = False, **more: Any) -> dict[str, Any]:
    """One answer, a JSON object; with `refusals` also what comes with 400 and 401."""
    import httpx  # loads a command line of its own, so only who calls out pays for it

    try:
        with (
            httpx.Client(timeout=PATIENCE, trust_env=False, verify=_authorities()) as client,
            client.stream(method, address, **more) as answer,
        ):
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > MOST:
                    raise Away("too long an answer")
            status = answer.status_code
    except httpx.HTTPError as error:
        raise Away(type(error).__name__) from error
    if status != 200 and not (refusals and status in (400, 401)):
        raise Away(f"HTTP {status}")
    try:
        said = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Away(f"HTTP {status}, not JSON") from error
    if not isinstance(said, dict):
        raise Away("not an object")
    return said
