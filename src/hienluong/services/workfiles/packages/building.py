"""Building a package in a folder and zipping it; files are streamed, however large they are."""

from __future__ import annotations

import csv
import hashlib
import shutil
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

from django.utils import timezone

from . import ead, mets, premis
from .content import Event, Item, Kind, Part, WorkFileContent

SOFTWARE = "Hiền Lương"
#: Schemas of others that a package brings along, under the names the circular's sample gives them.
_BORROWED = {
    "mets1_12.xsd": "mets.xsd",
    "xlink.xsd": "xlink.xsd",
    "xml.xsd": "xml.xsd",
    "DILCISExtensionMETS.xsd": "DILCISExtensionMETS.xsd",
    "DILCISExtensionSIPMETS.xsd": "DILCISExtensionSIPMETS.xsd",
}
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Package:
    """A package that was built: the zip, what it is called inside, the digest of the zip (SHA-256, hex)."""

    path: Path
    object_id: str
    sha256: str
    size: int
    files: int


def build(content: WorkFileContent, kind: Kind, folder: Path, *, with_premis: bool = True) -> Package:
    """Write a package of `content` into `folder` (emptied of nothing; use a new one) and zip it there.

    An AIP always tells of preservation; the circular's SIP does not, CSIP allows it, so `with_premis` says. Raises
    ValueError for a work file without documents.
    """
    if not content.items:
        raise ValueError("a package needs at least one document")
    at = timezone.localtime()
    unique = str(uuid.uuid4()).upper()
    object_id = f"uuid-{unique}" if kind is Kind.SIP else f"urn:{content.fonds}:uuid:{unique}"
    root = folder / object_id.replace(":", "_")
    writing = _Writing(root, content, kind, at, with_premis or kind is Kind.AIP)
    writing.write(object_id)
    name = f"{uuid.uuid4()}.zip" if kind is Kind.SIP else f"{root.name}.zip"
    path = folder / name
    files = _zip(root, path)
    shutil.rmtree(root)
    digest, size = _digest(path)
    return Package(path, object_id, digest, size, files)


class _Writing:
    """One package being written below `root`."""

    def __init__(self, root: Path, content: WorkFileContent, kind: Kind, at: datetime, premis_wanted: bool) -> None:
        self.root, self.content, self.kind, self.at, self.premis_wanted = root, content, kind, at, premis_wanted
        self.rep = root / "representations" / "rep1"

    def write(self, object_id: str) -> None:
        documents = [self._document(item) for item in self.content.items]
        representation = self._representation(documents)
        description = self._put(
            "metadata/descriptive/EAD.xml", ead.file_description(self.content, self.kind), "application/xml"
        )
        kept = None
        if self.premis_wanted:
            whole = premis.Kept(object_id.replace(":", "_"), "intellectual entity", original_name=self.content.code)
            kept = self._put("metadata/preservation/PREMIS.xml", self._premis([whole]), "application/xml")
        header = mets.Header(
            object_id,
            self.content.title[:1000],
            "Mixed",
            self.kind.value,
            self.at,
            creator=SOFTWARE,
            fonds=self.content.fonds,
            version=version("hienluong"),
            agency=self.content.agency_name,
            agreement=self.content.code,
        )
        text = mets.package(
            header,
            description=description,
            preservation=kept,
            schemas=self._schemas(),
            representation=representation,
            documentation=[self._put("documentation/MucLuc.csv", self._contents(documents), "text/csv")],
        )
        (self.root / "METS.xml").write_bytes(text)

    def _document(self, item: Item) -> mets.Described:
        name = ead.doc_id(self.content, item)
        description = self._put(
            f"metadata/descriptive/EAD_DOC_{name}.xml",
            ead.doc_description(self.content, item, self.kind),
            "application/xml",
            base=self.rep,
        )
        files = [self._copy(item.main, f"{name}{_suffix(item.main)}")]
        files += [
            self._copy(part, f"{name}.{number}{_suffix(part)}") for number, part in enumerate(item.attachments, start=1)
        ]
        return mets.Described(description, tuple(files))

    def _representation(self, documents: list[mets.Described]) -> mets.Entry:
        kept = None
        if self.premis_wanted:
            parts = [part for item in self.content.items for part in (item.main, *item.attachments)]
            entries = [entry for each in documents for entry in each.files]
            objects = [premis.Kept("rep1", "representation")]
            objects += [
                premis.Kept(e.id, "file", e.sha256, e.size, e.media_type, part.original_name or part.name)
                for e, part in zip(entries, parts, strict=True)
            ]
            kept = self._put(
                "metadata/preservation/PREMIS_rep1.xml", self._premis(objects), "application/xml", base=self.rep
            )
        header = mets.Header(
            "rep1",
            self.content.title[:1000],
            "Mixed",
            self.kind.value,
            self.at,
            creator=self.content.packed_by,
            fonds=self.content.fonds,
        )
        text = mets.representation(header, documents=documents, preservation=kept)
        found = self._put("METS.xml", text, "application/xml", base=self.rep)
        return mets.Entry("representations/rep1/METS.xml", found.sha256, found.size, found.media_type)

    def _contents(self, documents: list[mets.Described]) -> bytes:
        """The list of contents for people: a table that any office program opens."""
        out = StringIO()
        rows = csv.writer(out, lineterminator="\r\n")
        rows.writerow(("STT", "Số, ký hiệu", "Ngày tháng", "Trích yếu", "Tác giả", "Số trang", "Tệp", "SHA-256"))
        for item, document in zip(self.content.items, documents, strict=True):
            code = "/".join(each for each in (item.number, item.notation) if each)
            day = f"{item.issued_on:%d/%m/%Y}" if item.issued_on else ""
            for file in document.files:
                rows.writerow(
                    _harmless(str(each))
                    for each in (
                        item.ordinal,
                        code,
                        day,
                        item.subject,
                        item.author,
                        item.pages or "",
                        file.href,
                        file.sha256,
                    )
                )
        return b"\xef\xbb\xbf" + out.getvalue().encode()

    def _premis(self, objects: list[premis.Kept]) -> bytes:
        made = Event("information package creation", self.at, note=f"{self.kind.value}_hoso {self.content.code}")
        return premis.written(objects, [*self.content.events, made], SOFTWARE, made_at=self.at)

    def _schemas(self) -> list[mets.Entry]:
        borrowed = _schemas_of_others()
        entries = [
            self._put(f"schemas/{name}", borrowed.joinpath(source).read_bytes(), "application/octet-stream")
            for name, source in _BORROWED.items()
        ]
        own = {"ead.xsd": ead.file_fields(self.kind), "ead_doc.xsd": ead.doc_fields(self.kind)}
        return entries + [
            self._put(f"schemas/{name}", ead.schema(fields), "application/octet-stream") for name, fields in own.items()
        ]

    def _put(self, href: str, text: bytes, media_type: str, *, base: Path | None = None) -> mets.Entry:
        path = (base or self.root) / href
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        return mets.Entry(href, hashlib.sha256(text).hexdigest(), len(text), media_type)

    def _copy(self, part: Part, name: str) -> mets.Entry:
        path = self.rep / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(part.path, path)
        digest, size = _digest(path)
        return mets.Entry(f"data/{name}", digest, size, part.media_type)


def _schemas_of_others() -> Path:
    """The folder of the schemas in eark-validator. It is not imported: that asks the internet for vocabularies."""
    spec = find_spec("eark_validator")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("eark-validator is not installed: uv sync")
    return Path(spec.submodule_search_locations[0]) / "ipxml" / "resources" / "schema"


def _harmless(cell: str) -> str:
    """A cell that no office program takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" else cell


def _suffix(part: Part) -> str:
    """The ending of a file's name, of letters and digits only; none when it has none."""
    suffix = Path(part.name).suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 6 else ""


def _zip(root: Path, path: Path) -> int:
    """Zip a folder with itself as the top; returns how many files that are."""
    files = sorted(found for found in root.rglob("*") if found.is_file())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for file in files:
            archive.write(file, file.relative_to(root.parent).as_posix())
    return len(files)


def _digest(path: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        read: Callable[[], bytes] = lambda: stream.read(_CHUNK)  # noqa: E731
        for chunk in iter(read, b""):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
