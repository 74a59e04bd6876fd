"""A package of one work file, from what the product keeps."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pikepdf
from django.conf import settings
from django.utils import timezone

from hienluong.foundation.files.models import StoredFile
from hienluong.services.documents.models import DocumentFile

from .models import Handover, HandoverLine, Item
from .packages import building, checking
from .packages.content import Event, Kind, Part, WorkFileContent
from .packages.content import Item as Packed


class CannotPack(RuntimeError):
    """Why a file cannot be packed, in words for the archivist."""


@contextmanager
def packed(line: HandoverLine) -> Iterator[building.Package]:
    """Build the package of this line in a folder that is gone afterwards; looked at again before it is given out.

    Raises :class:`CannotPack` when a paper has no file, or the package does not hold what it says.
    """
    kind = Kind.SIP if line.handover.target == Handover.Target.HISTORICAL else Kind.AIP
    with tempfile.TemporaryDirectory(prefix="hienluong-goi-") as folder:
        source, target = Path(folder) / "tep", Path(folder) / "goi"
        source.mkdir()
        target.mkdir()
        content = content_of(line, source)
        package = building.build(content, kind, target, with_premis=settings.SIP_WITH_PREMIS)
        faults = checking.faults_of(package.path)
        if faults:
            raise CannotPack("; ".join(f"{fault.path}: {fault.words}" for fault in faults[:5]))
        yield package


def content_of(line: HandoverLine, folder: Path) -> WorkFileContent:
    """What goes into the package; the files are copied into `folder`."""
    work_file, handover = line.work_file, line.handover
    items = [
        _packed(item, place, folder)
        for place, item in enumerate(work_file.items.select_related("document", "file").order_by("position"), start=1)
    ]
    if not items:
        raise CannotPack("Hồ sơ không có tài liệu.")
    days = [item.issued_on for item in items if item.issued_on]
    closed = work_file.closed_on or timezone.localdate()
    return WorkFileContent(
        code=work_file.code,
        title=work_file.title,
        agency_code=work_file.agency.code,
        agency_name=work_file.agency.name,
        archive_code=handover.archive_code,
        archive_name=handover.archive_name,
        fonds=work_file.agency.code,
        packed_by=str(handover.received_by or handover.given_by),
        maintenance=work_file.retention,
        started_on=min([work_file.opened_on, *days]),
        ended_on=closed,
        items=tuple(items),
        mode=work_file.mode,
        keyword=work_file.keyword,
        description=" ".join(filter(None, (f"Người lập: {work_file.keeper}.", work_file.description))),
        events=(Event("message digest calculation", timezone.localtime(), note="SHA-256"),),
    )


def _packed(item: Item, ordinal: int, folder: Path) -> Packed:
    files = _files_of(item)
    if not files:
        raise CannotPack(f"Tài liệu số {ordinal} ({item.title}) không có tệp nào.")
    parts = [_part(file, f"{ordinal:05d}-{place}", folder) for place, file in enumerate(files)]
    document = item.document
    scanned = item.document is not None and item.document.files.filter(role=DocumentFile.Role.SCAN).exists()
    return Packed(
        ordinal=ordinal,
        main=parts[0],
        attachments=tuple(parts[1:]),
        type_code=document.kind.archive_code if document else "32",
        number=(document.code.partition("/")[0] if document else "")[:11],
        notation=document.notation if document else "",
        issued_on=item.issued_on,
        author=document.author_name if document else item.work_file.agency.name,
        subject=document.subject if document else item.title,
        pages=_pages(parts[0]),
        confidence="02" if scanned else "01",
        description=item.note,
    )


def _files_of(item: Item) -> list[StoredFile]:
    """The files of a line, the paper itself first."""
    if item.file is not None:
        return [item.file]
    if item.document is None:
        return []
    order = {DocumentFile.Role.MAIN: 0, DocumentFile.Role.SCAN: 1, DocumentFile.Role.ANNEX: 2}
    rows = item.document.files.filter(replaced_at__isnull=True, role__in=order).select_related("file")
    return [row.file for row in sorted(rows, key=lambda row: (order[DocumentFile.Role(row.role)], row.position))]


def _part(file: StoredFile, name: str, folder: Path) -> Part:
    path = folder / name
    stream: BinaryIO
    with file.open() as stream, path.open("wb") as out:
        shutil.copyfileobj(stream, out)
    return Part(path, file.name, file.media_type, original_name=file.name)


def _pages(part: Part) -> int | None:
    """Pages of a PDF; None for what has none, or cannot be counted."""
    if part.media_type != "application/pdf":
        return None
    try:
        with pikepdf.open(part.path) as pdf:
            return len(pdf.pages)
    except pikepdf.PdfError:
        return None
