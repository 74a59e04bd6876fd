"""Watching the bus: who calls whom, how often, how well, how near the quotas, how fresh the sources are.

Everything is summed by the database in a number of queries that does not grow with services, agreements or days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Sum
from django.urls import reverse
from django.utils import timezone

from hienluong.capabilities.registers.models import Agreement, AgreementUse
from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations.models import Organization
from hienluong.ui import money

from . import by_themselves, looking, usage
from .announce import MONITOR, PROVIDE, REQUEST, SHARE
from .models import Latest, Peak, Service, ServiceAgreement, Usage, Volume

_BUCKETS = [f"b{place}" for place in range(len(usage.BOUNDS) + 1)]
_COUNTS = ("calls", "refused", "limited", "errors", "milliseconds", "received", "sent")
#: Share of errors from which a line is drawn as a bad one, of 1.
BAD = 0.05
#: Strokes in the path of the province, the root of the organisations: ``/1/``.
ROOT = 2


@dataclass
class Sums:
    """The calls of some time, added up. `refused` (4xx) holds `limited` (429); `errors` are 5xx and no answer at all."""

    calls: int = 0
    refused: int = 0
    limited: int = 0
    errors: int = 0
    milliseconds: int = 0
    received: int = 0
    sent: int = 0
    latency: list[int] = field(default_factory=lambda: [0] * len(_BUCKETS))

    def add(self, other: Sums) -> None:
        """Add the calls of another."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.latency = [a + b for a, b in zip(self.latency, other.latency, strict=True)]

    @property
    def error_share(self) -> float:
        """Errors of all calls, of 1."""
        return self.errors / self.calls if self.calls else 0.0

    @property
    def errors_percent(self) -> float:
        """The same of 100."""
        return 100 * self.error_share

    @property
    def bad(self) -> bool:
        """Whether there are more errors than there should be."""
        return self.error_share > BAD

    @property
    def p50(self) -> str:
        """Within which bound half of the calls were answered."""
        return money.grouped_in(usage.share_within(self.latency, 0.5))

    @property
    def p95(self) -> str:
        """Within which bound 95 of 100 were."""
        return money.grouped_in(usage.share_within(self.latency, 0.95))

    @property
    def p99(self) -> str:
        """Within which bound 99 of 100 were."""
        return money.grouped_in(usage.share_within(self.latency, 0.99))


@dataclass(frozen=True)
class Terms:
    """An agreement as far as it is measured: whose it is, what it allows."""

    code: str
    consumer: Organization
    provider: Organization
    service: str
    title: str
    href: str
    per_minute: int
    per_day: int | None  # records


@dataclass
class Pair:
    """Who calls whom."""

    consumer: Organization
    provider: Organization
    sums: Sums = field(default_factory=Sums)


@dataclass
class OperationLine:
    """One operation, under all agreements that may be seen."""

    name: str  # land-prices/v1/parcel
    title: str
    href: str
    sums: Sums = field(default_factory=Sums)
    called_at: datetime | None = None
    answered_at: datetime | None = None


@dataclass
class AgreementLine:
    """One agreement with how near its quotas it came on the worst day."""

    terms: Terms
    sums: Sums = field(default_factory=Sums)
    peak: int = 0  # calls of one system in its busiest minute
    records: int = 0  # on the day with the most

    @property
    def minute_percent(self) -> int:
        """Of the calls a minute; more than 100 when more were tried."""
        return _percent(self.peak, self.terms.per_minute)

    @property
    def day_percent(self) -> int | None:
        """Of the records a day; None without such a quota."""
        return _percent(self.records, self.terms.per_day) if self.terms.per_day else None

    @property
    def near(self) -> bool:
        """Whether a quota was used to four fifths."""
        return max(self.minute_percent, self.day_percent or 0) >= 80


def _percent(part: int, whole: int) -> int:
    return 100 * part // whole


@dataclass
class Picture:
    """All that is shown of a time."""

    total: Sums = field(default_factory=Sums)
    pairs: list[Pair] = field(default_factory=list)
    operations: list[OperationLine] = field(default_factory=list)
    agreements: list[AgreementLine] = field(default_factory=list)
    unknown: Sums | None = None  # refused before an agreement was found; None where that is not this person's to see


@dataclass(frozen=True)
class Scope:
    """What of the bus somebody may watch: where their organisations provide or consume, or all of it."""

    provider: tuple[str, ...]
    consumer: tuple[str, ...]
    whole: bool

    def holds(self, terms: Terms | None) -> bool:
        """Whether calls under an agreement are theirs to see; None: refused before an agreement was found."""
        if self.whole or terms is None:
            return self.whole
        return terms.provider.path.startswith(self.provider) or terms.consumer.path.startswith(self.consumer)


def scope_of(actor: Actor) -> Scope:
    """As far as the permissions reach: with `bus.monitor` both sides, else the side one provides, decides or asks for."""
    watched = tuple(actor.paths_with(MONITOR))
    return Scope(
        provider=(*watched, *actor.paths_with(PROVIDE), *actor.paths_with(SHARE)),
        consumer=(*watched, *actor.paths_with(REQUEST)),
        whole=any(path.count("/") == ROOT for path in watched),
    )


def everything() -> Scope:
    """All of it, for the system itself."""
    return Scope((), (), whole=True)


def terms_of(codes: Iterable[str]) -> dict[str, Terms]:
    """The agreements with these codes, those of registers among them. Two queries."""
    wanted = set(codes)
    services = ServiceAgreement.objects.filter(code__in=wanted).select_related("consumer", "version__service__owner")
    found = {
        one.code: Terms(
            one.code,
            one.consumer,
            one.version.service.owner,
            one.version.service.code,
            f"{looking.title_of(one.version.service)} v{one.version.major}",
            reverse("bus:agreement", args=[one.code]),
            one.per_minute,
            one.per_day,
        )
        for one in services.defer("version__document")
    }
    for each in Agreement.objects.filter(code__in=wanted).select_related("consumer", "register__owner"):
        code = by_themselves.code_of(each.register.code)
        href = reverse("sharing:show", args=[each.code])
        found[each.code] = Terms(
            each.code,
            each.consumer,
            each.register.owner,
            code,
            code,
            href,
            by_themselves.PER_MINUTE,
            each.volume,
        )
    return found


def sums_by_route(since: date, until: date) -> dict[tuple[str, str], Sums]:
    """The calls of these days, both included, by operation and agreement. One query."""
    sums = {name: Sum(name, default=0) for name in _COUNTS}
    buckets = {name: Sum(f"latency__{place}", default=0) for place, name in enumerate(_BUCKETS)}
    rows: Any = Usage.objects.filter(day__range=(since, until)).values("operation", "agreement")
    found = {}
    for row in rows.annotate(**sums, **buckets).order_by():
        counts = {name: row[name] for name in _COUNTS}
        found[row["operation"], row["agreement"]] = Sums(**counts, latency=[row[name] for name in _BUCKETS])
    return found


def picture(scope: Scope, since: date, until: date) -> Picture:
    """What passed on these days, both included, as far as it may be seen: busiest first. Eight queries."""
    routes = sums_by_route(since, until)
    terms = terms_of(code for _operation, code in routes if code)
    made = Picture(unknown=Sums() if scope.whole else None)
    pairs: dict[tuple[int, int], Pair] = {}
    operations: dict[str, OperationLine] = {}
    lines: dict[str, AgreementLine] = {}
    for (operation, code), sums in routes.items():
        known = terms.get(code)
        if not scope.holds(known):
            continue
        made.total.add(sums)
        if known is None:
            assert made.unknown is not None, "those are for whoever sees all of it"
            made.unknown.add(sums)
            continue
        key = (known.consumer.pk, known.provider.pk)
        pairs.setdefault(key, Pair(known.consumer, known.provider)).sums.add(sums)
        lines.setdefault(code, AgreementLine(known)).sums.add(sums)
        operations.setdefault(operation, _operation_line(operation)).sums.add(sums)
    _quotas(lines, since, until)
    made.pairs = sorted(pairs.values(), key=lambda one: (-one.sums.calls, one.consumer.name, one.provider.name))
    made.agreements = sorted(lines.values(), key=lambda one: (-one.sums.calls, one.terms.code))
    made.operations = sorted(operations.values(), key=lambda one: (-one.sums.calls, one.name))
    _titles(made.operations)
    return made


def _operation_line(name: str) -> OperationLine:
    service = name.split("/", 1)[0]
    return OperationLine(name, name, reverse("bus:service", args=[service]))


def _titles(lines: Iterable[OperationLine]) -> None:
    """What the services are called, where they are declared."""
    codes = {line.name.split("/", 1)[0] for line in lines}
    titles = {one.code: looking.title_of(one) for one in Service.objects.filter(code__in=codes)}
    for line in lines:
        line.title = titles.get(line.name.split("/", 1)[0], "")


def _quotas(lines: dict[str, AgreementLine], since: date, until: date) -> None:
    days = {"day__range": (since, until)}
    peaks = Peak.objects.filter(agreement__in=lines, **days).values_list("agreement").annotate(most=Max("calls"))
    for code, most in peaks.order_by():
        lines[code].peak = most
    volumes = Volume.objects.filter(agreement__in=lines, **days).values_list("agreement").annotate(most=Max("records"))
    for code, most in volumes.order_by():
        lines[code].records = most
    uses = AgreementUse.objects.filter(agreement__code__in=lines, **days).values_list("agreement__code")
    for code, most in uses.annotate(most=Max("records")).order_by():
        lines[code].records = most


@dataclass(frozen=True)
class Fresh:
    """When something was last heard of a source."""

    operation: str
    title: str
    href: str
    called_at: datetime
    answered_at: datetime | None

    @property
    def silent(self) -> bool:
        """Whether it was asked after it last answered well."""
        return self.answered_at is None or self.answered_at < self.called_at


def freshness(scope: Scope) -> list[Fresh]:
    """The last call and the last good answer of each operation that may be seen, the longest silent first. Four queries."""
    rows = list(Latest.objects.all())
    terms = terms_of(row.agreement for row in rows)
    lines: dict[str, OperationLine] = {}
    for row in rows:
        if not scope.holds(terms.get(row.agreement)):
            continue
        line = lines.setdefault(row.operation, _operation_line(row.operation))
        line.called_at = max(line.called_at or row.called_at, row.called_at)
        if row.answered_at:
            line.answered_at = max(line.answered_at or row.answered_at, row.answered_at)
    _titles(lines.values())
    never = datetime.min.replace(tzinfo=timezone.get_current_timezone()) + timedelta(days=2)
    found = [
        Fresh(line.name, line.title, line.href, line.called_at, line.answered_at)
        for line in lines.values()
        if line.called_at
    ]
    return sorted(found, key=lambda one: (one.answered_at or never, one.operation))
