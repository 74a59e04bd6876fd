"""Translations are kept as text (.po); the machine form (.mo) is made from it when it is missing or older.

So neither an install nor a developer needs the gettext programs to run the product.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

logger = logging.getLogger(__name__)


def compile_stale(folders: Iterable[Path]) -> list[Path]:
    """Compile each ``<language>/LC_MESSAGES/django.po`` below the folders whose ``.mo`` is missing or older.

    Returns the files written. A folder that cannot be written to is left as it is, with a warning.
    """
    written = []
    for source in (po for folder in folders for po in sorted(Path(folder).glob("*/LC_MESSAGES/django.po"))):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except OSError as error:
            logger.warning("cannot write %s: %s", target, error)
            continue
        written.append(target)
    return written


def _compile(source: Path, target: Path) -> None:
    """Write beside the target and rename, so that processes that start together never read half a file."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parent.parent.name, domain="django")
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".mo.new")
    try:
        with os.fdopen(handle, "wb") as out:
            write_mo(out, catalog)
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
