"""What goes into a package: a work file and its documents, as plain values.

Codes are those of Thông tư 05/2025/TT-BNV (the circular's tables, as summed up by people who built to them): maintenance
01 for ever, 02 70 years, 03 50, 04 30, 05 20, 06 10, 07 other; mode 01 public, 02 on conditions; language 01 Vietnamese;
confidence 01 born digital, 02 digitised, 03 both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from pathlib import Path


class Kind(Enum):
    """Which package: submitted to another system (Phụ lục III), or kept in ours (Phụ lục I)."""

    SIP = "SIP"
    AIP = "AIP"


@dataclass(frozen=True)
class Part:
    """One file on disk, and what it is to be called in the package (without folder)."""

    path: Path
    name: str
    media_type: str
    original_name: str = ""


@dataclass(frozen=True)
class Item:
    """One document of the work file (EAD_doc: 21 fields in a SIP, 19 in an AIP).

    `ordinal` counts from 1. `attachments` are files that belong to it, the flow of its handling among them.
    """

    ordinal: int
    main: Part
    type_code: str = "32"
    number: str = ""
    notation: str = ""
    issued_on: date | None = None
    author: str = ""
    subject: str = ""
    language: str = "01"
    pages: int | None = None
    keyword: str = ""
    mode: str = "01"
    confidence: str = "01"
    autograph: str = ""
    description: str = ""
    attachments: tuple[Part, ...] = ()
    has_process: bool = False


@dataclass(frozen=True)
class WorkFileContent:
    """The work file (EAD: 18 fields).

    `code` is agency code + year + number and notation of the file (``H50.08.2026.12-TCCB``); `archive_code` that of the
    archive that receives it; `fonds` the code of the fonds, the agency's own when it has none.
    """

    code: str
    title: str
    agency_code: str
    agency_name: str
    archive_code: str
    archive_name: str
    fonds: str
    packed_by: str
    maintenance: str
    started_on: date
    ended_on: date
    items: tuple[Item, ...]
    mode: str = "01"
    language: str = "01"
    keyword: str = ""
    pages: int | None = None
    sheets: int | None = None
    confidence: str = "01"
    paper_code: str = ""
    description: str = ""
    events: tuple[Event, ...] = field(default=())


@dataclass(frozen=True)
class Event:
    """Something that happened to the package before it was made, for PREMIS: ``validation``, ``virus check`` …"""

    kind: str
    at: datetime
    outcome: str = "00"
    note: str = ""
    agent: str = ""
