"""Several scans or photos of one paper bound into one PDF."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

from . import stitch
from .checks import examine, refuse

MOST = 30


def bind(uploads: Sequence[Any]) -> Any:
    """One stream of all parts in their order: a single part as it is, several as one PDF.

    Raises InvalidInput for too many parts, and for a part that is too large or of a kind that is not taken.
    """
    if len(uploads) == 1:
        return uploads[0]
    if len(uploads) > MOST:
        raise InvalidInput(_("Mỗi giấy tờ tối đa %(most)s tệp.") % {"most": MOST}, code="files.too_many")
    with tempfile.TemporaryDirectory(prefix="hienluong-quet-") as folder:
        out = Path(folder) / "out.pdf"
        words = [sys.executable, "-m", stitch.__name__, str(out)]
        for number, upload in enumerate(uploads):
            words += _part(upload, Path(folder) / f"{number:03d}")
        try:
            done = subprocess.run(words, capture_output=True, timeout=stitch.SECONDS + 5, check=False)
        except subprocess.TimeoutExpired as error:
            raise _unbindable() from error
        if done.returncode != 0 or not out.exists():
            raise _unbindable()
        return BytesIO(out.read_bytes())


def _part(upload: Any, path: Path) -> list[str]:
    name = str(getattr(upload, "name", "") or path.name)
    with path.open("wb") as out:
        size = 0
        while chunk := upload.read(64 * 1024):
            size += len(chunk)
            if size > settings.MAX_UPLOAD_BYTES:
                raise refuse(_("Tệp “%(name)s” quá lớn.") % {"name": name[:80]}, "too_large")
            out.write(chunk)
    kind = examine(path, name)
    if kind.media_type != "application/pdf" and not kind.media_type.startswith("image/"):
        raise _unbindable()
    return [kind.media_type, str(path)]


def _unbindable() -> InvalidInput:
    return InvalidInput(_("Không ghép được các tệp này. Hãy tải ảnh JPEG, PNG hoặc PDF."), code="files.unbindable")
