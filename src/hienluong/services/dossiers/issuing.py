"""The legal papers of the one-stop mechanism: numbered in the action, made as PDF when wanted."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.payments.queries import charges_of
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Act, InvalidInput
from hienluong.foundation.files import store
from hienluong.foundation.numbering import next_number

from . import steps
from .charging import subject_ref
from .checklist import receipt_rows
from .models import Dossier, IssuedPaper

#: Suffix of the number of each kind of paper, as the forms print it.
SUFFIX = {"receipt": "TNHS", "supplement": "HDHS", "refusal": "TCHS", "apology": "PXL", "stop": "TBD"}


def issue_paper(act: Act, dossier: Dossier, kind: str, context: dict[str, Any]) -> IssuedPaper:
    """Number and keep one paper in the caller's transaction; its PDF is made in the background."""
    form = dossier.rule_set.spec.paper(kind)
    year = timezone.localdate().year
    number = next_number(f"paper:{dossier.received_at_org.code}:{kind}:{year}")
    paper = IssuedPaper.objects.create(
        dossier=dossier,
        kind=kind,
        number=f"{number:02d}/{dossier.received_at_org.code}-{year}/{SUFFIX[kind]}",
        context={**context, "form_number": form.form_number if form else "", "title": form.title if form else ""},
        issued_by=steps.official(act),
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


def paper_context(dossier: Dossier, paper: IssuedPaper | None) -> dict[str, Any]:
    """What every paper template may print."""
    spec = dossier.procedure_version.spec
    context = dict(paper.context) if paper else {}
    if paper and paper.kind == "receipt":
        context.setdefault("papers", receipt_rows(dossier))  # receipts issued before the list was kept with them
    return {
        "dossier": dossier,
        "spec": spec,
        "paper": paper,
        "context": context,
        "handovers": list(dossier.handovers.order_by("at", "pk")),
        "deadline": dossier.deadline_changes.order_by("-at", "-pk").first(),
        "charges": charges_of(subject_ref(dossier)),
        "track_url": f"{settings.BASE_URL}/ho-so/tra-cuu?ma={dossier.code}",
        "agency": dossier.received_at_org,
        "place": dossier.competent.name,
        "issued_at": paper.issued_at if paper else timezone.now(),
    }


def control_sheet_pdf(dossier: Dossier) -> bytes:
    """Phiếu kiểm soát quá trình giải quyết hồ sơ, as the dossier stands now."""
    form = dossier.rule_set.spec.paper("control_sheet")
    if form is None:
        raise InvalidInput(_("Quy định áp dụng cho hồ sơ này không có phiếu kiểm soát."))
    context = paper_context(dossier, None) | {"context": {"form_number": form.form_number, "title": form.title}}
    return render_pdf("dossiers/papers/control_sheet.html", context, title=f"{form.title} {dossier.code}")


def register_pdf(
    dossiers: list[Dossier], *, organization_name: str, period: str, form_number: str, title: str
) -> bytes:
    """Sổ theo dõi hồ sơ: the register of a counter over a period."""
    context = {
        "dossiers": dossiers,
        "agency_name": organization_name,
        "period": period,
        "context": {"form_number": form_number, "title": title},
    }
    return render_pdf("dossiers/papers/register.html", context, title=f"{title} {period}")
