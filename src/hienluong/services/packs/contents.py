"""The files of a pack as bytes: read from a folder or a ZIP that may be hostile, written as the same ZIP every time.

Never raises for what is in the folder or the ZIP; every fault is told by file and line.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from django.utils.translation import gettext as _

from hienluong.foundation.schemas.positions import Fault

MANIFEST, SIGNATURE = "pack.sha256", "pack.sig"
#: A ZIP that is uploaded, and all that is in it: code lists are the largest part of a pack.
MAX_ZIP = 20 * 1024 * 1024
MAX_BYTES = 64 * 1024 * 1024
MAX_FILES = 4000
MAX_PATH = 200
#: What a pack is made of. All of it is text; nothing of it is run.
SUFFIXES = frozenset((".yaml", ".csv", ".bpmn", ".html", ".md", ".txt", ".json"))
#: What tools leave behind: no part of a pack.
_LEFT_BEHIND = frozenset(("__pycache__", "__MACOSX", "node_modules"))
#: The moment that every file of a written ZIP bears, so that the same files make the same ZIP.
_MOMENT = (2026, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Content:
    """The files of a pack by their path (``procedures/1.001612.yaml``), with its signature if it has one."""

    files: Mapping[str, bytes]

    @cached_property
    def manifest(self) -> str:
        """SHA-256 of each file, as ``sha256sum`` writes it; the manifest itself and the signature are left out."""
        parts = sorted((name, body) for name, body in self.files.items() if name not in (MANIFEST, SIGNATURE))
        return "".join(f"{hashlib.sha256(body).hexdigest()}  {name}\n" for name, body in parts)

    @property
    def digest(self) -> str:
        """What the pack is told apart by: the SHA-256 of its manifest, hexadecimal. A signature does not change it."""
        return hashlib.sha256(self.manifest.encode()).hexdigest()

    @property
    def stored_digest(self) -> str:
        """As :attr:`digest`, but of everything: the same pack signed by another is kept as another."""
        signed = self.files.get(MANIFEST, b"") + b"\0" + self.files.get(SIGNATURE, b"")
        return hashlib.sha256(self.manifest.encode() + b"\0" + signed).hexdigest()

    def to_zip(self) -> bytes:
        """The files as a ZIP; the same files give the same bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(self.files):
                info = zipfile.ZipInfo(name, _MOMENT)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(info, self.files[name])
        return out.getvalue()

    def write_to(self, folder: Path) -> None:
        """Write the files into a folder, which may be there already."""
        for name, body in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)

    @contextmanager
    def unpacked(self) -> Iterator[Path]:
        """The files in a folder of their own, which goes away afterwards."""
        with TemporaryDirectory(prefix="hienluong-pack-") as folder:
            self.write_to(Path(folder))
            yield Path(folder)


@dataclass
class Read:
    """What was read; `faults` must be empty before anything is done with it."""

    content: Content = field(default_factory=lambda: Content({}))
    faults: list[Fault] = field(default_factory=list)

    def fault(self, file: str, message: str, line: int = 1) -> None:
        """Note a fault."""
        self.faults.append(Fault(file, line, message))


def from_folder(folder: Path, *, code: bool = False) -> Read:
    """Read a folder; `code` allows Python files (packs of the product and of installed distributions)."""
    read, total = Read(), 0
    files: dict[str, bytes] = {}
    for path in _walk(folder, read):
        name = path.relative_to(folder).as_posix()
        try:
            if not path.is_file():  # a pipe would be waited for, a device read without end
                read.fault(name, _("không phải tệp thường"))
                continue
            total += path.stat().st_size
            if len(files) >= MAX_FILES or total > MAX_BYTES:
                read.fault(name, _too_much())
                break
            files[name] = path.read_bytes()
        except OSError as error:
            read.fault(name, _("không đọc được tệp: %(why)s") % {"why": error.strerror})
    return _checked(read, files, code)


def _walk(folder: Path, read: Read) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _left_behind(name))
        for name in sorted((*folders, *names)):
            path = Path(root) / name
            if path.is_symlink():
                read.fault(path.relative_to(folder).as_posix(), _("không dùng liên kết tượng trưng trong gói"))
                if name in folders:
                    folders.remove(name)
            elif name in names and not _left_behind(name):
                yield path


def from_zip(body: bytes) -> Read:
    """Read a ZIP that somebody uploaded; a folder around everything in it is taken off."""
    read = Read()
    if len(body) > MAX_ZIP:
        read.fault("pack.zip", _("tệp lớn hơn %(size)d MB") % {"size": MAX_ZIP // 1024**2})
        return read
    if body[:4] != b"PK\x03\x04":  # what it is by its content, whatever it is called
        read.fault("pack.zip", _("không phải tệp ZIP"))
        return read
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            files = _members(archive, read)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, ValueError, OSError):
        read.fault("pack.zip", _("tệp ZIP hỏng"))
        return read
    return read if read.faults else _checked(read, _without_folder(files), code=False)


def stored(body: bytes) -> Content:
    """The files of a ZIP that :meth:`Content.to_zip` wrote."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return Content({name: archive.read(name) for name in archive.namelist()})


def _members(archive: zipfile.ZipFile, read: Read) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        read.fault("pack.zip", _too_much())
        return {}
    for entry in entries:
        name = entry.filename.replace("\\", "/")
        if any(_left_behind(part) for part in name.split("/")) and ".." not in name.split("/"):
            continue
        if message := _entry_problem(entry, name):
            read.fault(name[:MAX_PATH] or "pack.zip", message)
            continue
        body = _extract(archive, entry, MAX_BYTES - total)  # what the entry says of its size need not be true
        if body is None or total + len(body) > MAX_BYTES:
            read.fault(name, _too_much())
            return {}
        total += len(body)
        if name in files:
            read.fault(name, _("tệp có hai lần trong ZIP"))
        files[name] = body
    return files


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes | None:
    """The bytes of an entry; None when there are more than `most`."""
    try:
        with archive.open(entry) as stream:
            body = stream.read(most + 1)
    except (zlib.error, EOFError) as error:
        raise zipfile.BadZipFile(str(error)) from error
    return body if len(body) <= most else None


def _entry_problem(entry: zipfile.ZipInfo, name: str) -> str:
    if entry.flag_bits & 0x1:
        return _("tệp có mật khẩu")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return _("tệp nén theo cách khác thường; hãy nén lại bằng ZIP thông thường")
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        return _("không dùng liên kết tượng trưng trong gói")
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        return _("không phải tệp thường")
    return _path_problem(name)


def _path_problem(name: str) -> str:
    parts = name.split("/")
    if not name.isprintable() or len(name) > MAX_PATH:
        return _("đường dẫn quá dài hoặc có ký tự lạ")
    if name.startswith("/") or ":" in name or any(part in ("", ".", "..") for part in parts):
        return _("đường dẫn ra ngoài gói")
    return ""


def _without_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {name.split("/", 1)[0] for name in files}
    if "pack.yaml" in files or len(tops) != 1:
        return files
    return {name.split("/", 1)[1]: body for name, body in files.items() if "/" in name}


def checked(content: Content) -> Read:
    """Files that were made here, held to what uploaded ones are held to."""
    read = Read()
    if len(content.files) > MAX_FILES or sum(map(len, content.files.values())) > MAX_BYTES:
        read.fault("pack.yaml", _too_much())
        return read
    return _checked(read, dict(content.files), code=False)


def _checked(read: Read, files: dict[str, bytes], code: bool) -> Read:
    seen: dict[str, str] = {}
    for name, body in files.items():
        if (other := seen.setdefault(name.casefold(), name)) != name:
            read.fault(name, _("chỉ khác “%(other)s” ở chữ hoa, chữ thường") % {"other": other})
        if message := _path_problem(name) or _kind_problem(name, body, code):
            read.fault(name, message)
        elif (line := _not_text(body)) is not None:
            read.fault(name, _("tệp phải là chữ ở bảng mã UTF-8"), line)
    if not files and not read.faults:
        read.fault("pack.yaml", _("gói không có tệp nào"))
    read.content = Content(files)
    return read


def _kind_problem(name: str, body: bytes, code: bool) -> str:
    path = PurePosixPath(name)
    if name in (MANIFEST, SIGNATURE) or path.suffix in SUFFIXES or path.name in ("LICENSE", "README"):
        return ""
    if path.suffix in (".py", ".typed"):
        empty = path.name == "__init__.py" and not body.strip()
        return "" if code or empty else _("gói không được mang mã chạy (Python); chỉ bánh cài sẵn (wheel) mới được")
    return _("loại tệp lạ trong gói")


def _not_text(body: bytes) -> int | None:
    """The line of the first byte that is no text; None when all of it is."""
    if (zero := body.find(b"\0")) >= 0:
        return body.count(b"\n", 0, zero) + 1
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return body.count(b"\n", 0, error.start) + 1
    return None


def _left_behind(name: str) -> bool:
    return name in _LEFT_BEHIND or (name.startswith(".") and name not in (".", "..")) or name.endswith(".pyc")


def _too_much() -> str:
    return _("gói quá lớn: đến %(files)d tệp, %(size)d MB") % {"files": MAX_FILES, "size": MAX_BYTES // 1024**2}
