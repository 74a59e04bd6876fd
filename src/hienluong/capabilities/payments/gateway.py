"""A payment gateway by redirect: we send the person over with a signed address, the gateway sends them back signed.

What the person brings back says where they have been, never that money came: that is told by the gateway's own notice,
or by its answer when it is asked. Amounts are whole đồng.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlencode

from django.conf import settings
from django.utils.crypto import get_random_string

from . import actions, doors
from .models import Charge, Notice
from .notices import fault, read, signature

KEY = "gateway"


def is_open() -> bool:
    """Whether there is a gateway to send people to."""
    return doors.has_door(KEY)


def checkout_url(charge: Charge, back: str) -> str:
    """Where to send the person: the charge, its amount and where to come back to, signed; good for five minutes."""
    asked = {"so": charge.reference, "tien": str(charge.amount), "ve": back, "luc": str(int(time.time()))}
    asked["ky"] = _signed(asked)
    return f"{settings.PAYMENT_DOORS[KEY]}?{urlencode(asked)}"


def _signed(words: Mapping[str, str]) -> str:
    return signature(
        settings.PAYMENT_SECRETS[KEY], words["luc"], words["so"], urlencode(sorted(words.items())).encode()
    )


def outcome(charge: Charge, brought: Mapping[str, str]) -> str:
    """What the gateway signed about this charge: ``paid`` or ``cancelled``; empty when it cannot be believed."""
    words = {name: brought.get(name, "") for name in ("so", "ket-qua", "luc")}
    body = urlencode(sorted(words.items())).encode()
    wrong = fault(settings.PAYMENT_SECRETS[KEY], words["luc"], words["so"], body, brought.get("ky", ""))
    if wrong or words["so"] != charge.reference or words["ket-qua"] not in ("paid", "cancelled"):
        return ""
    return words["ket-qua"]


def ask(charge: Charge) -> Notice | None:
    """Ask the gateway itself what became of a charge; what it says counts as a notice. None when nothing was paid.

    Raises :class:`doors.Away`.
    """
    told = doors.ask(KEY, "/api/checkout", {"number": charge.reference})
    if told.get("status") != "paid":
        return None
    try:
        said = read(told)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise doors.Away("answer: malformed") from error
    return actions.take_notice(
        actions.channel(KEY), provider=KEY, raw=str(told)[:2000], nonce=get_random_string(32), **said
    )
