"""What installing a pack does to what people have begun and filed under the procedures that are there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from hienluong.services.dossiers.carrying import Changes, changes
from hienluong.services.dossiers.models import OPEN_STATES, CounterDraft, Dossier, Draft, State
from hienluong.services.procedures.spec import ProcedureSpec

from .planning import Plan

_PROCEDURE = "procedure_version__procedure__code"


@dataclass(frozen=True)
class UnderWay:
    """Of one procedure: how many dossiers are being handled and how many of them are sent back to be completed, how many
    are being written by people and by clerks at the counter, what the writers will meet, and from which day on (None:
    from now on)."""

    dossiers: int
    supplements: int
    drafts: int
    sheets: int
    changes: Changes
    since: date | None

    @property
    def is_nobody(self) -> bool:
        """Whether nobody has begun or filed anything that is not done."""
        return not (self.dossiers or self.drafts or self.sheets)


def of(plan: Plan) -> Mapping[str, UnderWay]:
    """For each procedure that changes, by its file. Those who have filed stay with the version they filed under."""
    specs = {item.file: item.spec for item in plan.bundle.pack.procedures}
    changed = [each for each in plan.differences if each.kind == "changed" and each.before and each.file in specs]
    codes = {each.code for each in changed}
    filed = Dossier.objects.filter(state__in=OPEN_STATES)
    handled = _counted(filed, _PROCEDURE, codes)
    supplements = _counted(filed.filter(state=State.SUPPLEMENT), _PROCEDURE, codes)
    drafts = _counted(Draft.objects.filter(filed_as=None), _PROCEDURE, codes)
    sheets = _counted(CounterDraft.objects.filter(filed_as=None), "procedure__code", codes)
    found, today = {}, timezone.localdate()
    for each in changed:
        spec, code = specs[each.file], each.code
        told = changes(ProcedureSpec.model_validate(each.before), spec, {})
        since = spec.effective_from if spec.effective_from and spec.effective_from > today else None
        handling, completing = handled.get(code, 0), supplements.get(code, 0)
        found[each.file] = UnderWay(handling, completing, drafts.get(code, 0), sheets.get(code, 0), told, since)
    return found


def _counted(things: QuerySet[Any], procedure: str, codes: Collection[str]) -> dict[str, int]:
    """How many there are of each of these procedures."""
    rows = things.filter(**{f"{procedure}__in": codes}).order_by().values(procedure).annotate(number=Count("pk"))
    return {row[procedure]: row["number"] for row in rows}
