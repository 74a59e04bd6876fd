"""Lists of tasks, and the figures of a leader's board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations.models import Organization

from . import rights
from .models import OPEN_STATES, RUNNING_STATES, Assignment, Part, State

#: What a list is of: the address says it.
MINE, GIVEN, FOLLOWED = "nhan", "giao", "theo-doi"


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by."""

    text: str = ""
    state: str = ""
    due: str = ""
    part: str = ""
    organization: int | None = None


def tasks(actor: Actor, what: str) -> QuerySet[Assignment]:
    """The tasks that the actor received, gave, or follows."""
    if what == GIVEN:
        return Assignment.objects.filter(rights.given(actor))
    if what == FOLLOWED:
        return rights.followed(actor)
    return Assignment.objects.filter(rights.received(actor))


def narrow(found: QuerySet[Assignment], filters: Filters, *, knows: bool = True) -> QuerySet[Assignment]:
    """The list by its filters, due first; without a state those that are not done.

    `knows`: whether who asks may know what the tasks come from; who only follows does not search in that.
    """
    if filters.state == "":
        found = found.filter(state__in=OPEN_STATES)
    elif filters.state in State.values:
        found = found.filter(state=filters.state)
    if filters.part:
        found = found.filter(part=filters.part)
    if filters.due == "late":
        found = found.filter(is_late())
    elif filters.due == "soon":
        now = timezone.now()
        found = found.filter(state__in=RUNNING_STATES, due_at__gte=now, due_at__lt=now + timedelta(days=3))
    if filters.organization:
        found = found.filter(organization=filters.organization)
    if filters.text:
        words = Q(title__icontains=filters.text)
        found = found.filter(words | Q(subject_label__icontains=filters.text) if knows else words)
    if filters.state in (State.COMPLETED, State.RETURNED, State.TAKEN_BACK):
        return found.order_by("-ended_at", "-pk")
    return found.order_by(F("due_at").asc(nulls_last=True), "pk")


def is_late() -> Q:
    """Still in hand after its due time."""
    return Q(state__in=RUNNING_STATES, due_at__lt=timezone.now()) & ~Q(part=Part.INFORMED)


def counts(actor: Actor) -> dict[str, int]:
    """How much waits for the actor: received and open, late, reported to them; one query."""
    received, given = rights.received(actor), rights.given(actor)
    return Assignment.objects.filter(received | given).aggregate(
        open=Count("pk", filter=received & Q(state__in=RUNNING_STATES)),
        late=Count("pk", filter=received & is_late()),
        reported=Count("pk", filter=given & Q(state=State.REPORTED)),
        given_late=Count("pk", filter=given & is_late()),
    )


@dataclass(frozen=True)
class Line:
    """The figures of one organisation."""

    organization: Organization
    total: int
    open: int
    late: int
    soon: int
    reported: int
    on_time: int
    done_late: int

    @property
    def rate(self) -> int | None:
        """Percent of those done that were done in time; None when none was."""
        done = self.on_time + self.done_late
        return round(100 * self.on_time / done) if done else None


def board(actor: Actor) -> list[Line]:
    """What the actor follows, by who has it in hand, those with most that is late first; two queries."""
    now = timezone.now()
    running = Q(state__in=RUNNING_STATES)
    done = Q(state__in=(State.COMPLETED, State.REPORTED))
    in_time = Q(due_at__isnull=True) | Q(reported_at__lte=F("due_at"))
    rows = list(
        rights.followed(actor)
        .exclude(part=Part.INFORMED)
        .exclude(state__in=("returned", "taken_back"))
        .values("organization")
        .annotate(
            total=Count("pk"),
            open=Count("pk", filter=running),
            late=Count("pk", filter=is_late()),
            soon=Count("pk", filter=running & Q(due_at__gte=now, due_at__lt=now + timedelta(days=3))),
            reported=Count("pk", filter=Q(state=State.REPORTED)),
            on_time=Count("pk", filter=done & in_time),
            done_late=Count("pk", filter=done & ~in_time),
        )
        .order_by("-late", "-open", "organization")
    )
    places = Organization.objects.in_bulk([row["organization"] for row in rows])
    return [
        Line(
            organization=places[row["organization"]],
            total=row["total"],
            open=row["open"],
            late=row["late"],
            soon=row["soon"],
            reported=row["reported"],
            on_time=row["on_time"],
            done_late=row["done_late"],
        )
        for row in rows
    ]


@dataclass
class Node:
    """A task in its tree, with what an actor sees below it."""

    task: Assignment
    depth: int
    children: list[Node]
    linked: bool = True  # whether the actor may open its page


def tree(top: Assignment) -> Node:
    """A task with everything given on from it; one query."""
    rows = (
        Assignment.objects.filter(path__startswith=top.path)
        .select_related("official", "organization")
        .order_by("path", "pk")
    )
    nodes = {row.pk: Node(row, 0, []) for row in rows}
    for pk, node in nodes.items():
        above = nodes.get(node.task.parent_id or 0)
        if above is not None and pk != top.pk:
            above.children.append(node)
    for node in nodes.values():
        node.children.sort(key=lambda each: (_ORDER[each.task.part], each.task.pk))
    _deepen(nodes[top.pk], 0)
    return nodes[top.pk]


_ORDER: dict[str, int] = {Part.LEAD: 0, Part.COORDINATE: 1, Part.INFORMED: 2}


def _deepen(node: Node, depth: int) -> None:
    node.depth = depth
    for child in node.children:
        _deepen(child, depth + 1)


def trees_about(actor: Actor, subject_ref: str) -> list[Node]:
    """Every tree of tasks about something, who leads first, for somebody who may know of it; two queries."""
    rows = Assignment.objects.filter(subject_ref=subject_ref).select_related("official", "organization").order_by("pk")
    nodes = {row.pk: Node(row, 0, []) for row in rows}
    tops: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.task.parent_id or 0)
        (above.children if above else tops).append(node)
    follows = set(rights.followed(actor).filter(subject_ref=subject_ref).values_list("pk", flat=True))
    for node in tops:
        _deepen(node, 0)
        _link(node, actor, follows, above=False)
    return sorted(tops, key=lambda each: (_ORDER[each.task.part], each.task.pk))


def _link(node: Node, actor: Actor, follows: set[int], *, above: bool) -> None:
    mine = rights.is_giver(actor, node.task) or rights.is_receiver(actor, node.task)
    node.linked = above or mine or node.task.pk in follows
    for child in node.children:
        _link(child, actor, follows, above=above or mine)
