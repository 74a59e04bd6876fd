"""Stamps of secrecy in files of any kind that are taken: looked for before a file is kept, and the file refused.

Where a stamp stands: Nghị định 30/2020/NĐ-CP, Phụ lục I (ô số 10a), and the decrees under the Law on Protection of State
Secrets. What is only a picture of a page has no text to look at here: the paths by which the records office takes in papers
read those with Tesseract.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hienluong.foundation.files.models import StoredFile

from . import extracting, secrecy

logger = logging.getLogger(__name__)
TIMEOUT = extracting.SECONDS + 10
#: How the files begin that have text: PDF, and the archives that office files are.
_MARK, _WITHIN = b"%PDF-", 1024
_ARCHIVE = b"PK\x03\x04"


def refuse_in(contents: Iterable[bytes]) -> None:
    """Raise :class:`secrecy.StateSecret`, which quotes the rule, when one of these files bears a stamp of secrecy.

    Takes some tenths of a second for each file, at most `TIMEOUT` seconds. A file that cannot be read bears none that
    could be seen; whether it is taken, others decide.
    """
    for content in contents:
        secrecy.refuse(level_in(content))


def refuse_in_upload(upload: Any) -> None:
    """The same for an upload, which is then read from its beginning again."""
    upload.seek(0)
    refuse_in([upload.read()])
    upload.seek(0)


def refuse_in_kept(file: StoredFile) -> None:
    """The same for a file that was kept already, by whoever did not look: it does not become part of anything."""
    with file.open() as stream:
        refuse_in([stream.read()])


def level_in(content: bytes) -> str:
    """The key of the level (``secrecy.LEVELS``) stamped in a PDF, Word or Excel file; empty for none."""
    if _MARK not in content[:_WITHIN] and not content.startswith(_ARCHIVE):
        return ""
    return secrecy.stamp_in(_text_of(content))


def _text_of(content: bytes) -> str:
    with tempfile.TemporaryDirectory(prefix="hienluong-dau-") as folder:
        path = Path(folder) / "tep"
        path.write_bytes(content)
        command = [sys.executable, "-m", extracting.__name__, str(path), extracting.ANY]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired as late:
            logger.info("a file was not read in time, looking for a stamp")
            return (late.stdout or b"").decode("utf-8", "replace")
    if done.returncode != 0:
        logger.info("a file could not be read, looking for a stamp: exit code %s", done.returncode)
    return done.stdout.decode("utf-8", "replace")
