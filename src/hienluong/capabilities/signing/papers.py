"""From template to PDF/A: the layout of Vietnamese official papers, fonts embedded, nothing fetched from outside."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

if TYPE_CHECKING:  # weasyprint is loaded at the first paper: a web process that prints none starts faster, smaller
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration


#: Pango and the fonts below it are C code that is not safe in two threads at once: papers are drawn one by one.
_drawing = threading.Lock()


class OutsideResource(ValueError):
    """A template asked for something outside the product."""


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
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    with translation.override("vi"):
        whole = {**context, "paper_title": title, "base_url": settings.BASE_URL}
        html = render_to_string(template, whole) if isinstance(template, str) else template.render(whole)
    options: dict[str, Any] = {"pdf_variant": "pdf/a-3b"} if pdfa else {}
    with _drawing:
        style, fonts = _style()
        only_within = URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
        document = HTML(string=html, url_fetcher=only_within)
        try:
            content: bytes = document.write_pdf(stylesheets=[style], font_config=fonts, **options)
        except FatalURLFetchingError as error:  # not an Exception: nothing further up would catch it
            raise OutsideResource(f"papers take nothing from outside: {str(error)[:200]}") from error
    return content
