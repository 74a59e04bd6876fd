"""The legal papers of the one-stop mechanism: numbered and taken down in the action, made as PDF when wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Act, InvalidInput
from hienluong.foundation.files import store
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization

from . import clock, steps
from .checklist import receipt_rows
from .content import taken_down
from .models import Dossier, Handover, IssuedPaper, State

#: Suffix of the number of each kind of paper, as the forms print it.
SUFFIX = {"receipt": "TNHS", "supplement": "HDHS", "refusal": "TCHS", "apology": "PXL", "stop": "TBD"}
#: What a paper is called where the rule set has no form for it (the set of 2022 knows no stop notice).
UNFORMED: dict[str, str | Promise] = {"stop": _("Thông báo dừng giải quyết hồ sơ")}
#: Rows of one volume of the register: a volume is printed while the official waits.
VOLUME = 500


def issue_paper(act: Act, dossier: Dossier, kind: str, context: dict[str, Any]) -> IssuedPaper:
    """Number one paper and keep what it says in the caller's transaction; its PDF is made in the background."""
    form = dossier.rule_set.spec.paper(kind)
    year = timezone.localdate().year
    number = next_number(f"paper:{dossier.received_at_org.code}:{kind}:{year}")
    with translation.override("vi"):
        title = form.title if form else str(UNFORMED.get(kind, ""))
    paper = IssuedPaper.objects.create(
        dossier=dossier,
        kind=kind,
        number=f"{number:02d}/{dossier.received_at_org.code}-{year}/{SUFFIX[kind]}",
        context={
            **context,
            "form_number": form.form_number if form else "",
            "title": title,
            "content": taken_down(dossier),
        },
        issued_by_id=act.actor.official_id,
        issued_by_label=act.actor.label,
        issued_at=timezone.now(),
    )
    act.record(paper, verb="dossiers.issue_paper", after={"kind": kind, "number": paper.number})
    from .tasks import make_paper

    make_paper.defer(paper_id=paper.pk)
    return paper


def pdf_of(paper: IssuedPaper) -> bytes:
    """The PDF of an issued paper; made now when the background has not come to it yet."""
    if paper.file is None:
        make_file(paper)
    assert paper.file is not None
    with paper.file.open() as stream:
        content: bytes = stream.read()
    return content


def make_file(paper: IssuedPaper) -> None:
    """Render the paper once and keep the file; a second call does nothing."""
    if paper.file_id:
        return
    dossier = paper.dossier
    pdf = render_pdf(
        f"dossiers/papers/{paper.kind}.html",
        paper_context(dossier, paper),
        title=f"{paper.context.get('title')} {paper.number}",
    )
    paper.file = store(
        BytesIO(pdf), name=f"{dossier.code}-{paper.kind}.pdf", owner=None, purpose="dossiers.issued_paper"
    )
    paper.save(update_fields=("file",))


def paper_context(dossier: Dossier, paper: IssuedPaper) -> dict[str, Any]:
    """What a paper prints: what was taken down when it was issued (papers older than that: the dossier as it is)."""
    context = dict(paper.context)
    if paper.kind == "receipt":
        context.setdefault("papers", receipt_rows(dossier))  # receipts issued before the list was kept with them
    return {
        "paper": paper,
        "context": context,
        "content": context.get("content") or taken_down(dossier),
        "issued_at": paper.issued_at,
    }


@dataclass(frozen=True)
class SheetRow:
    """One hand-over of the control sheet: from whom to whom, when, when the receiver was done, how it came out."""

    verb: str
    giver: str
    receiver: str
    at: datetime
    done_at: datetime | None
    outcome: str
    remark: str


def control_sheet_pdf(dossier: Dossier) -> bytes:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ, as the dossier stands now."""
    form = dossier.rule_set.spec.paper("control_sheet")
    if form is None:
        raise InvalidInput(_("Quy định áp dụng cho hồ sơ này không có phiếu kiểm soát."))
    context = {
        "paper": None,
        "context": {"form_number": form.form_number, "title": form.title},
        "content": taken_down(dossier),
        "rows": sheet_rows(dossier),
        "outcome": outcome_of(dossier),
        "issued_at": timezone.now(),
    }
    return render_pdf("dossiers/papers/control_sheet.html", context, title=f"{form.title} {dossier.code}")


def sheet_rows(dossier: Dossier) -> list[SheetRow]:
    """The hand-overs in order; a receiver is done when the next hand-over is made."""
    handovers = list(dossier.handovers.select_related("organization").order_by("at", "pk"))
    rows = []
    for index, handover in enumerate(handovers):
        following = handovers[index + 1] if index + 1 < len(handovers) else None
        rows.append(
            SheetRow(
                verb=handover.verb,
                giver=_giver(handover),
                receiver=handover.to_label or str(steps.LANE_NAMES.get(handover.to_lane, "")),
                at=handover.at,
                done_at=following.at if following else None,
                outcome=outcome_of(dossier) if handover.verb == "complete" else "",
                remark=handover.public_note,
            )
        )
    return rows


def _giver(handover: Handover) -> str:
    place = handover.organization.name if handover.organization else ""
    return f"{handover.from_label}, {place}" if place and place not in handover.from_label else handover.from_label


def outcome_of(dossier: Dossier) -> str:
    """Trước hạn, đúng hạn or quá hạn: the day the work was done against the lawful due date; empty while neither."""
    due = clock.lawful_due(dossier)
    if due is None:
        return ""
    with translation.override("vi"):
        if dossier.finished_at is None:
            late = dossier.state not in (State.REFUSED, State.WITHDRAWN, State.STOPPED) and timezone.now() > due
            return str(_("Quá hạn")) if late else ""
        if dossier.finished_at > due:
            return str(_("Quá hạn"))
        if timezone.localdate(dossier.finished_at) < timezone.localdate(due):
            return str(_("Trước hạn"))
        return str(_("Đúng hạn"))


def register_pdf(
    dossiers: list[Dossier],
    *,
    organization: Organization | None,
    period: str,
    form_number: str,
    title: str,
    first: int = 1,
    volume: str = "",
) -> bytes:
    """Sổ theo dõi hồ sơ: one volume of the register of a counter over a period; `first` is the number of its first row."""
    context = {
        "dossiers": dossiers,
        "agency_name": organization.name if organization else "",
        "above": organization.parent.name if organization and organization.parent else "",
        "period": period,
        "first": first,
        "volume": volume,
        "context": {"form_number": form_number, "title": title},
    }
    return render_pdf("dossiers/papers/register.html", context, title=f"{title} {period} {volume}".strip())
