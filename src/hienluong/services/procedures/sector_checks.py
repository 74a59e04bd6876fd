"""Rules of a sector that no expression can hold, named in a procedure file (``checks``) and written in the sector.

A name is free if it must not be taken: that asks other records, so it is neither a pattern nor CEL. A sector hands its
check over when it starts (``AppConfig.ready``); dossiers ask it when they are filed, reviewed and signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hienluong.foundation.organisations.models import Organization

from .spec import ProcedureSpec


@dataclass(frozen=True)
class Matter:
    """What a check looks at: the answers, who decides, who the matter is about, and the day that counts.

    `filed_on` is the day of filing; `signing` says that the answer is given now, in the transaction of the signature,
    so that what must stay free may be held.
    """

    answers: Mapping[str, Any]
    competent: Organization
    subject_number: str
    filed_on: date
    signing: bool = False


@dataclass(frozen=True)
class Finding:
    """What a check has to say; when it does not refuse, the officer is to look at it and decide."""

    message: str
    field: str = ""
    refuses: bool = True


Check = Callable[[Matter], Iterable[Finding]]

_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Hand over the check that procedure files name so."""
    _checks[name] = check


def known() -> frozenset[str]:
    """The names that a procedure file may use."""
    return frozenset(_checks)


def findings(spec: ProcedureSpec, matter: Matter) -> list[Finding]:
    """What the checks of a procedure say; those that refuse first."""
    found = [finding for name in spec.checks for finding in _checks[name](matter)]
    return sorted(found, key=lambda finding: not finding.refuses)
