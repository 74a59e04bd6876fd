"""Work in hand follows its organisation: to the successor when it ends, to its new place when it is moved."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from hienluong.foundation.actions import system
from hienluong.foundation.organisations.models import Organization, Succession

from . import competence
from .lawful import DossierClosed
from .models import OPEN_STATES, Dossier, Opinion, State

BATCH = 200
WHO = system("Bàn giao đơn vị")
_COUNTERS = (Organization.Kind.SERVICE_CENTRE, Organization.Kind.COUNTER)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Takeover:
    """Who takes what over: the successor itself, and its parts for the matching parts of what ended."""

    predecessor: Organization
    successor: Organization
    ended: frozenset[int]
    on: date

    def of(self, old: Organization, division: str = "") -> Organization:
        """Who takes over from `old`; itself when it has not ended. `division`: the procedure's own, when none matches."""
        if old.pk not in self.ended:
            return old
        if old.kind in _COUNTERS:
            return competence.counter_of(self.successor, on=self.on)
        if old.kind != Organization.Kind.DIVISION:
            return self.successor
        return self._division_like(old) or competence.division_of(self.successor, division, on=self.on)

    def _division_like(self, old: Organization) -> Organization | None:
        last = old.versions.order_by("-valid").first()
        if last and last.short_name:
            found = competence.division_named(self.successor, last.short_name, on=self.on)
            if found:
                return found
        return Organization.objects.filter(
            parent=self.successor, kind=Organization.Kind.DIVISION, name=old.name, valid__contains=self.on
        ).first()


def takeover(predecessor: Organization, successor: Organization) -> Takeover:
    """What ends with the predecessor today: itself and what is below it, without what has a successor of its own."""
    today = timezone.localdate()
    own = Succession.objects.filter(
        predecessor__path__startswith=predecessor.path, is_primary=True, effective_on__lte=today
    ).exclude(predecessor=predecessor)
    elsewhere = tuple(own.values_list("predecessor__path", flat=True))
    below = Organization.objects.filter(path__startswith=predecessor.path).exclude(valid__contains=today)
    ended = {pk for pk, path in below.values_list("pk", "path") if not path.startswith(elsewhere or ("-",))}
    return Takeover(predecessor, successor, frozenset(ended | {predecessor.pk}), today)


def in_hand(organizations: frozenset[int]) -> QuerySet[Dossier]:
    """Dossiers not handed over yet that one of these organisations decides, handles, received or owes an opinion on."""
    owed = Opinion.objects.filter(
        organization_id__in=organizations, given_at__isnull=True, withdrawn_at__isnull=True
    ).values("dossier_id")
    concerned = Q(pk__in=owed)
    for field in ("competent", "handling", "received_at_org", "upper"):
        concerned |= Q(**{f"{field}_id__in": organizations})
    return Dossier.objects.filter(concerned, state__in=(*OPEN_STATES, State.COMPLETED))


def move_work(predecessor: Organization, successor: Organization) -> int:
    """Move every dossier in hand to who takes over, each in a transaction of its own; returns how many.

    Doing it again moves what is left. What could not be moved is said in the log and tried again by the job.
    """
    from .actions import move_to_successor

    taken, moved, failed = takeover(predecessor, successor), 0, 0
    for dossier_id in _keys(in_hand(taken.ended)):
        try:
            move_to_successor(WHO, dossier=dossier_id, takeover=taken)
            moved += 1
        except DossierClosed:
            continue  # it ended meanwhile
        except Exception:  # one dossier must not hold up the others
            logger.exception("dossier %s was not moved to the successor", dossier_id)
            failed += 1
    if failed:
        raise RuntimeError(f"{failed} dossiers were not moved from {predecessor.code} to {successor.code}")
    return moved


def follow_move(organization: Organization) -> int:
    """Bring the paths that dossiers repeat up to date after an organisation was moved; returns how many changed."""
    from .actions import renew_paths

    below = frozenset(Organization.objects.filter(path__startswith=organization.path).values_list("pk", flat=True))
    stale = Dossier.objects.filter(handling_id__in=below).exclude(handling_path=F("handling__path"))
    done = 0
    for keys in _batches(_keys(stale)):
        done += renew_paths(WHO, organization=organization, dossiers=keys)
    for keys in _batches(_keys(in_hand(below))):
        done += renew_paths(WHO, organization=organization, dossiers=keys)
    return done


def _keys(dossiers: QuerySet[Dossier]) -> Iterator[int]:
    """Keys in order, fetched a batch at a time, so that no cursor stays open while each is worked on."""
    last = 0
    while batch := list(dossiers.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield from batch
        last = batch[-1]


def _batches(keys: Iterator[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for key in keys:
        batch.append(key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
