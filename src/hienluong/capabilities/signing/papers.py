"""From template to PDF/A: the layout of Vietnamese official papers, fonts embedded, nothing fetched from outside."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

if TYPE_CHECKING:  # weasyprint is loaded at the first paper: a web process that prints none starts faster, smaller
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher


#: Pango and the fonts below it are C code that is not safe in two threads at once: papers are drawn one by one.
_drawing = threading.Lock()


class OutsideResource(ValueError):
    """A template asked for something outside the product."""


@dataclass(frozen=True)
class Drawn:
    """Pages that were drawn, and where on each the elements with an ``id`` stand."""

    pdf: bytes
    #: For each page: the ``id`` of an element → its left, top, right and bottom edge, in points from the upper left.
    places: tuple[Mapping[str, tuple[float, float, float, float]], ...]


@lru_cache(maxsize=1)
def _style() -> tuple[CSS, FontConfiguration]:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    text = resources.files("hienluong.capabilities.signing").joinpath("paper.css").read_text("utf-8")
    return CSS(string=text, font_config=fonts), fonts


class Ready(Protocol):
    """A template that was read already."""

    def render(self, context: dict[str, Any]) -> str:
        """The page that it makes."""


def render_pdf(template: str | Ready, context: Mapping[str, Any], *, title: str, pdfa: bool = True) -> bytes:
    """Render a template (extending ``signing/papers/base.html``), by its name or as it is, as PDF; PDF/A-3b unless
    told otherwise.

    Always in Vietnamese: a legal paper has one language whoever prints it.
    """
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError

    with translation.override("vi"):
        whole = {**context, "paper_title": title, "base_url": settings.BASE_URL}
        html = render_to_string(template, whole) if isinstance(template, str) else template.render(whole)
    options: dict[str, Any] = {"pdf_variant": "pdf/a-3b"} if pdfa else {}
    with _drawing:
        style, fonts = _style()
        document = HTML(string=html, url_fetcher=_only_within())
        try:
            content: bytes = document.write_pdf(stylesheets=[style], font_config=fonts, **options)
        except FatalURLFetchingError as error:  # not an Exception: nothing further up would catch it
            raise OutsideResource(f"papers take nothing from outside: {str(error)[:200]}") from error
    return content


def draw(parts: Sequence[str], stylesheet: str) -> Drawn:
    """Draw whole HTML pages, each part with page numbers of its own, one after the other in one PDF/A-3b.

    For papers with a style sheet of their own: :func:`render_pdf` is for those that share ``paper.css``. Raises
    ``OutsideResource`` when a part asks for something outside.
    """
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import FatalURLFetchingError

    options: dict[str, Any] = {"pdf_variant": "pdf/a-3b"}
    with _drawing:
        fonts = FontConfiguration()
        style = CSS(string=stylesheet, font_config=fonts)
        try:
            drawn = [
                HTML(string=part, url_fetcher=_only_within()).render(stylesheets=[style], font_config=fonts, **options)
                for part in parts
            ]
            pages = [page for document in drawn for page in document.pages]
            pdf: bytes = drawn[0].copy(pages).write_pdf(**options)
        except FatalURLFetchingError as error:
            raise OutsideResource(f"papers take nothing from outside: {str(error)[:200]}") from error
    points = 0.75  # in a CSS pixel
    places = (
        {name: (x0 * points, y0 * points, x1 * points, y1 * points) for name, (x0, y0, x1, y1) in page.anchors.items()}
        for page in pages
    )
    return Drawn(pdf, tuple(places))


def _only_within() -> URLFetcher:
    """Fetches what stands in the page itself, and nothing else."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
