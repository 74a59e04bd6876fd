"""A draft as a .zip of the pack's folder, and back: paths, sizes and bombs are looked at before anything is read."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.positions import MAX_BYTES

from . import files
from .files import MANIFEST, Files

#: Bytes of an archive that is taken.
MAX_ARCHIVE = 4 * 1024 * 1024
_DAY = (2000, 1, 1, 0, 0, 0)
#: What archivers and Python leave in folders, and what is no declaration: left out without a word.
_LEFT_OUT = ("__MACOSX/", "__pycache__/", ".git/")
_LEFT_OUT_NAMES = frozenset(("__init__.py", ".DS_Store", "Thumbs.db", "desktop.ini"))


def pack_up(name: str, texts: Files) -> bytes:
    """The folder ``name/`` as a .zip; the same texts give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(texts.items()):
            archive.writestr(zipfile.ZipInfo(f"{name}/{path}", _DAY), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpack(content: bytes) -> dict[str, str]:
    """The texts of a .zip that holds one pack, in a folder or at its root. Raises :class:`InvalidInput`."""
    if len(content) > MAX_ARCHIVE:
        raise _refused(_("Tệp .zip lớn hơn %(size)d MB.") % {"size": MAX_ARCHIVE // 2**20})
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _read(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise _refused(_("Tệp này không phải .zip đọc được.")) from error


def _read(archive: zipfile.ZipFile) -> dict[str, str]:
    members = [member for member in archive.infolist() if not member.is_dir() and not _is_left_out(member.filename)]
    if len(members) > files.MAX_FILES:
        raise _refused(_("Gói có quá %(most)d tệp.") % {"most": files.MAX_FILES})
    if sum(member.file_size for member in members) > files.MAX_TOTAL:
        raise _refused(_("Giải nén ra quá lớn."))
    manifests = [member.filename for member in members if member.filename.split("/")[-1] == MANIFEST]
    if len(manifests) != 1:
        raise _refused(_("Tệp .zip phải có đúng một pack.yaml."))
    root = manifests[0].removesuffix(MANIFEST)
    texts: dict[str, str] = {}
    total = 0
    for member in members:
        if not member.filename.startswith(root):
            raise _refused(_("Tệp “%(path)s” nằm ngoài thư mục gói.") % {"path": member.filename[:100]})
        path = member.filename.removeprefix(root)
        files.sound_path(path)
        if path in texts:
            raise _refused(_("Tệp “%(path)s” có hai lần.") % {"path": path})
        with archive.open(member) as opened:  # what a member says of its own size is not believed
            raw = opened.read(MAX_BYTES + 1)
        total += len(raw)
        if total > files.MAX_TOTAL:
            raise _refused(_("Giải nén ra quá lớn."))
        texts[path] = _decoded(path, raw)
    files.require_sound(texts)
    return texts


def of_folder(folder: Path) -> dict[str, str]:
    """The texts of a pack's folder on the disk; what a draft cannot hold (code) is left out."""
    texts = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and path.suffix != ".py" and not _is_left_out(name):
            files.sound_path(name)
            texts[name] = _decoded(name, path.read_bytes())
    files.require_sound(texts)
    return texts


def _decoded(path: str, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise _refused(_("Tệp “%(path)s” không phải UTF-8.") % {"path": path}) from None


def _is_left_out(path: str) -> bool:
    inside = any(path.startswith(part) or f"/{part}" in path for part in _LEFT_OUT)
    return inside or path.split("/")[-1] in _LEFT_OUT_NAMES


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, code="building.archive", field="file")
