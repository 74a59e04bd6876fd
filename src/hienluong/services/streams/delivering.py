"""Handing events to webhooks: in order for each key, again and again when they are not taken, lost never.

What was not taken becomes a row (:class:`.models.Undelivered`), and the later events of its key rows behind it. While an
address does not answer at all, only one event is tried at a time, after longer and longer pauses; the rest stays in the
stream.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from . import cloud, subscriptions
from .calling import Answer, Caller
from .models import Subscription, Undelivered
from .reading import Lost, Reader, Told, fits

#: How long to wait after the first, second … failure with an event; after the last it is given up (about two days).
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 2 * 60, 10 * 60, 30 * 60, *(hours * 3600 for hours in (1, 2, 4, 8, 12, 24)))
)
#: Seconds before an address that does not answer is tried again.
PAUSES = (1, 2, 5, 10, 30, 60)
BATCH = 100
#: Events of different keys that are under way at once to one webhook.
AT_ONCE = 8
#: Seconds to wait for something new before looking whether anything is due again.
LOOK = 1.0

logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What became of some events."""

    position: int
    taken: int = 0
    down: bool = False  # at the end nobody answered
    failed: list[tuple[Told, Answer]] = field(default_factory=list)
    behind: list[Told] = field(default_factory=list)  # not tried


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    """End tasks; one that missed that it was to end (as inside ``asyncio.wait_for`` of Python 3.11) is told again."""
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _done, waiting = await asyncio.wait(waiting, timeout=1)
    await asyncio.gather(*tasks, return_exceptions=True)


class Deliverer:
    """Serves all webhooks, each in a task of its own."""

    def __init__(self, connection: Any, js: Any, database: Any) -> None:
        self._connection, self._js, self._database = connection, js, database
        self._caller = Caller()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    async def look(self) -> None:
        """Begin to serve those that came into force, end with those that went."""
        wanted = await self._database(_webhooks)
        await ended([self._tasks.pop(pk) for pk in set(self._tasks) - wanted])
        for pk, task in list(self._tasks.items()):
            if task.done():
                del self._tasks[pk]
                if error := task.exception():
                    raise error
        for pk in wanted - set(self._tasks):
            self._tasks[pk] = asyncio.create_task(self._serve(pk))

    async def end(self) -> None:
        """Serve nobody any more."""
        await ended(list(self._tasks.values()))
        self._tasks.clear()
        await self._caller.end()

    async def _serve(self, pk: int) -> None:
        reader: Reader | None = None
        begun_at: tuple[Any, ...] = ()
        while (found := await self._database(_current, pk)) is not None:
            if (pause := _pause_of(found)) > 0:
                if reader is not None and pause > LOOK:  # it would be forgotten meanwhile
                    await reader.end()
                    reader = None
                await asyncio.sleep(min(pause, LOOK))
                continue
            if reader is not None and begun_at != _place(found):
                await reader.end()
                reader = None
            if reader is None:
                begins = {} if found.position is not None and not found.rewind else {"since": found.since}
                reader = await Reader.begin(self._connection, self._js, found.types, after=found.position, **begins)
            try:
                begun_at = await self.turn(found, reader)
            except Lost:
                if self._connection.is_closed:
                    raise
                reader = None
        if reader is not None:
            await reader.end()

    async def turn(self, found: Subscription, reader: Reader) -> tuple[Any, ...]:
        """Try what is due again, then what is new; where it got to, and since when it is told."""
        probing = found.failures > 0
        due = await self._database(_due, found.pk, 1 if probing else BATCH)
        for row in due:
            event = cloud.again(row.event) if row.attempts or row.failed_at else row.event
            await self._database(_count, row)
            answer = await self._caller.post(found.url, event)
            await self._database(_tried, found, row, answer)
            if answer.down:
                return _place(found)
            probing = False
        told = await reader.next(1 if probing else BATCH, 0.05 if due else LOOK)
        if told:
            outcome = await self._hand_over(found, told)
            await self._database(settle, found, outcome)
        return _place(found)

    async def _hand_over(self, found: Subscription, told: Sequence[Told]) -> Outcome:
        before = found.reached
        held = await self._database(_begin, found, told[-1].sequence)
        outcome = Outcome(told[-1].sequence)
        groups: dict[str, list[Told]] = {}
        for each in told:
            if fits(each.event, found.filters):
                groups.setdefault(each.key, []).append(each)
        free = asyncio.Semaphore(AT_ONCE)

        async def one(group: list[Told]) -> None:
            async with free:
                for place, each in enumerate(group):
                    if each.key in held or outcome.down:
                        outcome.behind.extend(group[place:])
                        return
                    event = cloud.again(each.event) if each.sequence <= before else each.event
                    answer = await self._caller.post(found.url, event)
                    if answer.taken:
                        outcome.taken += 1
                        continue
                    outcome.failed.append((each, answer))
                    outcome.behind.extend(group[place + 1 :])
                    outcome.down = outcome.down or answer.down
                    return

        await asyncio.gather(*map(one, groups.values()))
        return outcome


def _webhooks() -> set[int]:
    return set(subscriptions.in_force(Subscription.Way.WEBHOOK).values_list("pk", flat=True))


def _current(pk: int) -> Subscription | None:
    return subscriptions.in_force(Subscription.Way.WEBHOOK).filter(pk=pk).first()


def _place(found: Subscription) -> tuple[Any, ...]:
    return (found.position, found.since, found.rewind)


def _pause_of(found: Subscription) -> float:
    if found.paused_until is None:
        return 0.0
    return (found.paused_until - timezone.now()).total_seconds()


def _in_turn(pk: int) -> QuerySet[Undelivered]:
    """The first row of each key, but not those that a person must decide about."""
    earlier = Undelivered.objects.filter(
        subscription=OuterRef("subscription"), key=OuterRef("key"), sequence__lt=OuterRef("sequence")
    )
    return Undelivered.objects.filter(~Exists(earlier), subscription=pk, given_up_at=None).order_by("sequence")


def _due(pk: int, most: int) -> list[Undelivered]:
    return list(_in_turn(pk).filter(next_try_at__lte=timezone.now())[:most])


def _count(row: Undelivered) -> None:
    """Before it is sent: so that after a kill it is known that it may be there already."""
    row.attempts += 1
    Undelivered.objects.filter(pk=row.pk).update(attempts=row.attempts)


@transaction.atomic
def _tried(found: Subscription, row: Undelivered, answer: Answer) -> None:
    """Write down what became of a row; somebody may have let it go meanwhile."""
    if answer.taken:
        Undelivered.objects.filter(pk=row.pk).delete()
        _answered(found)
        return
    Undelivered.objects.filter(pk=row.pk).update(**_failure(row.attempts, answer))
    if answer.down:
        _silent(found)


def _failure(attempts: int, answer: Answer) -> dict[str, Any]:
    """The columns of a row that failed so many times."""
    now = timezone.now()
    given_up = attempts > len(WAITS)
    wait = timedelta() if given_up else WAITS[attempts - 1]
    return {
        "failed_at": now,
        "error": answer.words[:300].replace("\x00", ""),
        "next_try_at": now + wait,
        "given_up_at": now if given_up else None,
    }


def _begin(found: Subscription, last: int) -> frozenset[str]:
    """Before anything is sent: how far it is tried, so that after a kill what comes again is known; the keys held."""
    if last > found.reached:
        found.reached = last
        Subscription.objects.filter(pk=found.pk).update(reached=last)
    return frozenset(Undelivered.objects.filter(subscription=found.pk).values_list("key", flat=True))


@transaction.atomic
def settle(found: Subscription, outcome: Outcome) -> None:
    """Write down what became of new events: what was not taken as rows, how far it got.

    A replay that was asked for meanwhile begins where it was asked to; what is written here is told again there.
    """
    now = timezone.now()
    locked = Subscription.objects.select_for_update().get(pk=found.pk)
    if _place(locked) == _place(found):
        rows = [
            Undelivered(
                subscription_id=found.pk,
                sequence=each.sequence,
                key=each.key,
                event=each.event,
                attempts=1,
                **_failure(1, answer),
            )
            for each, answer in outcome.failed
        ]
        rows += [
            Undelivered(
                subscription_id=found.pk, sequence=each.sequence, key=each.key, event=each.event, next_try_at=now
            )
            for each in outcome.behind
        ]
        Undelivered.objects.bulk_create(rows, ignore_conflicts=True)
        found.position, found.rewind = outcome.position, False
        Subscription.objects.filter(pk=found.pk).update(position=outcome.position, rewind=False)
    if outcome.down:
        _silent(found)
    elif outcome.taken or outcome.failed:
        _answered(found)
    if outcome.taken:
        Subscription.objects.filter(pk=found.pk).update(told_at=now)


def _answered(found: Subscription) -> None:
    """Somebody is there: what waited because nobody was is tried now."""
    if found.failures:
        found.failures, found.paused_until = 0, None
        Subscription.objects.filter(pk=found.pk).update(failures=0, failed_at=None, paused_until=None)
        Undelivered.objects.filter(subscription=found.pk, given_up_at=None).update(next_try_at=timezone.now())


def _silent(found: Subscription) -> None:
    now: datetime = timezone.now()
    pause = PAUSES[min(found.failures, len(PAUSES) - 1)]
    found.failures += 1
    found.failed_at = found.failed_at or now
    found.paused_until = now + timedelta(seconds=pause)
    if found.failures == 1:
        logger.warning("the webhook of %s does not answer; its events wait", found.code)
    Subscription.objects.filter(pk=found.pk).update(
        failures=found.failures, failed_at=found.failed_at, paused_until=found.paused_until
    )
