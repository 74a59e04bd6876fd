"""The check list of papers: what the procedure asks for, what was handed in, what the clerk found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hienluong.foundation.schemas.expressions import holds
from hienluong.services.procedures.spec import Paper

from . import fetching
from .models import CheckedPaper, Dossier, DossierPaper

Verdict = CheckedPaper.Verdict
#: Where an object keeps what was read of its papers.
_READ = "_papers_read"


@dataclass(frozen=True)
class Line:
    """One paper of the list: the rule, the papers handed in under its code, the verdict when it was looked at."""

    code: str
    name: str
    required: bool
    asked_originals: int
    asked_copies: int
    note: str
    source: str
    handed_in: tuple[DossierPaper, ...] = ()
    found: CheckedPaper | None = None

    @property
    def files(self) -> tuple[DossierPaper, ...]:
        """Those that were handed in or scanned as files."""
        return tuple(paper for paper in self.handed_in if paper.file_id)

    @property
    def fetched(self) -> str:
        """Where it was fetched from, in words; empty when it was handed in."""
        return next((fetching.in_words(paper.origin) for paper in self.handed_in if paper.origin), "")

    @property
    def originals(self) -> int:
        """Originals there: as counted by the clerk, else as handed in."""
        return self.found.originals if self.found else sum(paper.originals for paper in self.handed_in)

    @property
    def copies(self) -> int:
        """Copies there: as counted by the clerk, else as handed in."""
        return self.found.copies if self.found else sum(paper.copies for paper in self.handed_in)

    @property
    def faulty(self) -> bool:
        """Whether the clerk found it missing or wrong."""
        return self.found is not None and self.found.verdict in (Verdict.MISSING, Verdict.WRONG)

    @property
    def lacking(self) -> bool:
        """Whether a dossier cannot be received as it is: required, to be handed in, and neither there nor vouched for."""
        if self.faulty:
            return self.required or (self.found is not None and self.found.verdict == Verdict.WRONG)
        return self.required and self.source == "upload" and not self.handed_in and self.found is None

    @property
    def what(self) -> str:
        """What is to be mended, in words for the person."""
        if self.found is None:
            return ""
        if self.found.remark:
            return self.found.remark
        return str(self.found.get_verdict_display()) if self.faulty else ""


def asked_papers(dossier: Dossier) -> list[Paper]:
    """The papers that the dossier's own procedure version asks for, given its answers."""
    papers = dossier.procedure_version.spec.papers
    return [paper for paper in papers if not paper.when or holds(paper.when, dossier.data)]


def at_hand(dossier: Dossier) -> list[DossierPaper]:
    """The papers that are there now, replaced ones left out; read once for this object, until :func:`forget`."""
    known: dict[str, Any] = dossier.__dict__.setdefault(_READ, {})
    if "papers" not in known:
        there = dossier.papers.filter(replaced_by__isnull=True).select_related("file__blob").order_by("pk")
        known["papers"] = list(there)
    papers: list[DossierPaper] = known["papers"]
    return papers


def _verdicts(dossier: Dossier) -> list[CheckedPaper]:
    known: dict[str, Any] = dossier.__dict__.setdefault(_READ, {})
    if "verdicts" not in known:
        known["verdicts"] = list(dossier.checked_papers.all())
    verdicts: list[CheckedPaper] = known["verdicts"]
    return verdicts


def forget(dossier: Dossier) -> None:
    """Papers or verdicts were written: the next list is read anew."""
    dossier.__dict__.pop(_READ, None)


def lines_of(dossier: Dossier) -> list[Line]:
    """The whole list: what is asked for in the order of the procedure, then what was handed in besides."""
    current: dict[str, list[DossierPaper]] = {}
    for paper in at_hand(dossier):
        current.setdefault(paper.code, []).append(paper)
    verdicts = {found.code: found for found in _verdicts(dossier)}
    asked = [
        Line(
            code=paper.code,
            name=paper.name,
            required=paper.required,
            asked_originals=paper.originals,
            asked_copies=paper.copies,
            note=paper.note,
            source=paper.source,
            handed_in=tuple(current.get(paper.code, ())),
            found=verdicts.get(paper.code),
        )
        for paper in asked_papers(dossier)
    ]
    besides = set(current) - {line.code for line in asked}
    return asked + [
        Line(
            code=code,
            name=current[code][0].name,
            required=False,
            asked_originals=0,
            asked_copies=0,
            note="",
            source="upload",
            handed_in=tuple(current[code]),
            found=verdicts.get(code),
        )
        for code in sorted(besides)
    ]


def receipt_rows(dossier: Dossier) -> list[dict[str, Any]]:
    """What the receipt lists: each paper that is there, with originals, copies, and whether as a file (Mẫu số 01)."""
    return [
        {
            "code": line.code,
            "name": line.name,
            "originals": line.originals,
            "copies": line.copies,
            "electronic": bool(line.files),
            "remark": (line.found.remark if line.found else "") or line.fetched,
        }
        for line in lines_of(dossier)
        if line.handed_in or (line.found and line.found.verdict == Verdict.PRESENT)
    ]
