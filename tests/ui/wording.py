"""The words that the product asks gettext for, read from its Python files and templates."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

PACKAGE = Path(settings.LOCALE_PATHS[0]).parent
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def asked_for() -> dict[str, set[str]]:
    """Message → the files that ask for it, relative to the package. Of a plural the first form is the message."""
    found: dict[str, set[str]] = {}
    for path, forms in _requests():
        found.setdefault(forms[0], set()).add(path)
    return found


def plurals_asked_for() -> set[tuple[str, ...]]:
    """The messages that are asked for by number, each with its plural."""
    return {forms for _path, forms in _requests() if len(forms) > 1}


def _requests() -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
            for forms in _messages(path):
                yield str(path.relative_to(PACKAGE)), forms


def _messages(path: Path) -> Iterator[tuple[str, ...]]:
    text = path.read_text("utf-8")
    source = text if path.suffix == ".py" else templatize(text, origin=str(path))
    for _line, message, _comments, _context in extract("python", BytesIO(source.encode()), keywords=KEYWORDS):
        forms = message if isinstance(message, tuple) else (message,)
        if forms[0]:
            yield tuple(form for form in forms if form)
