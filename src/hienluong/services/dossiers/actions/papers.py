"""Papers of a dossier: the clerk's check list, what a supplement brings, scans made at the counter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from .. import checklist, duties, steps
from ..models import CheckedPaper, Dossier, DossierPaper
from .filing import PaperIn

Verdict = CheckedPaper.Verdict
#: Most originals or copies of one paper.
MOST = 999


class PapersLacking(DomainError):
    """A required paper is missing or wrong: ask for a supplement or refuse, do not receive."""

    code = "dossiers.papers_lacking"


@dataclass(frozen=True)
class PaperCheck:
    """The clerk's verdict on one paper of the check list: present, missing, wrong or not needed."""

    code: str
    verdict: str
    originals: int = 0
    copies: int = 0
    remark: str = ""


@action("dossiers.check_papers")
def check_papers(act: Act, *, dossier: Dossier, checks: tuple[PaperCheck, ...]) -> Dossier:
    """Keep the check list of papers as far as it was filled in, before the dossier is received or sent back."""
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "check_papers")
    if not checks:
        raise InvalidInput(_("Hãy xem ít nhất một giấy tờ."), field="checks")
    before = {found.code: found.verdict for found in dossier.checked_papers.all()}
    act.record(dossier, before={"papers": before}, after={"papers": keep_checks(act, dossier, checks)})
    return dossier


def keep_checks(act: Act, dossier: Dossier, checks: tuple[PaperCheck, ...]) -> dict[str, str]:
    """Write the verdicts down in the caller's transaction, on the list and on the papers handed in.

    Returns them by code, for the caller's audit entry.
    """
    known = {line.code: line for line in checklist.lines_of(dossier)}
    for check in checks:
        if check.code not in known or check.verdict not in Verdict.values:
            raise InvalidInput(_("Hồ sơ này không có giấy tờ “%(code)s”.") % {"code": check.code}, field="checks")
        if check.verdict == Verdict.WRONG and not check.remark.strip():
            raise InvalidInput(
                _("Hãy ghi chỗ chưa đúng của “%(name)s”.") % {"name": known[check.code].name}, field="checks"
            )
        if check.verdict == Verdict.NOT_NEEDED and known[check.code].required and not check.remark.strip():
            raise InvalidInput(
                _("“%(name)s” là giấy tờ bắt buộc: hãy ghi vì sao không cần.") % {"name": known[check.code].name},
                field="checks",
            )
        if not (0 <= check.originals <= MOST and 0 <= check.copies <= MOST):
            raise InvalidInput(_("Số bản từ 0 đến %(most)s.") % {"most": MOST}, field="checks")
        _keep_check(act, dossier, known[check.code], check)
    if checks:
        checklist.forget(dossier)
    return {check.code: str(check.verdict) for check in checks}


def _keep_check(act: Act, dossier: Dossier, line: checklist.Line, check: PaperCheck) -> None:
    remark = check.remark.strip()[:300]
    verdict = CheckedPaper(
        dossier=dossier,
        code=check.code,
        name=line.name,
        verdict=check.verdict,
        originals=check.originals,
        copies=check.copies,
        remark=remark,
        checked_by_id=act.actor.official_id,
        checked_at=timezone.now(),
    )
    CheckedPaper.objects.bulk_create(
        [verdict],
        update_conflicts=True,
        unique_fields=("dossier", "code"),
        update_fields=("name", "verdict", "originals", "copies", "remark", "checked_by", "checked_at"),
    )
    in_order = check.verdict == Verdict.PRESENT
    current = DossierPaper.objects.filter(dossier=dossier, code=check.code, replaced_by__isnull=True)
    if not line.handed_in:
        if in_order and check.originals + check.copies:  # handed over only now, at the counter
            DossierPaper.objects.create(
                dossier=dossier,
                code=check.code,
                name=line.name,
                originals=check.originals,
                copies=check.copies,
                checked=True,
                remark=remark,
                digitised_by=None,
            )
        return
    found: dict[str, Any] = {"checked": None if check.verdict == Verdict.NOT_NEEDED else in_order, "remark": remark}
    first, rest = current.filter(pk=line.handed_in[0].pk), current.exclude(pk=line.handed_in[0].pk)
    first.update(**found, **({"originals": check.originals, "copies": check.copies} if in_order else {}))
    if len(line.handed_in) > 1:
        rest.update(**found, **({"originals": 0, "copies": 0} if in_order else {}))


def require_papers(dossier: Dossier) -> None:
    """Refuse to receive while a required paper is lacking. What nobody looked at stays unchecked: receiving says nothing of it."""
    lacking = [line.name for line in checklist.lines_of(dossier) if line.lacking]
    if lacking:
        raise PapersLacking(
            _("Còn giấy tờ thiếu hoặc chưa đúng: %(names)s. Hãy yêu cầu bổ sung hoặc từ chối tiếp nhận.")
            % {"names": "; ".join(lacking)},
            field="checks",
        )


def mark_asked(act: Act, dossier: Dossier, items: list[dict[str, str]]) -> dict[str, str]:
    """A paper that a supplement asks for is not in order; what was written about it goes onto the check list."""
    known = {line.code: line for line in checklist.lines_of(dossier)}
    return keep_checks(
        act,
        dossier,
        tuple(
            PaperCheck(
                code=item["code"],
                verdict=Verdict.WRONG if known[item["code"]].handed_in else Verdict.MISSING,
                originals=known[item["code"]].originals,
                copies=known[item["code"]].copies,
                remark=item.get("what", "").strip() or str(_("Cần bổ sung")),
            )
            for item in items
            if item.get("code") in known
        ),
    )


def add_papers(act: Act, dossier: Dossier, papers: tuple[PaperIn, ...], asked: Collection[str] = ()) -> None:
    """Add what a supplement brings. A paper found wrong, or asked for again, is replaced by the new one of its code.

    The verdict on a paper that came anew is taken back: it has to be looked at again.
    """
    brought = {paper.code for paper in papers}
    old = DossierPaper.objects.filter(dossier=dossier, code__in=brought, replaced_by__isnull=True)
    worn_out = [paper.pk for paper in old if paper.checked is False or paper.code in asked]
    first: dict[str, DossierPaper] = {}
    for paper in papers:
        added = DossierPaper.objects.create(
            dossier=dossier,
            code=paper.code,
            name=paper.name,
            file_id=paper.file_id,
            originals=paper.originals,
            copies=paper.copies,
            digitised_by_id=act.actor.official_id,
        )
        first.setdefault(paper.code, added)
    for code, added in first.items():
        DossierPaper.objects.filter(pk__in=worn_out, code=code).update(replaced_by=added)
    CheckedPaper.objects.filter(dossier=dossier, code__in=brought).delete()
    checklist.forget(dossier)


@action("dossiers.digitise")
def digitise(act: Act, *, dossier: Dossier, paper: PaperIn) -> DossierPaper:
    """Attach a scan made at the counter to the paper that was presented (Nghị định 118/2025/NĐ-CP, số hóa hồ sơ).

    A second scan of the same paper takes the place of the first; a file that the person sent stays beside it.
    """
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "digitise")
    if paper.file_id is None:
        raise InvalidInput(_("Hãy chọn tệp quét."), field="scan")
    names = {line.code: line.name for line in checklist.lines_of(dossier)}
    if paper.code not in names:
        raise InvalidInput(_("Hồ sơ này không có giấy tờ “%(code)s”.") % {"code": paper.code}, field="paper")
    current = DossierPaper.objects.filter(dossier=dossier, code=paper.code, replaced_by__isnull=True).order_by("pk")
    presented = current.filter(file__isnull=True).first()
    earlier = current.filter(file__isnull=False, digitised_by__isnull=False).first()
    before = {"file": str(earlier.file_id) if earlier else ""}
    if presented:
        presented.file_id, presented.digitised_by_id = paper.file_id, act.actor.official_id
        presented.save(update_fields=("file", "digitised_by"))
        scanned = presented
    else:
        scanned = DossierPaper.objects.create(
            dossier=dossier,
            code=paper.code,
            name=names[paper.code],
            file_id=paper.file_id,
            originals=earlier.originals if earlier else paper.originals,
            copies=earlier.copies if earlier else paper.copies,
            checked=earlier.checked if earlier else None,
            digitised_by_id=act.actor.official_id,
        )
        if earlier:
            current.filter(pk=earlier.pk).update(replaced_by=scanned)
    checklist.forget(dossier)
    act.record(dossier, before=before, after={"paper": paper.code, "file": str(paper.file_id)})
    return scanned
