"""Copies of papers: the block of the copy below the last line of the original (Phụ lục I, Phần II; Điều 25)."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pypdfium2
from django.utils.translation import gettext as _

from hienluong.capabilities.signing.papers import draw
from hienluong.services.documents.layout.content import Copy, LayoutRefused
from hienluong.services.documents.layout.rendering import (
    MM,
    PAGE_HEIGHT,
    Box,
    Laid,
    box_of,
    copy_block,
    filled,
    seal_beside,
    stylesheet,
)

#: Margins of the block's page and the place of an electronic copy's signature (ô số 14), in mm: official.css.
_TOP, _BOTTOM, _CORNER_WIDE, _CORNER_HIGH, _CORNER_TOP, _CORNER_RIGHT = 20.0, 20.0, 70.0, 13.0, 5.0, 15.0


def render_copy(original: bytes, copy: Copy, *, seal: float = 36.0) -> Laid:
    """Make a copy of a PDF: its pages with their visible signatures burnt in, and the block of the copy under the last
    line, or on a page of its own where there is no room. `seal` in mm. The signatures of the original do not live on
    in a copy: the copy is signed by who copies. Raises ``LayoutRefused`` for a PDF that cannot be read."""
    flat, page_height, lowest = _flattened(original)
    page = filled("copy_page.html", {"title": "", "author": copy.agency_name, "copy": copy_block(copy)})
    drawn = draw([page], stylesheet())
    ends = box_of(drawn, "bottom")
    needed = PAGE_HEIGHT - _TOP * MM - (ends.y0 if ends else 0.0)
    fits = len(drawn.places) == 1 and lowest + needed <= page_height - _BOTTOM * MM
    down = lowest - _TOP * MM if fits else 0.0
    with pikepdf.open(BytesIO(flat)) as paper, pikepdf.open(BytesIO(drawn.pdf)) as block:
        for gone in ("/AcroForm", "/Metadata"):  # signatures, and the claim to be PDF/A, were the original's
            if gone in paper.Root:
                del paper.Root[gone]
        before = len(paper.pages)
        if fits:
            _laid_over(paper, block, down)
        else:
            paper.pages.extend(block.pages)
        for at, sheet in enumerate(paper.pages):
            if at < before and "/Annots" in sheet:
                del sheet.Annots
        first = paper.pages[0].mediabox
        whole = BytesIO()
        paper.save(whole)
        pages = len(paper.pages)
    found = box_of(drawn, "copy-0")
    moved = _moved(found, before - 1 if fits else before, down, page_height if fits else PAGE_HEIGHT)
    return Laid(
        whole.getvalue(),
        pages,
        (moved,) if moved else (),
        seal_beside(moved, seal),
        _corner(float(first[2]), float(first[3])),
    )


def _flattened(original: bytes) -> tuple[bytes, float, float]:
    """The pages with all marks burnt in; the height of the last, and how far down its last line is, in points."""
    try:
        paper = pypdfium2.PdfDocument(original)
        paper.init_forms()
    except pypdfium2.PdfiumError as error:
        raise LayoutRefused(_("Tệp PDF đã hỏng hoặc có mật khẩu, không sao được.")) from error
    try:
        for number in range(len(paper)):
            page = paper[number]
            pypdfium2.raw.FPDFPage_Flatten(page, pypdfium2.raw.FLAT_PRINT)
            page.close()
        last = paper[len(paper) - 1]
        wide, high = last.get_size()
        lowest = _lowest(last) if wide < high else high
        last.close()
        out = BytesIO()
        paper.save(out)
        return out.getvalue(), high, lowest
    finally:
        paper.close()


def _lowest(page: pypdfium2.PdfPage) -> float:
    """How far down the lowest mark of a page is, in points."""
    picture = page.render(scale=1, grayscale=True).to_pil().point(lambda shade: 255 if shade < 245 else 0)
    inked = picture.getbbox()
    return float(inked[3]) if inked else 0.0


def _laid_over(paper: pikepdf.Pdf, block: pikepdf.Pdf, down: float) -> None:
    """Draw the page of the block on the last page, so far down."""
    last, sheet = paper.pages[-1], block.pages[0]
    left, top = float(last.mediabox[0]), float(last.mediabox[3]) - down
    wide, high = float(sheet.mediabox[2]), float(sheet.mediabox[3])
    last.add_overlay(sheet, pikepdf.Rectangle(left, top - high, left + wide, top))


def _moved(box: Box | None, page: int, down: float, page_height: float) -> Box | None:
    if box is None:
        return None
    lower = down + PAGE_HEIGHT - page_height
    return Box(page, box.x0, box.y0 - lower, box.x1, box.y1 - lower)


def _corner(wide: float, high: float) -> Box:
    """Where the agency signs an electronic copy: top right of the first page."""
    right, top = wide - _CORNER_RIGHT * MM, high - _CORNER_TOP * MM
    return Box(0, right - _CORNER_WIDE * MM, top - _CORNER_HIGH * MM, right, top)
