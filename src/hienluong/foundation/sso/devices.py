"""Signing in at a counter or kiosk with one's own phone (RFC 8628): a code for the device, a code for the person.

allauth keeps these in the cache, where two polls at the same moment get tokens twice, and takes public clients only. Ours
are rows: a request is answered once, turns into tokens once, and any registered system may use it in its own way of
proving itself.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client
from django.http import HttpResponse
from django.utils import timezone
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant

from hienluong.foundation.people.protected import blind_index

from .models import DeviceRequest

GRANT = str(Client.GrantType.DEVICE_CODE)
#: How long the codes are good for.
LASTS = timedelta(minutes=10)
#: Seconds between two polls; each that comes too soon adds as many (RFC 8628, 3.5).
INTERVAL = 5
#: Consonants: what is typed from a screen makes no words and has no letter that looks like a digit (RFC 8628, 6.1).
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_LENGTH = 8
#: What a device is told that has only to go on asking.
_GO_ON = (DeviceCodeGrant.DEVICE_CODE_PENDING, DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN)


@dataclass(frozen=True)
class Begun:
    """What a device is given: the code it polls with, and the code it shows, in two halves."""

    device: str
    code: str


def begin(client: Client, scopes: list[str], resources: list[str], address: str) -> Begun:
    """Two new codes for a device of this system."""
    now = timezone.now()
    begun = Begun(secrets.token_urlsafe(32), _new_code())
    DeviceRequest.objects.create(
        device=get_adapter().hash_token(begun.device),
        code=index(begun.code),
        client=client,
        scopes=scopes,
        resources=resources,
        address=address or None,
        asked_at=now,
        expires_at=now + LASTS,
        interval=INTERVAL,
    )
    return begun


def poll(client: str, device: str) -> tuple[str | None, DeviceRequest | None]:
    """What to tell a device that asks (a status of oauthlib; None: no such code), and the request once it may have tokens.

    Within a transaction. A request that was answered is gone afterwards: what it gives, it gives once.
    """
    held = (
        DeviceRequest.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(device=get_adapter().hash_token(device), client=client)
        .first()
    )
    now = timezone.now()
    if held is None:
        return None, None
    if held.expires_at <= now:
        return DeviceCodeGrant.DEVICE_CODE_EXPIRED, None
    if held.polled_at and now < held.polled_at + timedelta(seconds=held.interval):
        held.interval = min(held.interval + INTERVAL, int(LASTS.total_seconds()))
        held.polled_at = now
        held.save(update_fields=["interval", "polled_at"])
        return DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN, None
    if held.state == DeviceRequest.State.WAITING:
        held.polled_at = now
        held.save(update_fields=["polled_at"])
        return DeviceCodeGrant.DEVICE_CODE_PENDING, None
    held.delete()
    allowed = held.state == DeviceRequest.State.GRANTED and held.account is not None and held.account.is_active
    return (DeviceCodeGrant.DEVICE_CODE_AUTHORIZED, held) if allowed else (DeviceCodeGrant.DEVICE_CODE_DENIED, None)


def waiting(code: str) -> DeviceRequest | None:
    """The request that waits for an answer under a code, as people type it."""
    found = DeviceRequest.objects.select_related("client__system__owner").filter(
        code=index(code), state=DeviceRequest.State.WAITING, expires_at__gt=timezone.now()
    )
    return found.filter(client__system__disabled_at=None).first()


def tidy(code: str) -> str:
    """A code as it is shown: capitals in two halves, whatever else was typed left out."""
    letters = "".join(sign for sign in code.upper() if sign in LETTERS)
    return f"{letters[: _LENGTH // 2]}-{letters[_LENGTH // 2 :]}"


def index(code: str) -> str:
    """How a code is kept: a keyed hash, so that who reads the table cannot answer for anybody."""
    return blind_index(f"thiet-bi {tidy(code)}")


def is_waiting(response: HttpResponse) -> bool:
    """Whether an answer of the token endpoint only tells a device to go on asking: no sign of guessing."""
    try:
        return json.loads(response.content).get("error") in _GO_ON
    except (ValueError, AttributeError):
        return False


def _new_code() -> str:
    return tidy("".join(secrets.choice(LETTERS) for _ in range(_LENGTH)))
