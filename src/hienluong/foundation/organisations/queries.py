"""Reading the government: the tree on a date, who took over from whom, who holds a post."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError, NotFound
from hienluong.foundation.search.slips import has_word, meanings
from hienluong.foundation.search.text import fold

from . import codes
from .models import Official, Organization, OrganizationVersion, Position, Succession


@dataclass
class Node:
    """An organisation as it stood on a date: its name and its place then, not now."""

    id: int
    code: str
    kind: str
    name: str
    short_name: str
    parent_id: int | None
    depth: int = 0
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return str(Organization.Kind(self.kind).label)


@dataclass(frozen=True)
class Named:
    """An organisation's code and the name it bore on some day."""

    code: str
    name: str


#: Order among siblings: what a reader looks for first.
_KIND_ORDER = {
    kind: place
    for place, kind in enumerate(("service_centre", "counter", "division", "department", "district", "commune"))
}

_ROLE_ORDER = {role: place for place, role in enumerate(("leader", "head", "officer", "clerk"))}


def tree_on(on: date, *, within: Organization | None = None) -> list[Node]:
    """The roots of the government on a day, children filled in; one query.

    `within` keeps only that organisation's own subtree (by today's path) and makes it the root.
    """
    versions = OrganizationVersion.objects.filter(valid__contains=on)
    if within is not None:
        versions = versions.filter(organization__path__startswith=within.path)
    rows = versions.values_list(
        "organization_id",
        "organization__code",
        "organization__kind",
        "name",
        "short_name",
        "parent_id",
        "organization__sort_name",
    )
    ordered = sorted(rows, key=lambda row: (_KIND_ORDER.get(row[2], 9), row[1]))
    nodes = {row[0]: Node(*row[:6]) for row in ordered}
    roots: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.parent_id) if node.parent_id else None
        (above.children if above else roots).append(node)
    _set_depth(roots)
    return roots


@dataclass(frozen=True)
class Found:
    """A node that a search found, and the names above it from the root down."""

    node: Node
    above: tuple[str, ...]


def find(roots: list[Node], text: str) -> list[Found]:
    """Nodes whose name has every word of `text`, or whose code, in either form, begins with it.

    Diacritics do not matter, and one slip a word is forgiven; names with the words as typed come first.
    """
    words, code = fold(text).split(), codes.current_form(text) or text.strip().upper()
    names = {node.id: fold(node.name) for root in roots for node in root.walk()}
    known = {word for name in names.values() for word in name.split()}
    alternatives = [meanings(word, known) for word in words]
    as_typed: list[Found] = []
    guessed: list[Found] = []
    waiting: list[tuple[Node, tuple[str, ...]]] = [(root, ()) for root in reversed(roots)]
    while waiting:
        node, above = waiting.pop()
        name = names[node.id]
        if words and (all(word in name for word in words) or (code and node.code.startswith(code))):
            as_typed.append(Found(node, above))
        elif words and all(has_word(name, either) for either in alternatives):
            guessed.append(Found(node, above))
        waiting.extend((child, (*above, node.name)) for child in reversed(node.children))
    return as_typed + guessed


def _set_depth(roots: list[Node]) -> None:
    level, depth = roots, 0
    while level:
        for node in level:
            node.depth = depth
        level, depth = [child for node in level for child in node.children], depth + 1


def current(code: str) -> Organization:
    """The organisation with this code, in either form; NotFound when there is none (ended ones are found too)."""
    tidy = codes.current_form(code)
    found = Organization.objects.filter(code=tidy).first() if tidy else None
    if found is None:
        raise NotFound(_("Không có cơ quan mang mã %(code)s.") % {"code": code}, code="organisations.not_found")
    return found


def named(text: str) -> Organization:
    """The organisation with this code, in either form, or with this full name today; NotFound for none or several."""
    code = codes.current_form(text)
    if code:
        return current(code)
    found = list(in_force().filter(name__iexact=" ".join(text.replace("\x00", "").split()))[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(_("Có nhiều cơ quan cùng tên “%(name)s”. Hãy ghi mã.") % {"name": text})
    raise NotFound(_("Không có cơ quan “%(name)s”.") % {"name": text}, code="organisations.not_found")


def province() -> Organization:
    """The province of this installation: the root that is in force; NotFound before the data is loaded."""
    found = (
        Organization.objects.filter(kind=Organization.Kind.PROVINCE, valid__contains=timezone.localdate())
        .order_by("pk")
        .first()
    )
    if found is None:
        raise NotFound(_("Chưa nạp dữ liệu cơ quan."), code="organisations.no_province")
    return found


def version_on(org: Organization, on: date) -> OrganizationVersion | None:
    """What `org` was called and where it stood on a day; None when it did not exist."""
    return OrganizationVersion.objects.filter(organization=org, valid__contains=on).select_related("parent").first()


def in_force(on: date | None = None) -> QuerySet[Organization]:
    """Organisations that exist on a day (today by default)."""
    return Organization.objects.filter(valid__contains=on or timezone.localdate())


def agencies(on: date | None = None) -> QuerySet[Organization]:
    """The province, its departments and its communes, without their divisions, on a day (today by default)."""
    kinds = (Organization.Kind.DEPARTMENT, Organization.Kind.PROVINCE, Organization.Kind.COMMUNE)
    return in_force(on).filter(kind__in=kinds)


def resolve_successor(org: Organization, on: date | None = None) -> Organization:
    """Who holds the work of `org` on a day: follows the main successor from hand-over to hand-over.

    What ended without a successor of its own (a division of an abolished district) follows what it belonged to.
    Returns `org` itself while it is in force. DomainError when the chain closes on itself.
    """
    day = on or timezone.localdate()
    seen = {org.pk}
    holder = org
    while True:
        if holder.valid.upper is None or holder.valid.upper > day:
            return holder
        step = (
            Succession.objects.filter(predecessor_id=holder.pk, effective_on__lte=day)
            .order_by("-is_primary", "effective_on", "pk")
            .select_related("successor")
            .first()
        )
        following = step.successor if step else holder.parent
        if following is None:
            return holder
        if following.pk in seen:
            raise DomainError(
                _("Chuỗi kế thừa của %(org)s khép thành vòng.") % {"org": org}, code="organisations.succession_cycle"
            )
        seen.add(following.pk)
        holder = following


def hand_overs_of(org: Organization) -> list[Succession]:
    """Hand-overs from and to `org`, oldest first; one query."""
    return list(
        Succession.objects.filter(Q(predecessor=org) | Q(successor=org))
        .select_related("predecessor", "successor")
        .order_by("effective_on", "-is_primary", "predecessor__code", "successor__code")
    )


def would_close_a_cycle(predecessor_id: int, successor_id: int) -> bool:
    """Whether a hand-over to `successor` would lead, by those on record, back to `predecessor`."""
    frontier, seen = {successor_id}, set[int]()
    while frontier:
        if predecessor_id in frontier:
            return True
        seen |= frontier
        onwards = Succession.objects.filter(predecessor_id__in=frontier).values_list("successor_id", flat=True)
        frontier = set(onwards) - seen
    return False


def ancestors(org: Organization) -> list[Organization]:
    """From the root down to the parent of `org` (by today's path); one query."""
    ids = path_ids(org.path)[:-1]
    found = Organization.objects.in_bulk(ids)
    return [found[pk] for pk in ids]


def ancestors_on(org: Organization, on: date) -> list[Named]:
    """What stood above `org` on a day, from the root down, under the names of that day; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE above (id, parent_id, name, height) AS (
                SELECT organization_id, parent_id, name, 0 FROM organisations_organizationversion
                WHERE organization_id = %(org)s AND valid @> %(on)s::date
                UNION ALL
                SELECT v.organization_id, v.parent_id, v.name, above.height + 1
                FROM organisations_organizationversion v JOIN above ON v.organization_id = above.parent_id
                WHERE v.valid @> %(on)s::date AND above.height < 20
            )
            SELECT org.code, above.name FROM above JOIN organisations_organization org ON org.id = above.id
            WHERE above.height > 0 ORDER BY above.height DESC
            """,
            {"org": org.pk, "on": on},
        )
        return [Named(*row) for row in cursor.fetchall()]


def ids_below_on(org: Organization, on: date) -> list[int]:
    """`org` and everything that stands below it on a day, by the versions of that day; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE below (id) AS (
                SELECT %(org)s::bigint
                UNION
                SELECT v.organization_id FROM organisations_organizationversion v JOIN below ON v.parent_id = below.id
                WHERE v.valid @> %(on)s::date
            )
            SELECT id FROM below
            """,
            {"org": org.pk, "on": on},
        )
        return [row[0] for row in cursor.fetchall()]


def path_ids(path: str) -> list[int]:
    """``/1/5/9/`` → ``[1, 5, 9]``."""
    return [int(part) for part in path.strip("/").split("/") if part]


def descendants(org: Organization, *, on: date | None = None) -> QuerySet[Organization]:
    """Everything below `org` (without itself), by today's path; with `on`, only what exists on that day."""
    below = Organization.objects.filter(path__startswith=org.path).exclude(pk=org.pk)
    return below.filter(valid__contains=on) if on else below


def counter_of(org: Organization, on: date | None = None) -> Organization | None:
    """Where dossiers for `org` are received: its own counter or service centre, or the nearest one above it."""
    day = on or timezone.localdate()
    holders = path_ids(org.path)
    counters = Organization.objects.filter(
        parent_id__in=holders,
        kind__in=(Organization.Kind.SERVICE_CENTRE, Organization.Kind.COUNTER),
        valid__contains=day,
    )
    if org.kind in (Organization.Kind.SERVICE_CENTRE, Organization.Kind.COUNTER):
        return org
    return max(counters, key=lambda found: (holders.index(found.parent_id or 0), -found.pk), default=None)


def children_on(org: Organization, on: date) -> list[Node]:
    """What stood directly below `org` on a day; one query."""
    rows = OrganizationVersion.objects.filter(parent=org, valid__contains=on).values_list(
        "organization_id", "organization__code", "organization__kind", "name", "short_name", "parent_id"
    )
    return [Node(*row) for row in sorted(rows, key=lambda row: (_KIND_ORDER.get(row[2], 9), row[1]))]


def positions_in(org: Organization, on: date) -> list[Position]:
    """Posts held in `org` itself on a day with their officials, leaders' roles first; one query."""
    held = Position.objects.filter(organization=org, valid__contains=on).select_related("official")
    return sorted(held, key=lambda post: (_ROLE_ORDER.get(post.role, 9), post.official.sort_name))


def officials_of(org: Organization, role: str | None = None, on: date | None = None) -> QuerySet[Official]:
    """Officials with a position in `org` itself on a day, by role when given, in name order."""
    held = Position.objects.filter(organization=org, valid__contains=on or timezone.localdate())
    if role:
        held = held.filter(role=role)
    return Official.objects.filter(positions__in=held).distinct().order_by("sort_name", "pk")
