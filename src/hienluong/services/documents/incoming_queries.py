"""Lists of what came in: what waits for the records office, for a leader, for whoever was given it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.calendars import deadlines
from hienluong.services.assignments import rights as tasks
from hienluong.services.assignments.models import OPEN_STATES, Assignment, Part

from . import access, finding
from .models import Direction, Document, State

#: What a list is of, as the address says it.
TO_REGISTER, TO_SUBMIT, TO_ASSIGN = "cho-dang-ky", "cho-trinh", "cho-phan-cong"
MINE, IN_WORK, ALL = "duoc-giao", "dang-xu-ly", "tat-ca"

_WORKING = (State.ASSIGNED, State.PROCESSING)
#: Most open tasks of one official that a list looks at.
_MOST_TASKS = 2000


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; days are those on which it arrived."""

    text: str = ""
    state: str = ""
    urgency: str = ""
    source: str = ""
    since: date | None = None
    until: date | None = None
    late: bool = False


def incoming(actor: Actor) -> QuerySet[Document]:
    """What came in and this actor may read, in no order."""
    agencies = access.agencies_with(actor, "documents.read") | access.agencies_with(actor, "documents.clerk")
    return access.readable(actor).filter(direction=Direction.INCOMING, arrival__agency__in=agencies)


def tabs_of(actor: Actor) -> list[str]:
    """The lists of an actor, the one with their own work first."""
    found = []
    if access.agencies_with(actor, "documents.clerk"):
        found += [TO_REGISTER, TO_SUBMIT]
    if access.agencies_with(actor, "documents.assign"):
        found += [TO_ASSIGN]
    return [*found, MINE, IN_WORK, ALL]


def of_tab(actor: Actor, tab: str) -> QuerySet[Document]:
    """The documents of one list."""
    found = incoming(actor)
    if tab in (TO_REGISTER, TO_SUBMIT):
        state = State.ARRIVED if tab == TO_REGISTER else State.REGISTERED
        return found.filter(state=state, agency__in=access.agencies_with(actor, "documents.clerk"))
    if tab == TO_ASSIGN:
        return found.filter(state=State.SUBMITTED, arrival__submitted_to=actor.official_id)
    if tab == MINE:
        return found.filter(pk__in=_given_to(actor))
    if tab == IN_WORK:
        return found.filter(state__in=_WORKING)
    return found


def _given_to(actor: Actor) -> list[int]:
    """The documents about which this actor has an open task."""
    refs = (
        Assignment.objects.filter(
            tasks.received(actor), state__in=OPEN_STATES, subject_ref__startswith=f"{Document._meta.label_lower}:"
        )
        .order_by("-pk")
        .values_list("subject_ref", flat=True)[:_MOST_TASKS]
    )
    return sorted({int(ref.rpartition(":")[2]) for ref in refs})


def counts(actor: Actor) -> dict[str, int]:
    """How much waits in each list but the one of all; two queries."""
    clerk = Q(agency__in=access.agencies_with(actor, "documents.clerk"))
    found = (
        incoming(actor)
        .filter(state__in=(State.ARRIVED, State.REGISTERED, State.SUBMITTED, *_WORKING))
        .aggregate(
            register=Count("pk", filter=clerk & Q(state=State.ARRIVED)),
            submit=Count("pk", filter=clerk & Q(state=State.REGISTERED)),
            assign=Count("pk", filter=Q(state=State.SUBMITTED, arrival__submitted_to=actor.official_id)),
            working=Count("pk", filter=Q(state__in=_WORKING)),
        )
    )
    return {
        TO_REGISTER: found["register"],
        TO_SUBMIT: found["submit"],
        TO_ASSIGN: found["assign"],
        IN_WORK: found["working"],
        MINE: len(_given_to(actor)),
    }


def narrow(actor: Actor, found: QuerySet[Document], filters: Filters) -> QuerySet[Document]:
    """The list by its filters, what arrived last first."""
    if filters.text:
        hits = finding.search(actor, filters.text, direction=Direction.INCOMING)
        found = found.filter(pk__in=hits.ids)
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.urgency.isdigit():
        found = found.filter(urgency=int(filters.urgency))
    if filters.source:
        found = found.filter(arrival__source=filters.source)
    if filters.since:
        found = found.filter(arrival__arrived_at__gte=_begin(filters.since))
    if filters.until:
        found = found.filter(arrival__arrived_at__lt=_begin(filters.until + timedelta(days=1)))
    if filters.late:
        refs = Assignment.objects.filter(
            state__in=("given", "accepted"),
            due_at__lt=timezone.now(),
            subject_ref__startswith=f"{Document._meta.label_lower}:",
        ).exclude(part=Part.INFORMED)
        late = sorted({int(ref.rpartition(":")[2]) for ref in refs.values_list("subject_ref", flat=True)[:20_000]})
        open_states = (State.ARRIVED, State.REGISTERED, State.SUBMITTED, *_WORKING)
        found = found.filter(Q(pk__in=late) | Q(due_at__lt=timezone.now(), state__in=open_states))
    return found.order_by("-arrival__arrived_at", "-pk")


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True)
class Row:
    """One line of a list."""

    document: Document
    leads: list[Assignment]
    late: str  # why it is late; empty when it is not


def rows(keys: Sequence[int]) -> list[Row]:
    """The lines of one page, in the order of the keys; two queries."""
    found = Document.objects.select_related("arrival", "agency").in_bulk(keys)
    documents = [found[pk] for pk in keys if pk in found]
    refs = {f"{Document._meta.label_lower}:{pk}": pk for pk in keys}
    leads: dict[int, list[Assignment]] = {}
    running = Assignment.objects.filter(subject_ref__in=refs, part=Part.LEAD, parent__isnull=True)
    for task in running.exclude(state__in=("returned", "taken_back")).select_related("official", "organization"):
        leads.setdefault(refs[task.subject_ref], []).append(task)
    return [Row(each, leads.get(each.pk, []), late_of(each, leads.get(each.pk, []))) for each in documents]


def late_of(document: Document, leads: Sequence[Assignment]) -> str:
    """What is late about a document: ``register``, ``submit``, ``work``; empty when nothing is.

    It is registered and submitted until the end of the next working day (Nghị định 30/2020/NĐ-CP, Điều 22, 23).
    """
    now, arrival = timezone.now(), document.arrival
    if document.state == State.ARRIVED:
        until = deadlines.compute(arrival.arrived_at, 1, "working_day", document.agency).due
        return "register" if until < now else ""
    if document.state == State.REGISTERED and arrival.registered_at:
        until = deadlines.compute(arrival.registered_at, 1, "working_day", document.agency).due
        return "submit" if until < now else ""
    if document.state in (State.SUBMITTED, *_WORKING):
        running = [task.due_at for task in leads if task.state in ("given", "accepted") and task.due_at]
        due = min([*running, *([document.due_at] if document.due_at else [])], default=None)
        return "work" if due and due < now else ""
    return ""
