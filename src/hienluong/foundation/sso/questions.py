"""What the endpoints ask the database at each request, put into words once (:mod:`hienluong.foundation.composed`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Q, QuerySet, Subquery
from django.db.models.functions import JSONArray
from django.utils import timezone

from hienluong.foundation.composed import Composed
from hienluong.foundation.identity.models import RateWindow

from .models import Consent, SigningKey, Visit

#: What no text of the database can hold, so that asking for it is an error.
_NUL = "\0"


@dataclass(frozen=True)
class Door:
    """What the token endpoint knows of a request before it looks at it."""

    client: Client
    #: How many requests of its address were refused in this window.
    refusals: int
    #: Which signing keys there are, and until when: different when anything about them is.
    keys: list[Any]


def _clients_named(name: Any) -> QuerySet[Client]:
    named: QuerySet[Client] = Client.objects.select_related("system").filter(pk=name, system__disabled_at=None)
    return named.filter(system__client__isnull=False)


_clients = Composed(_clients_named)
_doors = Composed(
    lambda name, window: _clients_named(name).annotate(
        refusals=Subquery(RateWindow.objects.filter(key=window).values("count")),
        keys=ArraySubquery(
            SigningKey.objects.order_by("pk").values(state=JSONArray("kid", "signs_from", "published_until"))
        ),
    )
)
_held = Composed(
    lambda kind, hashed, now: Token.objects.filter(_good(now), type=kind, hash=hashed).select_related(
        "client__system", "user__subject"
    )
)
_locked = Composed(
    lambda kind, hashed, client, now: (
        Token.objects.filter(_good(now), type=kind, hash=hashed, client_id=client)
        .select_related("user__subject")
        .select_for_update(of=("self",))
    )
)
_consents = Composed(
    lambda account, client: Consent.objects.filter(account_id=account, client_id=client, withdrawn_at=None)
)
_visits = Composed(lambda session, client: Visit.objects.filter(session=session, client_id=client))
_keys = Composed(
    lambda now: SigningKey.objects.filter(Q(published_until=None) | Q(published_until__gt=now)).order_by("signs_from")
)


def _good(now: Any) -> Q:
    return Q(expires_at=None) | Q(expires_at__gt=now)


def client(name: str) -> Client | None:
    """A system that is registered and not disabled."""
    return _clients.first(name=name) if _NUL not in name else None


def door(name: str, window: str) -> Door | None:
    """The same, with the count of a window of :mod:`limits`, and how it stands with the keys: one question for three."""
    found: Any = _doors.first(name=name, window=window) if _NUL not in name else None
    return None if found is None else Door(found, found.refusals or 0, found.keys)


def access_token(value: str) -> Token | None:
    """An access token that is good, of an enabled system, with its client and its account."""
    hashed = get_adapter().hash_token(value)
    token = _held.first(kind=Token.Type.ACCESS_TOKEN.value, hashed=hashed, now=timezone.now())
    enabled = token is not None and token.client is not None and token.client.system.disabled_at is None
    return token if enabled else None


def locked(kind: Token.Type, value: str, client: str) -> Token | None:
    """A code or a refresh token that is good, for the system it was given to, with its account; locked."""
    hashed = get_adapter().hash_token(value)
    return _locked.first(kind=kind.value, hashed=hashed, client=client, now=timezone.now())


def consent(account: int, client: str) -> Consent | None:
    """The consent that is in force."""
    return _consents.first(account=account, client=client)


def visit(session: str, client: str) -> Visit | None:
    """That a session was carried on to a system before."""
    return _visits.first(session=session, client=client)


def keys() -> list[SigningKey]:
    """The keys to publish, in the order in which they sign."""
    return _keys.all(now=timezone.now())
