"""Looking at the files of a document beside what is typed: pictures of their pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from hienluong.foundation.files import previews
from hienluong.foundation.files.models import StoredFile
from hienluong.ui import asked

from ..models import Document, DocumentFile

MOST_PAGES = 200


@dataclass(frozen=True)
class Pane:
    """One page of one file, with the ways to its neighbours."""

    key: str
    title: str
    picture: str  # address; empty when this kind has no preview
    whole: str  # address of the whole file
    page: int
    pages: int

    @property
    def previous(self) -> str:
        """The query of the page before; empty on the first."""
        return f"?tep={self.key}&trang={self.page - 1}" if self.page > 1 else ""

    @property
    def next(self) -> str:
        """The query of the page after; empty on the last."""
        return f"?tep={self.key}&trang={self.page + 1}" if self.page < self.pages else ""


def files_of(document: Document) -> list[DocumentFile]:
    """The files that count now, the paper itself first; one query."""
    found = document.files.filter(replaced_at__isnull=True).select_related("file__blob").order_by("position", "pk")
    order = {DocumentFile.Role.MAIN: 0, DocumentFile.Role.SCAN: 1}
    return sorted(found, key=lambda row: (order.get(DocumentFile.Role(row.role), 2), row.position, row.pk))


def pane(request: HttpRequest, rows: Sequence[DocumentFile]) -> Pane | None:
    """The file that the address asks for (``?tep=``), else the paper itself; None when there is none."""
    wanted = asked.text(request, "tep", 40)
    page = asked.number(request, "trang", 1, MOST_PAGES) or 1
    chosen = next((row for row in rows if str(row.file_id) == wanted), rows[0] if rows else None)
    return pane_of(chosen.file, chosen.name, page) if chosen else None


def pane_of(file: StoredFile, title: str, page: int = 1) -> Pane:
    """One page of one file."""
    pages = previews.count_pages(file)
    page = min(page, max(pages, 1))
    return Pane(
        key=str(file.pk),
        title=title,
        picture=f"{reverse('files:preview', args=[file.pk])}?trang={page}" if pages else "",
        whole=reverse("files:content", args=[file.pk]),
        page=page,
        pages=pages,
    )
