"""Taking away the contents of a document whose time is over; what it was stays on record."""

from __future__ import annotations

from hienluong.foundation.files.models import StoredFile

from . import finding
from .models import Document, DocumentFile, Version, WorkingCopy


def destroy_files(document: Document) -> list[str]:
    """Delete the files of a document, the texts of its drafts and what was read from either; returns the digests of the
    files (SHA-256, hex).

    The caller has checked that this may be done, and writes down that it was. That there were versions, and by whom,
    stays on record.
    """
    rows = list(DocumentFile.objects.filter(document=document).select_related("file").order_by("position"))
    digests = [row.file.blob_id for row in rows]
    ids = {row.file_id for row in rows}
    ids.update(Version.objects.filter(document=document, upload__isnull=False).values_list("upload", flat=True))
    DocumentFile.objects.filter(document=document).delete()
    Version.objects.filter(document=document).update(upload=None, body="", extra={})
    WorkingCopy.objects.filter(document=document).delete()
    StoredFile.objects.filter(pk__in=ids).delete()
    finding.index(document, text="")
    return digests
