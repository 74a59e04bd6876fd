"""Reading the files of documents so that they are found by what they say; after they came, in the background."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile

from hienluong.foundation.events.models import Event
from hienluong.foundation.events.outbox import subscribe
from hienluong.foundation.files.models import StoredFile

from . import extracting, finding
from .models import Document
from .reading import ocr

logger = logging.getLogger(__name__)
TIMEOUT = extracting.SECONDS + 10
#: A PDF with less text than this is a scan: what is in its pictures is read.
SCAN_BELOW = 40
#: Seconds that the pages of one scan may take together; what comes later is not found by its words.
SCAN_SECONDS = 300.0
#: Characters of all files of a document that are kept.
MOST = 2_000_000


def subscribe_all() -> None:
    """Hear of documents whose files are there, or have changed."""
    for type_ in ("document.arrived", "document.issued"):
        subscribe(type_, read_later)


def read_later(event: Event) -> None:
    """Have the files of the event's document read."""
    from .tasks import read_files

    read_files.defer(document_id=int(event.subject.rpartition(":")[2]))


def read(document: Document) -> str:
    """The text of all files of a document that hold today, kept for the search; what cannot be read is left out."""
    texts: list[str] = []
    for row in document.files.filter(replaced_at__isnull=True).select_related("file").order_by("role", "position"):
        texts += [row.name, text_of(row.file)]
    text = "\n".join(filter(None, texts))[:MOST]
    finding.index(document, text=text)
    return text


def text_of(file: StoredFile) -> str:
    """The text of one file; of a scan what the pictures say; empty when there is none or it cannot be read."""
    text = _layer(file)
    if len(text.strip()) < SCAN_BELOW and (
        file.media_type == "application/pdf" or file.media_type.startswith("image/")
    ):
        return _scan(file) or text
    return text


def _layer(file: StoredFile) -> str:
    with file.open() as stream, tempfile.NamedTemporaryFile(prefix="hienluong-doc-") as copy:
        shutil.copyfileobj(stream, copy, 64 * 1024)
        copy.flush()
        command = [sys.executable, "-m", extracting.__name__, copy.name, file.media_type]
        try:
            done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            logger.info("the file %s was not read in time", file.pk)
            return ""
    if done.returncode != 0:
        logger.info("the file %s could not be read: %s", file.pk, done.stderr[-300:].decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "replace")


def _scan(file: StoredFile) -> str:
    """What the pictures of a scan say; empty when they cannot be read, or the program that reads them is not there."""
    with file.open() as stream:
        content = stream.read()
    try:
        return ocr.read(content, seconds=SCAN_SECONDS).text
    except ocr.ReadingRefused as refused:
        logger.info("the scan %s could not be read: %s", file.pk, refused)
        return ""
