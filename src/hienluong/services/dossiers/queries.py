"""Reads of dossiers: the inbox, lists with filters, the open counts of a page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from hienluong.capabilities.signing.long_term import newest_copy
from hienluong.foundation.actions import Actor
from hienluong.foundation.search import vocabulary
from hienluong.foundation.search.text import fold

from . import newest
from .access import at_places, places_of, under
from .models import RUNNING_STATES, Dossier, Opinion, Result, State

#: Which permission lets an official act at which lane of a process.
LANE_PERMISSION = {
    "clerk": "dossiers.receive",
    "officer": "dossiers.review",
    "upper": "dossiers.review",
    "head": "dossiers.submit_for_signature",
    "leader": "dossiers.sign",
}

#: Under this name the words of dossiers are known to the search.
WORDS = "dossiers"

#: A code of a dossier, whole, as it is folded for the search.
_CODE = re.compile(r"[a-z]\d{2}(\.\d{2,3})*-\d{6}-\d{4,}")

#: Lists stop counting here: "hơn 10.000" is as useful as an exact number and a thousand times cheaper.
COUNT_CAP = 10_000


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; empty means no narrowing."""

    text: str = ""
    state: str = ""
    channel: str = ""
    due: str = ""  # overdue, today, soon
    procedure: str = ""
    mine: bool = False
    since: date | None = None
    until: date | None = None


def inbox(actor: Actor) -> QuerySet[Dossier]:
    """What waits for this official, what is due first at the top."""
    waiting = Q(pk__in=[])
    for lane, permission in LANE_PERMISSION.items():
        paths = actor.paths_with(permission)
        if paths:
            waiting |= Q(waiting_lane=lane) & under(paths, "waiting_path")
    return Dossier.objects.filter(waiting).order_by(F("due_at").asc(nulls_last=True), "submitted_at")


def opinions_waiting(actor: Actor) -> QuerySet[Opinion]:
    """Opinions that this official's organisation still owes, what is due first at the top."""
    paths = actor.paths_with("dossiers.give_opinion")
    return (
        Opinion.objects.filter(under(paths, "organization__path"), given_at__isnull=True, withdrawn_at__isnull=True)
        .select_related("dossier", "organization")
        .order_by("due_at")
    )


def narrow(dossiers: QuerySet[Dossier], filters: Filters, actor: Actor | None = None) -> QuerySet[Dossier]:
    """Apply the filters of a list page."""
    return _narrow(_with_words(dossiers, _words(filters)), filters, actor)


def _words(filters: Filters) -> list[str]:
    return fold(filters.text).split()[:12]


def _narrow(dossiers: QuerySet[Dossier], filters: Filters, actor: Actor | None) -> QuerySet[Dossier]:
    """All filters but the words."""
    now = timezone.now()
    if filters.state:
        dossiers = dossiers.filter(state=filters.state)
    if filters.channel:
        dossiers = dossiers.filter(channel=filters.channel)
    if filters.procedure:
        dossiers = dossiers.filter(procedure_version__procedure__code=filters.procedure)
    if filters.due == "overdue":
        dossiers = dossiers.filter(due_at__lt=now, state__in=RUNNING_STATES)
    elif filters.due == "today":
        dossiers = dossiers.filter(due_at__lte=_end_of_day(now), due_at__gte=now, state__in=RUNNING_STATES)
    elif filters.due == "soon":
        dossiers = dossiers.filter(due_at__lte=now + timedelta(days=3), due_at__gte=now, state__in=RUNNING_STATES)
    if filters.mine and actor and actor.official_id:
        dossiers = dossiers.filter(assignee_id=actor.official_id)
    return within(dossiers, filters.since, filters.until)


def within(dossiers: QuerySet[Dossier], since: date | None, until: date | None) -> QuerySet[Dossier]:
    """Those submitted on the days from `since` to `until`, both included, as a range that the index serves."""
    if since:
        dossiers = dossiers.filter(submitted_at__gte=_midnight(since))
    if until:
        dossiers = dossiers.filter(submitted_at__lt=_midnight(until) + timedelta(days=1))
    return dossiers


def _with_words(dossiers: QuerySet[Dossier], words: list[str]) -> QuerySet[Dossier]:
    """Dossiers with every word; only when there is none at all, one slip a word is forgiven.

    So a name that was typed rightly does not bring those that sound like it. A whole code is looked up as one.
    """
    if not words:
        return dossiers
    if _is_code(words):
        return dossiers.filter(Q(code=words[0].upper()) | Q(national_code=words[0].upper()))
    as_typed = dossiers.filter(*(Q(search_text__contains=word) for word in words))
    if as_typed.order_by()[:1].exists():
        return as_typed
    for either in vocabulary.meanings_of(WORDS, words):
        dossiers = dossiers.filter(reduce(or_, (Q(search_text__contains=word) for word in either)))
    return dossiers


def _is_code(words: list[str]) -> bool:
    return len(words) == 1 and bool(_CODE.fullmatch(words[0]))


def _midnight(day: date) -> datetime:
    """The beginning of a day in Việt Nam: a range on the moment itself, which its index can answer."""
    day = min(max(day, date(1900, 1, 1)), date(9000, 1, 1))  # what somebody types must not leave the calendar
    return timezone.make_aware(datetime.combine(day, time.min))


def _end_of_day(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=23, minute=59, second=59, microsecond=0)


def load_rows(keys: Sequence[int]) -> list[Dossier]:
    """The rows of a list with these keys, in their order: a page is put together from keys, then read whole."""
    found = with_list_columns(Dossier.objects.all()).in_bulk(keys)
    return [found[key] for key in keys if key in found]


def with_list_columns(dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """What a row of a list shows, in one query."""
    return dossiers.select_related("assignee", "handling", "received_at_org").only(
        "code",
        "procedure_name",
        "subject_name",
        "subject_id",
        "state",
        "payment_state",
        "channel",
        "due_at",
        "received_at",
        "submitted_at",
        "finished_at",
        "is_late",
        "waiting_task",
        "waiting_lane",
        "held",
        "assignee__full_name",
        "handling__name",
        "received_at_org__name",
    )


def capped_count(dossiers: QuerySet[Dossier]) -> int:
    """How many, but never counting past :data:`COUNT_CAP`."""
    return dossiers.order_by()[: COUNT_CAP + 1].values("pk").count()


@dataclass(frozen=True)
class InboxCounts:
    """The figures above the inbox."""

    waiting: int
    overdue: int
    today: int
    opinions: int


def inbox_counts(actor: Actor) -> InboxCounts:
    """How much waits, is late, is due today."""
    now = timezone.now()
    running = Q(state__in=RUNNING_STATES)
    # What is due first comes first, so what is cut off is not due yet.
    counted = (
        inbox(actor)
        .only("due_at", "state")[: COUNT_CAP + 1]
        .aggregate(
            waiting=Count("pk"),
            overdue=Count("pk", filter=running & Q(due_at__lt=now)),
            today=Count("pk", filter=running & Q(due_at__gte=now, due_at__lte=_end_of_day(now))),
        )
    )
    return InboxCounts(**counted, opinions=opinions_waiting(actor)[: COUNT_CAP + 1].count())


def at_counter_today(actor: Actor) -> QuerySet[Dossier]:
    """Results waiting to be handed over at the official's counters."""
    paths = actor.paths_with("dossiers.return_result")
    return Dossier.objects.filter(under(paths, "received_at_org__path"), state=State.COMPLETED).order_by("finished_at")


def find_visible(actor: Actor, filters: Filters, *, first: int = 0) -> QuerySet[Dossier]:
    """The search of officials: everything they may list, newest first.

    With `first`, only so many from the top will be read: common words are then looked for among the newest dossiers
    of the official's organisations, and everywhere only when these are not enough.
    """
    places = places_of(actor)
    words = _words(filters)
    if first and places and words and not _is_code(words):
        among = Dossier.objects.filter(pk__in=newest.with_words(places, words))
        found = _narrow(among, filters, actor).order_by("-submitted_at", "-pk")
        if found[first - 1 : first].exists():
            return found
    return narrow(at_places(places), filters, actor).order_by("-submitted_at", "-pk")


def with_long_term_copy(results: QuerySet[Result]) -> QuerySet[Result]:
    """Results with `long_term_file_id`: the file of the newest long-term copy, when there is one."""
    return results.annotate(long_term_file_id=newest_copy("token"))
