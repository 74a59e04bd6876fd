"""A picture of one page, drawn outside the web process."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from io import BytesIO
from typing import BinaryIO

import pikepdf
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput, NotFound

from . import render
from .models import StoredFile

WIDTH = 900
TIMEOUT = 20.0


def can_draw(file: StoredFile) -> bool:
    """Whether this type has a preview."""
    return file.media_type == "application/pdf" or file.media_type.startswith("image/")


def draw(file: StoredFile, page: int) -> bytes:
    """PNG of one page (from 1), at most 900 pixels wide. Raises NotFound past the last page, InvalidInput when it
    cannot be drawn within the limits of memory and time."""
    if not can_draw(file):
        raise InvalidInput(_("Loại tệp này không xem trước được."), code="files.no_preview")
    with file.open() as stream:
        return _draw(stream, file.media_type, page)


def draw_pdf(content: bytes, page: int) -> bytes:
    """PNG of one page (from 1) of a PDF that is not kept as a file; raises as :func:`draw` does."""
    return _draw(BytesIO(content), "application/pdf", page)


def count_pages(file: StoredFile) -> int:
    """How many pages there are to draw: those of a PDF, 1 for a picture, 0 for what has no preview."""
    if file.media_type != "application/pdf":
        return 1 if can_draw(file) else 0
    with file.open() as stream:
        return pages_of(stream)


def pages_of(stream: BinaryIO) -> int:
    """How many pages a PDF has; 1 when it does not say (drawing it then says why)."""
    try:
        with pikepdf.open(stream) as pdf:
            return len(pdf.pages)
    except (pikepdf.PdfError, ValueError, RuntimeError):
        return 1


def _draw(stream: BinaryIO, media_type: str, page: int) -> bytes:
    with tempfile.NamedTemporaryFile(prefix="hienluong-xem-") as copy:
        shutil.copyfileobj(stream, copy, 64 * 1024)
        copy.flush()
        command = [sys.executable, "-m", render.__name__, copy.name, media_type, str(page), str(WIDTH)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired as error:
            raise _undrawable() from error
    if done.returncode == render.NO_SUCH_PAGE:
        raise NotFound(_("Tệp không có trang này."))
    if done.returncode != 0 or not done.stdout:
        raise _undrawable()
    return done.stdout


def _undrawable() -> InvalidInput:
    return InvalidInput(_("Tệp này quá nặng để xem trước. Hãy mở hoặc tải tệp gốc."), code="files.preview_too_heavy")
