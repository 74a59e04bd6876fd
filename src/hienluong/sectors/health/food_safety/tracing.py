"""Where a batch came from and where it went: a walk over shipments, one step back, one step on (Luật 55/2010/QH12, Điều 54).

A shipment goes on where its receiver sends the same batch, or one made from it. The walk is a recursive statement over sets:
circles end by themselves, and no more than :data:`MOST` shipments are followed.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone

from hienluong.capabilities.registers.models import Register
from hienluong.capabilities.registers.queries import as_of

#: A trace follows at most this many shipments; more is said, and the batch must be asked for closer to where it is.
MOST = 1000

_ON = "next.data ->> 'supplier' = here.receiver AND here.batch IN (next.data ->> 'batch', next.data ->> 'made_from')"
_BACK = "next.data ->> 'receiver' = here.supplier AND next.data ->> 'batch' IN (here.batch, here.made_from)"
_WALK = """
WITH RECURSIVE standing AS NOT MATERIALIZED (
    SELECT record_id, data FROM registers_version
     WHERE register_id = %(register)s AND upper_inf(known) AND valid @> %(now)s
), reached(record_id, batch, made_from, supplier, receiver) AS (
    SELECT record_id, data ->> 'batch', data ->> 'made_from', data ->> 'supplier', data ->> 'receiver' FROM standing
     WHERE {start}
    UNION
    SELECT next.record_id, next.data ->> 'batch', next.data ->> 'made_from', next.data ->> 'supplier',
           next.data ->> 'receiver'
      FROM reached here JOIN standing next ON {step}
)
SELECT standing.record_id, standing.data FROM (SELECT record_id FROM reached LIMIT %(most)s) AS found
  JOIN standing USING (record_id)
"""
_FORWARD = _WALK.format(start="%(batch)s IN (data ->> 'batch', data ->> 'made_from')", step=_ON)
_BACKWARD = _WALK.format(start="data ->> 'batch' = %(batch)s", step=_BACK)


@dataclass(frozen=True)
class Step:
    """A shipment of a trace, and how many hands away it is from where the walk begins: onward from the first shipment of the
    batch that was asked for, back from its last one (0)."""

    distance: int
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Trace:
    """Both ways of a batch; `cut` says that there are more shipments than were followed."""

    onward: tuple[Step, ...]
    back: tuple[Step, ...]
    cut: bool

    @property
    def holders(self) -> list[str]:
        """Who received it, or something made from it, in the order in which it reached them."""
        return list(dict.fromkeys(str(step.data.get("receiver")) for step in self.onward))

    @property
    def sources(self) -> list[str]:
        """Who supplied it, or what it was made from; the nearest first."""
        return list(dict.fromkeys(str(step.data.get("supplier")) for step in self.back))


def trace(register: Register, batch: str) -> Trace:
    """Follow a batch through the shipments that are known now, onward and back; two statements."""
    onward, back = _walk(_FORWARD, register, batch), _walk(_BACKWARD, register, batch)
    cut = len(onward) > MOST or len(back) > MOST
    return Trace(_steps(onward[:MOST], batch, onward=True), _steps(back[:MOST], batch, onward=False), cut)


def recent(register: Register, most: int) -> list[tuple[str, str]]:
    """The batches that were sent last, with their product; one statement."""
    shipments = as_of(register).order_by(F("data__sent_on").desc(), "-record_id")
    found = shipments.values_list("data__batch", "data__product")[: most * 4]
    return list({str(batch): str(product) for batch, product in found}.items())[:most]


def _walk(statement: str, register: Register, batch: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"register": register.pk, "now": timezone.now(), "batch": batch, "most": MOST + 1})
        return [json.loads(data) if isinstance(data, str) else data for _record, data in cursor.fetchall()]


def _steps(found: Sequence[dict[str, Any]], batch: str, *, onward: bool) -> tuple[Step, ...]:
    """The shipments with their distance, breadth first; each once, however many ways lead to it."""
    by_hand: dict[str, list[int]] = {}
    for place, one in enumerate(found):
        by_hand.setdefault(str(one.get("supplier" if onward else "receiver")), []).append(place)

    def after(here: int) -> list[int]:
        hand = str(found[here].get("receiver" if onward else "supplier"))
        return [
            place
            for place in by_hand.get(hand, ())
            if place != here and _follows(found[here], found[place], onward=onward)
        ]

    starts = [place for place, one in enumerate(found) if _starts(one, batch, onward=onward)]
    led_to = {place for here in starts for place in after(here)}
    roots = [place for place in starts if place not in led_to]
    distances: dict[int, int] = {}
    for begin in (roots, starts):  # where the batch goes round in a circle, no shipment is the first
        queue = deque(place for place in begin if place not in distances)
        distances.update(dict.fromkeys(queue, 0))
        while queue:
            here = queue.popleft()
            for place in after(here):
                if place not in distances:
                    distances[place] = distances[here] + 1
                    queue.append(place)
    steps = [Step(distance, found[place]) for place, distance in distances.items()]
    return tuple(sorted(steps, key=lambda step: (step.distance, str(step.data.get("sent_on")), str(step.data))))


def _starts(one: Mapping[str, Any], batch: str, *, onward: bool) -> bool:
    return one.get("batch") == batch or (onward and one.get("made_from") == batch)


def _follows(here: Mapping[str, Any], after: Mapping[str, Any], *, onward: bool) -> bool:
    if onward:
        return here.get("batch") in (after.get("batch"), after.get("made_from"))
    return after.get("batch") in (here.get("batch"), here.get("made_from") or here.get("batch"))
