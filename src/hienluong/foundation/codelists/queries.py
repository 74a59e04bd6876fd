"""Reading lists: the codes of a day, the tree, the way up, what became of a code, search without diacritics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from django.db import connection
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import NotFound
from hienluong.foundation.search.text import fold

from .models import MAX_DEPTH, Code, CodeList, Edition, Mapping
from .reading import Loaded


def get(name: str) -> CodeList:
    """The list of this name; NotFound when there is none."""
    found = CodeList.objects.filter(code=name.replace("\x00", "")[:60]).first()
    if found is None:
        raise NotFound(_("Không có danh mục này."), code="codelists.no_list")
    return found


def edition_on(name: str, day: date | None = None) -> Edition | None:
    """The edition of a list in force on a day (today when None)."""
    found = Edition.objects.filter(codelist__code=name, valid__contains=day or timezone.localdate())
    return found.select_related("codelist").first()


def edition(name: str, code: str) -> Edition:
    """An edition by its code; NotFound when the list has none such."""
    found = (
        Edition.objects.filter(codelist__code=name, code=code.replace("\x00", "")[:40])
        .select_related("codelist")
        .first()
    )
    if found is None:
        raise NotFound(_("Không có ấn bản này."), code="codelists.no_edition")
    return found


def held_values(name: str) -> dict[str, set[str]]:
    """The codes of each edition of a list, whenever valid."""
    held: dict[str, set[str]] = {
        code: set() for code in Edition.objects.filter(codelist__code=name).values_list("code", flat=True)
    }
    for edition_code, value in Code.objects.filter(edition__codelist__code=name).values_list("edition__code", "value"):
        held[edition_code].add(value)
    return held


def standing(loaded: Loaded) -> Literal["new", "changed", "same"]:
    """What installing a list that was read would do: bring it in, change something, or nothing."""
    spec = loaded.spec
    if spec is None or not CodeList.objects.filter(code=spec.code).exists():
        return "new"
    held = dict(Edition.objects.filter(codelist__code=spec.code).values_list("code", "digest"))
    if any(held.get(each.code) != loaded.digest(each) for each in spec.editions):
        return "changed"
    for (source, target), pairs in loaded.pairs.items():
        rows = Mapping.objects.filter(source__edition__codelist__code=spec.code)
        rows = rows.filter(source__edition__code=source, target__edition__code=target)
        said = {(pair.source, pair.target, pair.kind, pair.is_primary) for pair in pairs}
        if said != set(rows.values_list("source__value", "target__value", "kind", "is_primary")):
            return "changed"
    return "same"


def valid_on(name: str, day: date | None = None) -> QuerySet[Code]:
    """The codes of a list on a day, in order; none when no edition is in force."""
    on = day or timezone.localdate()
    return Code.objects.filter(edition__codelist__code=name, edition__valid__contains=on, valid__contains=on).order_by(
        "order", "pk"
    )


def of(which: Edition, day: date) -> QuerySet[Code]:
    """The codes of an edition on a day, in order, each with whether something stands below it (`has_children`)."""
    below = Code.objects.filter(edition=OuterRef("edition"), parent__value=OuterRef("value"), valid__contains=day)
    found = Code.objects.filter(edition=which, valid__contains=day)
    return found.annotate(has_children=Exists(below)).order_by("order", "pk")


def children(which: Edition, day: date, parent: str = "") -> QuerySet[Code]:
    """What stands directly below a code of an edition on a day; without one, the top."""
    found = of(which, day)
    return found.filter(parent__value=parent) if parent else found.filter(parent=None)


def code_in(which: Edition, value: str, day: date) -> Code | None:
    """A code of an edition as it is on a day, else as it was last."""
    rows = Code.objects.filter(edition=which, value=value.replace("\x00", "")[:40])
    return rows.filter(valid__contains=day).first() or rows.order_by("-valid").first()


def path(code: Code) -> list[Code]:
    """The codes above one, from the top down to and including it; one query."""
    steps = ["parent__" * height + "pk" for height in range(1, MAX_DEPTH + 1)]
    keys = Code.objects.filter(pk=code.pk).values_list(*steps).get()
    above = Code.objects.filter(pk__in=[key for key in keys if key]).order_by("depth")
    return [*above, code]


def label(name: str, value: str, day: date | None = None) -> str:
    """What a code means on a day (today when None); the code itself when the list does not have it then."""
    found = valid_on(name, day).filter(value=value).values_list("name", flat=True).first()
    return found or value


def search(which: Edition, words: str, day: date) -> QuerySet[Code]:
    """The codes of an edition whose code or name has each word, with or without diacritics; whole codes first."""
    words = words.replace("\x00", "")
    folded = fold(words)[:200]
    found = of(which, day).select_related("parent")
    for word in folded.split()[:12]:
        found = found.filter(search_text__contains=word)
    exact = Case(
        When(value__iexact=words.strip()[:40], then=Value(0)),
        When(search_text__startswith=folded, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return found.order_by(exact, "order", "pk")


def below(which: Edition, value: str) -> list[int]:
    """The rows of every code below one, however deep; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE below (id) AS (
                SELECT code.id FROM codelists_code code JOIN codelists_code parent ON parent.id = code.parent_id
                WHERE parent.edition_id = %(edition)s AND parent.value = %(value)s
                UNION
                SELECT code.id FROM codelists_code code JOIN below ON code.parent_id = below.id
            )
            SELECT id FROM below
            """,
            {"edition": which.pk, "value": value},
        )
        return [row[0] for row in cursor.fetchall()]


@dataclass(frozen=True)
class Successor:
    """What a code became."""

    code: Code
    kind: str
    is_primary: bool


def successors(name: str, value: str, from_edition: str, to_edition: str) -> list[Successor]:
    """What a code of one edition became in a later (or was in an earlier) one, the one to take first.

    Where no mapping joins the two directly, the way goes over the editions between them. NotFound for editions that are
    not there; an empty list for a code that became nothing.
    """
    start, end = edition(name, from_edition), edition(name, to_edition)
    if start == end:
        found = Code.objects.filter(edition=start, value=value)
        return [Successor(code, Mapping.Kind.SAME, True) for code in found]
    route, forward = _route(name, start, end)
    reached = {code.pk: Successor(code, "", True) for code in Code.objects.filter(edition=start, value=value)}
    for target in route[1:]:
        reached = _step(reached, target, forward)
    return sorted(reached.values(), key=lambda found: (not found.is_primary, found.code.order))


@dataclass(frozen=True)
class Succession:
    """What became of one code: all of them, the one to take first in front; `main`: the one that the mapping names as the one
    to take when only one can be, empty where it names none or several."""

    codes: list[str]
    main: str


def succession(name: str, from_edition: str, to_edition: str) -> dict[str, Succession]:
    """What :func:`successors` says of every code of an edition at once, by the code.

    A few queries however long the list is; NotFound for editions that are not there.
    """
    start, end = edition(name, from_edition), edition(name, to_edition)
    began = dict(Code.objects.filter(edition=start).values_list("pk", "value"))
    if start == end:
        return {value: Succession([value], value) for value in began.values()}
    route, forward = _route(name, start, end)
    near, far = ("source", "target") if forward else ("target", "source")
    reached: dict[str, dict[int, bool]] = {}
    for pk, value in began.items():
        reached.setdefault(value, {})[pk] = True
    for here, there in pairwise(route):
        onward: dict[int, list[tuple[int, bool]]] = {}
        rows = Mapping.objects.filter(**{f"{near}__edition": here, f"{far}__edition": there})
        for from_pk, to_pk, primary in rows.values_list(f"{near}_id", f"{far}_id", "is_primary"):
            onward.setdefault(from_pk, []).append((to_pk, primary))
        for value, before in reached.items():
            after: dict[int, bool] = {}
            for pk, first in before.items():
                for to_pk, primary in onward.get(pk, ()):
                    after[to_pk] = after.get(to_pk, False) or (first and primary)
            reached[value] = after
    ended = {
        pk: (order, value) for pk, order, value in Code.objects.filter(edition=end).values_list("pk", "order", "value")
    }
    return {value: _succession(found, ended) for value, found in reached.items()}


def _succession(found: dict[int, bool], ended: dict[int, tuple[int, str]]) -> Succession:
    """`found`: rows of codes, and whether each is the one to take; `ended`: order and code of each row."""
    ranked = sorted(found, key=lambda pk: (not found[pk], ended[pk][0]))
    codes = list(
        dict.fromkeys(ended[pk][1] for pk in ranked)
    )  # a code may stand in an edition twice, one after the other
    mains = {ended[pk][1] for pk in ranked if found[pk]}
    return Succession(codes, mains.pop() if len(mains) == 1 else "")


def _route(name: str, start: Edition, end: Edition) -> tuple[list[Edition], bool]:
    """The editions on the way from one to another, both included, and whether it goes forward in time."""
    between = list(Edition.objects.filter(codelist__code=name).order_by("valid"))
    first, last = between.index(start), between.index(end)
    forward = first < last
    if _joined(start, end, forward):
        return [start, end], forward
    return (between[first : last + 1] if forward else between[last : first + 1][::-1]), forward


def _joined(start: Edition, end: Edition, forward: bool) -> bool:
    old, new = (start, end) if forward else (end, start)
    return Mapping.objects.filter(source__edition=old, target__edition=new).exists()


def _step(reached: dict[int, Successor], target: Edition, forward: bool) -> dict[int, Successor]:
    near, far = ("source", "target") if forward else ("target", "source")
    rows = Mapping.objects.filter(**{f"{near}__in": list(reached), f"{far}__edition": target})
    found: dict[int, Successor] = {}
    for row in rows.select_related(far, f"{far}__edition"):
        before: Successor = reached[getattr(row, f"{near}_id")]
        code: Code = getattr(row, far)
        kind = row.kind if before.kind in ("", Mapping.Kind.SAME) else before.kind
        if row.kind != Mapping.Kind.SAME and before.kind not in ("", Mapping.Kind.SAME, row.kind):
            kind = Mapping.Kind.PART
        found[code.pk] = Successor(code, kind, before.is_primary and row.is_primary)
    return found


@dataclass(frozen=True)
class Became:
    """A code of another edition that this one became, or came from."""

    code: Code
    kind: str
    is_primary: bool
    forward: bool


def relations(code: Code) -> list[Became]:
    """What a code became, and what it came from, in every edition that is mapped to its own; two queries."""
    onward = code.became.select_related("target__edition").order_by("-is_primary", "target__order")
    back = code.came_from.select_related("source__edition").order_by("source__order")
    return [
        *(Became(row.target, row.kind, row.is_primary, True) for row in onward),
        *(Became(row.source, row.kind, row.is_primary, False) for row in back),
    ]


@dataclass(frozen=True)
class Overview:
    """A list with its editions, the newest first, and how many codes the one of today has."""

    list: CodeList
    editions: Sequence[Edition]
    current: Edition | None
    count: int


def overview(names: Iterable[str] | None = None) -> list[Overview]:
    """Every list (or those named) by title; three queries."""
    today = timezone.localdate()
    lists = CodeList.objects.order_by("title")
    lists = lists if names is None else lists.filter(code__in=list(names))
    editions: dict[int, list[Edition]] = {}
    for each in Edition.objects.order_by("-valid"):
        editions.setdefault(each.codelist_id, []).append(each)
    current = Q(edition__valid__contains=today, valid__contains=today)
    rows = Code.objects.filter(current).values("edition__codelist").annotate(count=Count("pk"))
    counts = {row["edition__codelist"]: row["count"] for row in rows.order_by()}
    return [
        Overview(
            each,
            editions.get(each.pk, []),
            next((one for one in editions.get(each.pk, []) if today in one.valid), None),
            counts.get(each.pk, 0),
        )
        for each in lists
    ]
