"""Looking at a package before it is handed over or taken in: is everything there that METS names, and as it was?"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _
from lxml import etree

from . import mets

#: A package with more files, or a file larger than this, is not looked at (bytes).
MOST_FILES, LARGEST = 20_000, 4 << 30


@dataclass(frozen=True)
class Fault:
    """What is wrong, and with which file of the package (empty: the package)."""

    path: str
    words: str


def faults_of(path: Path) -> list[Fault]:
    """All that is wrong with the zip of a package; an empty list for a sound one. Never raises for bad content."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _faults(archive)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        return [Fault("", _("Không mở được gói: %(why)s") % {"why": type(error).__name__})]


def _faults(archive: zipfile.ZipFile) -> list[Fault]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_FILES or any(info.file_size > LARGEST for info in infos):
        return [Fault("", _("Gói có quá nhiều tệp hoặc tệp quá lớn."))]
    tops = {PurePosixPath(info.filename).parts[0] for info in infos if info.filename}
    if len(tops) != 1:
        return [Fault("", _("Gói phải có đúng một thư mục ở gốc."))]
    top = tops.pop()
    names = {info.filename for info in infos}
    if any(".." in PurePosixPath(name).parts or name.startswith("/") for name in names):
        return [Fault("", _("Đường dẫn trong gói đi ra ngoài gói."))]
    looking = _Looking(archive, top, names)
    looking.mets("")
    looking.mets("representations/rep1/")
    unnamed = names - looking.named - {f"{top}/METS.xml"}
    looking.faults += [Fault(name, _("Tệp không được METS nhắc đến.")) for name in sorted(unnamed)]
    return looking.faults


class _Looking:
    """One look at a package."""

    def __init__(self, archive: zipfile.ZipFile, top: str, names: set[str]) -> None:
        self.archive, self.top, self.names = archive, top, names
        self.named: set[str] = set()
        self.faults: list[Fault] = []

    def mets(self, folder: str) -> None:
        """Compare what the METS of this folder says with what is there."""
        name = f"{self.top}/{folder}METS.xml"
        if name not in self.names:
            self.faults.append(Fault(name, _("Thiếu tệp METS.xml.")))
            return
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(self.archive.read(name), parser)
        except etree.XMLSyntaxError:
            self.faults.append(Fault(name, _("METS.xml không phải XML đúng.")))
            return
        for element in root.iter(f"{{{mets.METS}}}mdRef"):
            self._compare(folder, element, element)
        for element in root.iter(f"{{{mets.METS}}}file"):
            place = element.find(f"{{{mets.METS}}}FLocat")
            if place is not None:
                self._compare(folder, element, place)

    def _compare(self, folder: str, element: etree._Element, place: etree._Element) -> None:
        name = f"{self.top}/{folder}{place.get(f'{{{mets.XLINK}}}href', '')}"
        self.named.add(name)
        if name not in self.names:
            self.faults.append(Fault(name, _("METS nhắc đến tệp này nhưng gói không có.")))
            return
        digest = hashlib.sha256()
        with self.archive.open(name) as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
        if (
            element.get("CHECKSUMTYPE") != "SHA-256"
            or digest.hexdigest().upper() != (element.get("CHECKSUM") or "").upper()
        ):
            self.faults.append(Fault(name, _("Mã băm SHA-256 không khớp: tệp đã khác đi từ khi đóng gói.")))
        elif element.get("SIZE") and str(self.archive.getinfo(name).file_size) != element.get("SIZE"):
            self.faults.append(Fault(name, _("Dung lượng không khớp.")))
