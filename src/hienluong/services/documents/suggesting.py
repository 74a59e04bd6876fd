"""What a scanned paper seems to say, to be confirmed by the records office; nothing when it cannot be read."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from hienluong.foundation.organisations.queries import in_force

from .agencies import AGENCY_KINDS
from .reading import ocr, suggest

logger = logging.getLogger(__name__)

#: Pages of a long paper that are read while somebody waits, and seconds that it may take.
PAGES = 3
SECONDS = 25.0


@dataclass(frozen=True)
class Suggested:
    """Values for the boxes of the form, how sure each is (percent), the level of secrecy that a stamp names."""

    values: dict[str, Any] = field(default_factory=dict)
    sure: dict[str, int] = field(default_factory=dict)
    secret: str = ""  # a key of ``secrecy.LEVELS``: surely stamped so
    doubtful: str = ""  # what may be a stamp of secrecy: somebody must look
    warnings: tuple[str, ...] = ()


def of_scan(content: bytes) -> Suggested:
    """Read a PDF or a picture; what cannot be read suggests nothing, and says why."""
    try:
        reading = ocr.read(content, most_pages=PAGES, seconds=SECONDS)
    except ocr.ReadingRefused as fault:
        return Suggested(warnings=(str(fault),))
    known = [
        suggest.Known(str(pk), name) for pk, name in in_force().filter(kind__in=AGENCY_KINDS).values_list("pk", "name")
    ]
    found = suggest.suggest(reading, known)
    names = {each.key: each.name for each in known}
    values: dict[str, Any] = {}
    sure: dict[str, int] = {}
    read: dict[str, suggest.Suggested[Any] | None] = {
        "type": found.type,
        "code": found.code,
        "issued_on": found.date,
        "author_name": found.issuer,
        "subject": found.subject,
        "urgency": found.urgency,
        "signer_name": found.signer_name,
        "signer_title": found.signer_title,
    }
    for name, one in read.items():
        if one is None:
            continue
        value = one.value
        if isinstance(value, suggest.Issuer):
            value = names.get(value.key, value.name)
        values[name] = str(value) if name == "code" else value
        sure[name] = round(100 * one.confidence)
    if len(reading.pages) < PAGES:
        values["pages"] = len(reading.pages)
    stamp = found.secrecy.value if found.secrecy else None
    return Suggested(
        values=values,
        sure=sure,
        secret=stamp.level if stamp and stamp.is_certain else "",
        doubtful=stamp.quote if stamp and not stamp.is_certain else "",
        warnings=reading.warnings,
    )
