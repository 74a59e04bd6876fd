"""Looking at papers beside the form: page pictures of what was handed in and of the draft, issued papers as PDF.

Pictures, since Chromium's own PDF viewer does not run under the strict content policy that files are given out with.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.files import previews
from hienluong.services.dossiers import drafting, issuing, publishing
from hienluong.services.dossiers.models import Dossier, DossierPaper, IssuedPaper, Result
from hienluong.ui import asked

from .guard import dossier_for, officials_only
from .looking import PERSON, look, whole

DRAFT = "du-thao"
MOST_PAGES = 200


@dataclass(frozen=True)
class Pane:
    """One page of one paper, with the ways to its neighbours."""

    key: str
    title: str
    picture: str  # address; empty when this kind has no preview
    whole: str  # address of the whole file
    page: int
    pages: int

    @property
    def previous(self) -> str:
        """The query of the page before; empty on the first."""
        return f"?giay={self.key}&trang={self.page - 1}" if self.page > 1 else ""

    @property
    def next(self) -> str:
        """The query of the page after; empty on the last."""
        return f"?giay={self.key}&trang={self.page + 1}" if self.page < self.pages else ""


def pane(request: HttpRequest, dossier: Dossier, *, draft_first: bool = False) -> Pane | None:
    """The paper that the address asks for (``?giay=``), else the draft when it is to be judged, else the first file."""
    wanted = asked.text(request, "giay", 20)
    draft = drafting.current(dossier)
    page = asked.number(request, "trang", 1, MOST_PAGES) or 1
    if draft and (wanted == DRAFT or (draft_first and not wanted)):
        return _draft_pane(dossier, draft, page)
    files = list(dossier.papers.filter(file__isnull=False).select_related("file__blob").order_by("pk"))
    chosen = next((paper for paper in files if str(paper.pk) == wanted), None)
    chosen = chosen or next((paper for paper in files if paper.replaced_by_id is None), None)
    return _paper_pane(chosen, page) if chosen else None


def _draft_pane(dossier: Dossier, draft: Result, page: int) -> Pane:
    pages = previews.pages_of(BytesIO(publishing.draft_pdf(draft)))
    page = min(page, pages)
    return Pane(
        key=DRAFT,
        title=_("Dự thảo: %(name)s") % {"name": draft.name},
        picture=reverse("workplace:draft_page", kwargs={"code": dossier.code, "page": page}),
        whole=reverse("workplace:draft", kwargs={"code": dossier.code}),
        page=page,
        pages=pages,
    )


def _paper_pane(paper: DossierPaper, page: int) -> Pane:
    assert paper.file is not None
    pages = previews.count_pages(paper.file)
    page = min(page, max(pages, 1))
    file = reverse("files:content", kwargs={"file_id": paper.file.pk})
    picture = reverse("files:preview", kwargs={"file_id": paper.file.pk})
    return Pane(
        key=str(paper.pk),
        title=paper.name,
        picture=f"{picture}?trang={page}" if pages else "",
        whole=file,
        page=page,
        pages=pages,
    )


def _draft_of(dossier: Dossier) -> Result:
    return get_object_or_404(
        Result.objects.select_related("dossier__procedure_version"), dossier=dossier, state=Result.State.DRAFT
    )


@require_GET
@officials_only
def draft_preview(request: HttpRequest, code: str) -> HttpResponse:
    """The draft of the result as PDF, marked as a draft, before anyone signs."""
    dossier = dossier_for(request, code)
    content = publishing.draft_pdf(_draft_of(dossier))
    look(request, [dossier], whole(dossier), _("Xem dự thảo kết quả"))
    return _pdf(content, f"{dossier.code}-du-thao.pdf")


@require_GET
@officials_only
def draft_page(request: HttpRequest, code: str, page: int) -> HttpResponse:
    """A picture of one page of the draft."""
    dossier = dossier_for(request, code)
    picture = previews.draw_pdf(publishing.draft_pdf(_draft_of(dossier)), min(max(page, 1), MOST_PAGES))
    look(request, [dossier], whole(dossier), _("Xem dự thảo kết quả"))
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response


@require_GET
@officials_only
def received(request: HttpRequest, code: str) -> HttpResponse:
    """After receiving: print the receipt, and go on with the next in the queue."""
    dossier = dossier_for(request, code)
    look(request, [dossier], ["name"], _("Tiếp nhận hồ sơ, in giấy hẹn"))
    receipt = dossier.issued_papers.filter(kind="receipt").order_by("-issued_at").first()
    change = dossier.deadline_changes.order_by("-at", "-pk").first()
    return render(request, "workplace/received.html", {"dossier": dossier, "receipt": receipt, "change": change})


@require_GET
@officials_only
def paper(request: HttpRequest, code: str, paper_id: int) -> HttpResponse:
    """An issued paper as PDF, to print."""
    dossier = dossier_for(request, code)
    found = get_object_or_404(IssuedPaper.objects.select_related("file", "dossier"), pk=paper_id, dossier=dossier)
    content = issuing.pdf_of(found)
    look(request, [dossier], PERSON, _("In giấy đã phát hành"))
    return _pdf(content, f"{dossier.code}-{found.kind}.pdf")


@require_GET
@officials_only
def control_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The control sheet as it stands now, as PDF."""
    dossier = dossier_for(request, code)
    content = issuing.control_sheet_pdf(dossier)
    look(request, [dossier], ["name"], _("In phiếu kiểm soát"))
    return _pdf(content, f"{dossier.code}-phieu-kiem-soat.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response
