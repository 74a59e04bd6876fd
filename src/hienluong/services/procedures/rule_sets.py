"""Bringing in one-stop rules: dated, audited, and never rewritten under the dossiers that were filed by them."""

from __future__ import annotations

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, action

from .models import RuleSet
from .rules import RuleSetSpec
from .scope import MANAGE
from .versions import NEVER, day_after


class PastRuleSet(DomainError):
    """The set is no longer in force: what was filed under it stays as it was."""

    code = "procedures.past_rule_set"


@action("procedures.bring_in_rule_set")
def bring_in(act: Act, *, spec: RuleSetSpec) -> bool:
    """Put one rule set in force for its days; returns whether anything changed.

    A set of the same code with another text is a correction: it holds from today (from its first day, if that is
    still to come) as ``CODE-2``, the one before until then. Raises :class:`PastRuleSet` when its days are over.
    """
    act.require(MANAGE.code, "/")
    versions = list(RuleSet.objects.select_for_update().filter(code__regex=rf"^{spec.code}(-\d+)?$"))
    if not versions:
        row = _put(spec, spec.code, DateRange(spec.effective_from, day_after(spec.effective_to)))
        act.record(row, after={"valid": str(row.valid)})
        return True
    last = max(versions, key=lambda row: int(row.code.removeprefix(spec.code).strip("-") or 1))
    if _text(last.spec) == _text(spec):
        act.record(last, verb="procedures.bring_in_rule_set_repeat")
        return False
    today, (first, end) = timezone.localdate(), (spec.effective_from, day_after(spec.effective_to))
    start = max(today, first)
    if end is not None and end <= start:
        raise PastRuleSet(_("Bộ quy tắc %(code)s đã hết hiệu lực: không sửa được nữa.") % {"code": spec.code})
    before = str(last.valid)
    lower = last.valid.lower if not last.valid.isempty else None
    last.valid = DateRange(lower, start) if lower and lower < start else NEVER
    last.save(update_fields=("valid",))
    row = _put(spec, f"{spec.code}-{len(versions) + 1}", DateRange(start, end))
    act.record(row, before={"code": last.code, "valid": before}, after={"code": row.code, "valid": str(row.valid)})
    act.emit("procedure.rule_set_corrected", row, {"code": row.code, "before": last.code})
    return True


def _put(spec: RuleSetSpec, code: str, valid: DateRange) -> RuleSet:
    return RuleSet.objects.create(code=code, name=spec.name, valid=valid, spec_json=spec.model_dump(mode="json"))


def _text(spec: RuleSetSpec) -> dict[str, object]:
    return spec.model_dump(mode="json", exclude={"code"})
