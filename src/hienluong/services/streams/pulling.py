"""Events for a system that comes and takes them over HTTPS: a page of them after a number, or since a day."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from nats.errors import Error as NatsError

from hienluong.foundation.actions import DomainError

from . import cloud, connecting
from .models import Subscription
from .reading import Reader, Told, fits
from .subscriptions import beginning

#: Events that are looked at for one page: of those that the filter leaves out, too.
MOST_LOOKED_AT = 2000
#: Seconds to wait for the server's next events when it has some.
PATIENCE = 2.0


class Away(DomainError):
    """The event server cannot be reached now; nothing is lost."""

    code = "streams.away"
    status = 503


@dataclass(frozen=True)
class Page:
    """Events as they are told, in their order; `after` asks for what follows, `more` says that something does."""

    items: list[dict[str, Any]]
    after: int
    more: bool


def read(found: Subscription, *, after: int | None, since: date | None, size: int) -> Page:
    """The events after a number (what an earlier page ended with), else since a day, else since the approval.

    Those that were given before are marked. Raises Away.
    """
    if not connecting.is_there():
        raise Away(_("Máy chủ sự kiện chưa chạy. Hãy thử lại sau."))
    begins = {"after": after} if after is not None else {"since": beginning(since) if since else found.since}
    try:
        looked_at, more = asyncio.run(_look(found, begins, size))
    except (NatsError, OSError, TimeoutError) as error:
        raise Away(_("Máy chủ sự kiện chưa chạy. Hãy thử lại sau.")) from error
    items = [
        cloud.again(each.event) if each.sequence <= found.reached else each.event
        for each in looked_at
        if fits(each.event, found.filters)
    ]
    last = looked_at[-1].sequence if looked_at else after or 0
    now = timezone.now()
    Subscription.objects.filter(pk=found.pk).update(
        reached=max(found.reached, last), position=max(found.position or 0, last), told_at=now
    )
    return Page(items, last, more)


async def _look(found: Subscription, begins: dict[str, Any], size: int) -> tuple[list[Told], bool]:
    """Events until `size` of them fit, and whether there are more."""
    server = await connecting.connect()
    try:
        reader = await Reader.begin(server, server.jetstream(), found.types, **begins)
        waiting = await reader.waiting()
        looked_at: list[Told] = []
        fitting = 0
        while len(looked_at) < min(waiting, MOST_LOOKED_AT) and fitting < size:
            told = await reader.next(size - fitting, PATIENCE)
            if not told:
                break
            looked_at += told
            fitting += sum(fits(each.event, found.filters) for each in told)
        await reader.end()
        return looked_at, waiting > len(looked_at)
    finally:
        await server.close()
