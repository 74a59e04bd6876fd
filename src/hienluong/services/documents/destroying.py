"""Taking away the contents of a document whose time is over; what it was stays on record."""

from __future__ import annotations

from hienluong.foundation.files.models import StoredFile

from . import finding
from .models import Document, DocumentFile


def destroy_files(document: Document) -> list[str]:
    """Delete the files of a document and the text read from them; returns their digests (SHA-256, hex).

    The caller has checked that this may be done, and writes down that it was. Drafts' uploads stay with their versions.
    """
    rows = list(DocumentFile.objects.filter(document=document).select_related("file").order_by("position"))
    digests = [row.file.blob_id for row in rows]
    ids = [row.file_id for row in rows]
    DocumentFile.objects.filter(document=document).delete()
    StoredFile.objects.filter(pk__in=ids).delete()
    finding.index(document, text="")
    return digests
