"""How each line stands, for the pages of the IT officer: in words, with a colour, from a constant number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .base import Adapter, adapters
from .connections import Connection
from .models import FAULTS, Call, Pending, System

#: Outcomes of calls that reached the system and were answered; `kept` and `old` never left us.
ANSWERED, FROM_STORE = frozenset({"ok", "not_found", "duplicate"}), frozenset({"kept", "old"})


@dataclass(frozen=True)
class Standing:
    """One system as it stands now; counts are of the last 24 hours."""

    adapter: Adapter
    connection: Connection | None
    line: System
    calls: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    failed: int = 0

    @property
    def words(self) -> str:
        """Its state."""
        return self._state[0]

    @property
    def colour(self) -> str:
        """The colour of its state."""
        return self._state[1]

    @property
    def _state(self) -> tuple[str, str]:
        line, now = self.line, timezone.now()
        if self.connection is None:
            return _("Chưa kết nối"), "grey"
        if line.opened_until and line.opened_until > now:
            until = date_format(timezone.localtime(line.opened_until), "H:i:s")
            return _("Tạm ngừng hỏi đến %(until)s") % {"until": until}, "red"
        if line.opened_until:
            return _("Đang thử lại"), "yellow"
        if line.last_failed_at and (line.last_success_at is None or line.last_success_at < line.last_failed_at):
            return _("Lần gần nhất bị lỗi"), "yellow"
        if line.last_success_at is None:
            return _("Chưa hỏi lần nào"), "grey"
        return _("Hoạt động"), "green"

    @property
    def answered(self) -> int:
        """Calls that the system answered."""
        return sum(count for outcome, count in self.calls.items() if outcome in ANSWERED)

    @property
    def from_store(self) -> int:
        """Calls that a kept answer served."""
        return sum(count for outcome, count in self.calls.items() if outcome in FROM_STORE)

    @property
    def errors(self) -> int:
        """Calls without an answer that can be used."""
        return sum(self.calls.values()) - self.answered - self.from_store

    @property
    def last_error(self) -> str:
        """The last fault: its class in words, and what the transport said."""
        line = self.line
        return f"{FAULTS.get(line.last_kind, line.last_kind)}: {line.last_error}" if line.last_kind else ""

    @property
    def age(self) -> timedelta | None:
        """How old the last good answer is."""
        return timezone.now() - self.line.last_success_at if self.line.last_success_at else None


def of_all(since: datetime | None = None) -> list[Standing]:
    """All systems, by title. Three queries."""
    since = since or timezone.now() - timedelta(days=1)
    lines = {line.code: line for line in System.objects.all()}
    calls: dict[str, Counter[str]] = {}
    for code, outcome, count in (
        Call.objects.filter(at__gte=since).values_list("system", "outcome").annotate(Count("pk")).order_by()
    ):
        calls.setdefault(code, Counter())[outcome] = count
    unsettled = {
        (code, state): count
        for code, state, count in Pending.objects.exclude(state=Pending.State.DONE)
        .values_list("system", "state")
        .annotate(Count("pk"))
        .order_by()
    }
    return [
        Standing(
            one,
            settings.ADAPTERS.get(one.code),
            lines.get(one.code) or System(code=one.code),
            calls.get(one.code, Counter()),
            unsettled.get((one.code, Pending.State.WAITING), 0),
            unsettled.get((one.code, Pending.State.FAILED), 0),
        )
        for one in adapters()
    ]
