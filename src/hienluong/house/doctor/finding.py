"""What the doctor says of one thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `mend` says what to do when it is not right. Optional ones do not count as faults."""

    subject: str
    ok: bool
    found: str
    mend: str = ""
    optional: bool = False
