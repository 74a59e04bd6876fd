"""Reading the catalogue: what held on a date, lists with filters, counts, search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import Case, Count, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import NotFound
from hienluong.foundation.search.text import fold

from .life_events import LIFE_EVENTS
from .models import Field, Procedure, ProcedureVersion, RuleSet
from .spelling import meanings

#: What the public may see: drafts are nobody's business yet.
PUBLIC_STATES = (Procedure.State.PUBLISHED, Procedure.State.SUSPENDED)


def names_of(codes: Iterable[str]) -> dict[str, str]:
    """Names of procedures by code, of those of these codes that the public may see."""
    found = Procedure.objects.filter(code__in=list(codes), state__in=PUBLIC_STATES)
    return dict(found.values_list("code", "name"))


@dataclass(frozen=True)
class CatalogueFilter:
    """What a person is looking for; an empty value does not filter."""

    text: str = ""
    field: str = ""
    online_level: str = ""
    level_2022: int | None = None
    life_event: str = ""
    applicant: str = ""
    agency_level: str = ""
    agency_key: str = ""
    state: str = ""
    complete: bool | None = None
    generated: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is filtered."""
        return all(getattr(self, f.name) == f.default for f in fields(self))


@dataclass(frozen=True)
class Counted:
    """A heading with how many procedures stand below it."""

    code: str
    label: str
    count: int


def procedure(code: str) -> Procedure:
    """The procedure with this code that the public may know; raises :class:`NotFound`."""
    found = Procedure.objects.select_related("field", "replaced_by").filter(code=_plain(code)).first()
    if found is None or found.state == Procedure.State.DRAFT:
        raise NotFound(_("Không có thủ tục này trong danh mục."))
    return found


def version_on(code: str, day: date) -> ProcedureVersion:
    """The published version of a procedure that holds on a day; raises :class:`NotFound` when none does."""
    found = (
        ProcedureVersion.objects.select_related("procedure__field")
        .filter(procedure__code=_plain(code), state=ProcedureVersion.State.PUBLISHED, valid__contains=day)
        .first()
    )
    if found is None:
        raise NotFound(_("Thủ tục không có hiệu lực vào ngày này."))
    return found


def current_version(code: str) -> ProcedureVersion:
    """The version in force today."""
    return version_on(code, timezone.localdate())


def rule_set_on(day: date) -> RuleSet:
    """The one-stop rules of a day; raises :class:`NotFound` when none are loaded for it."""
    found = RuleSet.objects.filter(valid__contains=day).first()
    if found is None:
        raise NotFound(_("Chưa có quy định một cửa áp dụng cho ngày này."))
    return found


def catalogue(
    wanted: CatalogueFilter | None = None, *, staff: bool = False, some_words: bool = False
) -> QuerySet[Procedure]:
    """Procedures by name, trial entries after the real ones; only what the public may see unless `staff`.

    Their field comes along: one query a page. With `some_words` half of the words looked for are enough.
    """
    wanted = wanted or CatalogueFilter()
    found = Procedure.objects.select_related("field").order_by("generated", "sort_name", "pk")
    if not staff:
        found = found.filter(state__in=PUBLIC_STATES)
    exact: dict[str, Any] = {
        "field_id": wanted.field,
        "online_level": wanted.online_level,
        "level_2022": wanted.level_2022,
        "agency_level": wanted.agency_level,
        "agency_key": wanted.agency_key,
        "state": wanted.state,
    }
    found = found.filter(**{name: _plain(value) for name, value in exact.items() if value})
    if wanted.life_event:
        found = found.filter(life_events__contains=[_plain(wanted.life_event)])
    if wanted.applicant:
        found = found.filter(applicants__contains=[_plain(wanted.applicant)])
    if wanted.complete is not None:
        found = found.filter(complete=wanted.complete)
    if wanted.generated is not None:
        found = found.filter(generated=wanted.generated)
    words = fold(_plain(wanted.text)[:200]).split()[:12]
    if not words:
        return found
    return _with_some(found, words) if some_words else _with_all(found, words)


def _with_all(found: QuerySet[Procedure], words: list[str]) -> QuerySet[Procedure]:
    """Procedures with every word, in any order, one slip a word forgiven; those with the words as typed come first."""
    for alternatives in meanings(words):
        found = found.filter(_one_of(alternatives))
    every = Q()
    for word in words:
        every &= _word(word, whole=True)
    as_typed = Case(When(_word(" ".join(words)), then=Value(0)), When(every, then=Value(1)), default=Value(2))
    return found.order_by("generated", as_typed, "sort_name", "pk")


def _with_some(found: QuerySet[Procedure], words: list[str]) -> QuerySet[Procedure]:
    """Procedures with at least half of the words; those with more of them come first."""
    hits: Any = Value(0)
    for alternatives in meanings(words):
        hits = hits + Case(When(_one_of(alternatives), then=Value(1)), default=Value(0))
    found = found.annotate(hits=hits).filter(hits__gte=(len(words) + 1) // 2)
    return found.order_by("generated", "-hits", "sort_name", "pk")


def _one_of(alternatives: Iterable[str]) -> Q:
    """What was typed begins a word, or one of the other words that it may mean stands there."""
    typed, *others = alternatives
    either = _word(typed)
    for word in others:
        either |= _word(word, whole=True)
    return either


def _word(text: str, *, whole: bool = False) -> Q:
    """Text that begins where a word begins, and ends where one ends if it is to be `whole`: “yen” is not in “quyen”."""
    pattern = re.escape(text)
    start = r"\m" if text[:1].isalnum() else ""
    end = r"\M" if whole and text[-1:].isalnum() else ""
    return Q(search_text__contains=text) & Q(search_text__regex=f"{start}{pattern}{end}")


def fields_with_counts(*, agency_level: str = "") -> list[Counted]:
    """Fields that have procedures, by name, with how many the public may see. One query."""
    shown = Q(procedures__state__in=PUBLIC_STATES)
    if agency_level:
        shown &= Q(procedures__agency_level=agency_level)
    rows = Field.objects.annotate(shown=Count("procedures", filter=shown)).filter(shown__gt=0).order_by("sort_name")
    return [Counted(field.code, field.name, field.shown) for field in rows]


def life_events_with_counts() -> list[Counted]:
    """Life events in their fixed order, with how many procedures the public may see. One query."""
    counts: dict[str, int] = {}
    rows = (
        Procedure.objects.filter(state__in=PUBLIC_STATES).exclude(life_events=[]).values_list("life_events", flat=True)
    )
    for events in rows:
        for code in events:
            counts[code] = counts.get(code, 0) + 1
    return [Counted(code, str(event.label), counts[code]) for code, event in LIFE_EVENTS.items() if counts.get(code)]


def levels_2022() -> dict[int, int]:
    """How many published services stand at each of the levels 1–4 of before 2022 (Nghị định 43/2011). One query."""
    rows = Procedure.objects.filter(state__in=PUBLIC_STATES).values("level_2022").annotate(number=Count("pk"))
    return {row["level_2022"]: row["number"] for row in rows}


def online_levels() -> list[Counted]:
    """How many published services are online in full, in part, or for information. One query."""
    rows = Procedure.objects.filter(state__in=PUBLIC_STATES).values("online_level").annotate(number=Count("pk"))
    counts = {row["online_level"]: row["number"] for row in rows}
    return [Counted(level.value, str(level.label), counts.get(level.value, 0)) for level in Procedure.OnlineLevel]


def with_versions(code: str) -> Procedure:
    """One procedure with all its versions, newest first, and its suspensions; for officials. Three queries."""
    found = (
        Procedure.objects.select_related("field", "replaced_by")
        .prefetch_related(
            Prefetch("versions", ProcedureVersion.objects.order_by("-number")),
            "suspensions",
        )
        .filter(code=_plain(code))
        .first()
    )
    if found is None:
        raise NotFound(_("Không có thủ tục này trong danh mục."))
    return found


def _plain(value: Any) -> Any:
    """What came in an address, without the character that PostgreSQL has no place for."""
    return value.replace("\x00", "") if isinstance(value, str) else value
