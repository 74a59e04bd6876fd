"""The rules of a sector on a dossier: asked when it is filed, reviewed and signed (:mod:`procedures.sector_checks`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.services.procedures.sector_checks import Finding, Matter, findings
from hienluong.services.procedures.spec import ProcedureSpec

from . import eligibility
from .models import Dossier


def matter_of(
    answers: Mapping[str, Any], competent: Organization, subject: Party, filed_on: date, *, signing: bool = False
) -> Matter:
    """What the checks look at."""
    return Matter(answers, competent, subject.identifier, filed_on, signing)


def findings_of(dossier: Dossier, *, signing: bool = False) -> list[Finding]:
    """What the sector's rules, and the table of who may, say of a dossier as it is now; constant queries, none when the
    procedure names no check."""
    spec = dossier.procedure_version.spec
    found = eligibility.findings(eligibility.of(dossier))
    if not spec.checks:
        return found
    day = timezone.localdate(dossier.submitted_at)
    return [*found, *findings(spec, matter_of(dossier.data, dossier.competent, dossier.subject, day, signing=signing))]


def require(spec: ProcedureSpec, matter: Matter, eligible: eligibility.Verdict | None = None) -> None:
    """Refuse whom the table of who may refuses (`eligible`), and what a rule of the sector does.

    ``details["errors"]`` holds the messages by field, as for a form.
    """
    _refuse([*eligibility.findings(eligible), *(findings(spec, matter) if spec.checks else [])])


def require_of(dossier: Dossier, *, signing: bool = False) -> None:
    """Refuse to grant what a rule of the sector refuses by now."""
    _refuse(findings_of(dossier, signing=signing))


def _refuse(found: list[Finding]) -> None:
    errors: dict[str, list[str]] = {}
    for finding in found:
        if finding.refuses:
            errors.setdefault(finding.field, []).append(finding.message)
    if errors:
        field, messages = next(iter(errors.items()))
        raise InvalidInput(messages[0], code="dossiers.form_faults", field=field, errors=errors)
