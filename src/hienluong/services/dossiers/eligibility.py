"""Whether somebody may get what they ask for: the procedure's own table of conditions, as it was when they filed.

The page shows the verdict before it is sent, the action that files refuses by it, and so does the one that grants:
answers may have been corrected meanwhile. What the table does not decide is for the official.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.decisions import BadTable, evaluate
from hienluong.services.procedures.checks import ELIGIBILITY_NAMES
from hienluong.services.procedures.sector_checks import Finding
from hienluong.services.procedures.spec import ProcedureSpec

from .models import Dossier


@dataclass(frozen=True)
class Verdict:
    """What the table says: whether (None when it does not decide), why, the question it is about, by which law."""

    eligible: bool | None
    reason: str
    field: str = ""
    basis: str = ""

    @property
    def words(self) -> str:
        """The verdict with its reason and law, as people read it."""
        heads = {
            True: _("Đủ điều kiện."),
            False: _("Không đủ điều kiện."),
            None: _("Cán bộ sẽ xem xét điều kiện."),
        }
        basis = _("Căn cứ: %(basis)s.") % {"basis": self.basis} if self.basis else ""
        return " ".join(filter(None, (heads[self.eligible], self.reason, basis)))


def verdict(
    spec: ProcedureSpec, answers: Mapping[str, Any], *, channel: str, applicant: str, day: date
) -> Verdict | None:
    """What the procedure's table says of sound answers of the form on the day of filing; None when it has none."""
    if spec.eligibility is None:
        return None
    table = spec.eligibility.table
    asked = dict.fromkeys(spec.form.data_schema.get("properties", {}) if spec.form else ())
    try:
        found = evaluate(
            table, {**asked, **answers, "channel": channel, "applicant": applicant, "today": day.isoformat()}
        )
    except BadTable:  # two rows of a unique table match: what no check of the pack could see
        return Verdict(None, "", basis="; ".join(spec.eligibility.legal_basis))
    eligible = found.values.get("eligible")
    basis = next((str(table["rows"][row].get("legal_basis") or "") for row in found.rows), "")
    return Verdict(
        eligible if isinstance(eligible, bool) else None,
        str(found.values.get("reason") or ""),
        str(found.values.get("field") or ""),
        basis or "; ".join(spec.eligibility.legal_basis),
    )


def early(spec: ProcedureSpec, answers: Mapping[str, Any], *, channel: str, applicant: str) -> Verdict | None:
    """A refusal that is certain already: whatever the table reads has been answered. For pages of a form half filled."""
    if spec.eligibility is None:
        return None
    read = set(spec.eligibility.table.get("inputs", ())) - set(ELIGIBILITY_NAMES)
    if any(answers.get(name) in (None, "", []) for name in read):
        return None
    found = verdict(spec, answers, channel=channel, applicant=applicant, day=timezone.localdate())
    return found if found and found.eligible is False else None


def of(dossier: Dossier) -> Verdict | None:
    """What the table in force at filing says of a dossier's answers as they are now."""
    return verdict(
        dossier.procedure_version.spec,
        dossier.data,
        channel=dossier.channel,
        applicant=dossier.subject.kind,
        day=timezone.localdate(dossier.submitted_at),
    )


def findings(found: Verdict | None) -> list[Finding]:
    """A refusal, or what is left to the official, as the rules of sectors say theirs; nothing when all is well."""
    if found is None or found.eligible:
        return []
    return [Finding(found.words, found.field, refuses=found.eligible is False)]
