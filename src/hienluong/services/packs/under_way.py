"""What installing a pack does to what people have begun and filed under the procedures that are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hienluong.services.dossiers.carrying import Changes, changes
from hienluong.services.dossiers.models import OPEN_STATES, Dossier, Draft
from hienluong.services.procedures.spec import ProcedureSpec

from .planning import Plan


@dataclass(frozen=True)
class UnderWay:
    """Of one procedure: how many dossiers are being handled, how many are being written, what the writers will meet."""

    dossiers: int
    drafts: int
    changes: Changes

    @property
    def is_nothing(self) -> bool:
        """Whether nobody is under way and nothing is asked otherwise."""
        return not (self.dossiers or self.drafts or self.changes.any)


def of(plan: Plan) -> Mapping[str, UnderWay]:
    """For each procedure that changes, by its file. Those who have filed stay with the version they filed under."""
    specs = {item.file: item.spec for item in plan.bundle.pack.procedures}
    found = {}
    for each in plan.differences:
        if each.kind == "changed" and each.before is not None and each.file in specs:
            told = changes(ProcedureSpec.model_validate(each.before), specs[each.file], {})
            found[each.file] = UnderWay(_handled(each.code), _written(each.code), told)
    return found


def _handled(code: str) -> int:
    return Dossier.objects.filter(procedure_version__procedure__code=code, state__in=OPEN_STATES).count()


def _written(code: str) -> int:
    return Draft.objects.filter(procedure_version__procedure__code=code, filed_as=None).count()
