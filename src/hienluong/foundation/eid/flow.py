"""From the button to the person: what is kept in the session meanwhile, and what comes back (OpenID Connect Core, 3.1).

Code flow with PKCE, state and nonce; each state is good once, for ten minutes, in the browser and for the provider it was
made for.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from . import tokens, wire
from .claims import Person, person_of
from .configured import Provider
from .refusals import Refused

_KEPT = "eid_begun"
#: How long somebody may take at the provider, in seconds.
LASTS = 600
#: Sign-ins that one browser may have begun at once, in several tabs.
MOST = 5
#: Errors of a provider that are its own trouble (RFC 6749, 4.1.2.1).
_TROUBLE = ("server_error", "temporarily_unavailable")


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun. `purpose`: ``enter``, ``link`` or ``confirm``; `account`: whose, for the last two."""

    provider: str
    purpose: str
    nonce: str
    verifier: str
    address: str
    at: float
    account: int = 0


def back(provider: Provider) -> str:
    """The address that the provider has registered for us."""
    return f"{settings.BASE_URL}{reverse('eid:back', args=[provider.key])}"


def begin(request: HttpRequest, provider: Provider, purpose: str, address: str) -> str:
    """Keep what must match later, and return the provider's address to go to. Raises :class:`wire.Away`."""
    where = wire.endpoints(provider)
    account = int(request.user.pk) if request.user.is_authenticated else 0
    begun = Begun(
        provider.key, purpose, secrets.token_urlsafe(32), secrets.token_urlsafe(48), address, time.time(), account
    )
    state = secrets.token_urlsafe(32)
    kept = _kept(request)
    newest = sorted(kept.items(), key=lambda item: float(item[1]["at"]))[-(MOST - 1) :]
    request.session[_KEPT] = {**dict(newest), state: asdict(begun)}
    digest = hashlib.sha256(begun.verifier.encode()).digest()
    params = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back(provider),
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": begun.nonce,
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    if provider.acr_values:
        params["acr_values"] = provider.acr_values
    if purpose == "confirm":
        params |= {"prompt": "login", "max_age": "0"}
    return f"{where.authorization}{'&' if '?' in where.authorization else '?'}{urlencode(params)}"


def take(request: HttpRequest, provider: Provider) -> Begun:
    """What was begun under the state that came back; it cannot be taken again. Raises :class:`Refused`."""
    kept = _kept(request)
    found = kept.pop(request.GET.get("state", ""), None)
    if found is None:
        raise Refused("unknown_state")
    request.session[_KEPT] = kept
    request.session.save()  # at once: the provider is asked before this request ends
    begun = Begun(**found)
    if begun.provider != provider.key:
        raise Refused("unknown_state", "other provider")
    if begun.account != (request.user.pk or 0) and begun.purpose != "enter":
        raise Refused("unknown_state", "other account")
    return begun


def finish(provider: Provider, begun: Begun, answer: Mapping[str, str]) -> Person:
    """Who came back. Raises :class:`Refused` or :class:`wire.Away`."""
    where = wire.endpoints(provider)
    named = answer.get("iss")
    if named != provider.issuer and (named is not None or where.names_itself):  # RFC 9207
        raise Refused("issuer", "answer")
    if said := answer.get("error"):
        if said in _TROUBLE:
            raise wire.Away(said, told=True)
        raise Refused("cancelled" if said == "access_denied" else "not_given", said[:60])
    try:
        told = wire.exchange(provider, where, code=answer.get("code", ""), verifier=begun.verifier, back=back(provider))
    except wire.NotTaken as error:
        raise Refused("code_refused", str(error)) from error
    access = told["access_token"]
    token = tokens.verified(provider, where, told.get("id_token"), nonce=begun.nonce, access_token=access)
    info = wire.userinfo(where, access) if where.userinfo else {}
    if info and info.get("sub") != token["sub"]:  # Core, 5.3.2
        raise Refused("subject")
    person = person_of(provider, token, info)
    if begun.purpose == "confirm" and person.authenticated_at < begun.at - tokens.LEEWAY:
        raise Refused("not_fresh")
    return person


def _kept(request: HttpRequest) -> dict[str, dict[str, Any]]:
    """What was begun in this browser and is not too old."""
    found = request.session.get(_KEPT) or {}
    young = time.time() - LASTS
    return {state: each for state, each in found.items() if float(each["at"]) > young}
