"""The files of a draft: which there may be, what is kept of them, what is wrong with them and where."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.positions import MAX_BYTES, Document, Fault, Path_, parse
from hienluong.services.packs import contents, opening
from hienluong.services.packs.contents import SIGNATURE
from hienluong.services.packs.contents import Content as Bytes
from hienluong.services.packs.opening import Bundle
from hienluong.services.procedures.packs import Pack

from .models import Content, State

Files = Mapping[str, str]
MANIFEST = "pack.yaml"
MAX_FILES = 500
_MOST_FAULTS = 5
#: Bytes of all texts together.
MAX_TOTAL = 16 * 1024 * 1024
_ALLOWED = re.compile(
    r"pack\.yaml|(procedures|registers|scoring|decisions|forms|examples|indicators)/[A-Za-z0-9][\w.-]{0,80}\.yaml"
    r"|codelists/[A-Za-z0-9][\w.-]{0,80}\.(yaml|csv)|processes/[A-Za-z0-9][\w.-]{0,80}\.bpmn"
    r"|results/[A-Za-z0-9][\w.-]{0,80}\.html",
    re.ASCII,
)


@dataclass(frozen=True)
class Told(Fault):
    """One fault, and the part of the definition that stands on its line."""

    place: Path_ = ()

    def within(self, *place: str | int) -> bool:
        """Whether the fault lies in this part of the definition."""
        return self.place[: len(place)] == place


@dataclass(frozen=True)
class Checked:
    """A folder of texts, read as a pack."""

    bundle: Bundle
    faults: tuple[Told, ...]

    @property
    def pack(self) -> Pack:
        """What the texts declare."""
        return self.bundle.pack

    def of(self, file: str) -> list[Told]:
        """The faults of one file."""
        return [fault for fault in self.faults if fault.file == file]


def digest(text: str) -> str:
    """SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def require_sound(files: Files) -> None:
    """Raise :class:`InvalidInput` for a path that no pack has, or for too much."""
    if len(files) > MAX_FILES:
        raise InvalidInput(_("Gói có quá %(most)d tệp.") % {"most": MAX_FILES}, code="building.too_many_files")
    if sum(len(text.encode()) for text in files.values()) > MAX_TOTAL:
        raise InvalidInput(
            _("Các tệp của gói lớn hơn %(size)d MB.") % {"size": MAX_TOTAL // 2**20}, code="building.too_large"
        )
    for path, text in files.items():
        sound_path(path)
        if "\0" in text:
            raise InvalidInput(
                _("Tệp “%(path)s” có ký tự lạ không nhìn thấy được.") % {"path": path}, code="building.nul"
            )
        if len(text.encode()) > MAX_BYTES:
            raise InvalidInput(
                _("Tệp “%(path)s” lớn hơn %(size)d KB.") % {"path": path, "size": MAX_BYTES // 1024},
                code="building.too_large",
            )


def sound_path(path: str) -> str:
    """The path itself. Raise :class:`InvalidInput` for a path that no pack built here has."""
    if not _ALLOWED.fullmatch(path):
        raise InvalidInput(
            _("Gói không nhận tệp “%(path)s”. Có: pack.yaml; *.yaml trong registers, procedures, forms, decisions, "
              "examples, indicators, codelists; *.bpmn trong processes; *.html trong results.") % {"path": path[:100]},
            code="building.path",
            field="path",
        )  # fmt: skip
    return path


def as_bytes(files: Files) -> Bytes:
    """The texts as the files of a pack."""
    return Bytes({path: text.encode() for path, text in files.items()})


def of_zip(body: bytes) -> dict[str, str]:
    """The texts of a pack in a ZIP, which may be hostile. Raises :class:`InvalidInput`."""
    return taken(contents.from_zip(body))


def of_folder(folder: Path) -> dict[str, str]:
    """The texts of a pack's folder on the disk. Raises :class:`InvalidInput`."""
    return taken(contents.from_folder(folder, code=True))


def fits(folder: Path) -> bool:
    """Whether a draft can hold the pack in this folder: one that brings pages or scoring forms of its own cannot be taken."""
    try:
        of_folder(folder)
    except InvalidInput:
        return False
    return True


#: What a draft does not hold: code, and the signature, which is of what was signed.
_LEFT_OUT = (".py", ".typed", contents.MANIFEST, SIGNATURE)


def taken(read: contents.Read) -> dict[str, str]:
    """The texts of a pack that was read. Raises :class:`InvalidInput`."""
    if read.faults:
        raise InvalidInput("; ".join(map(str, read.faults[:_MOST_FAULTS])), code="building.archive", field="file")
    texts = {
        path: body.decode("utf-8-sig").replace("\r\n", "\n")
        for path, body in read.content.files.items()
        if not path.endswith(_LEFT_OUT)
    }
    require_sound(texts)
    return texts


def keep(files: Files) -> dict[str, str]:
    """Keep the texts; path → digest."""
    kept = {path: digest(text) for path, text in sorted(files.items())}
    texts = {kept[path]: text for path, text in files.items()}
    # In the order of the digests: two who keep the same texts at once wait for one another and do not lock each other out.
    Content.objects.bulk_create(
        [Content(digest=name, text=text) for name, text in sorted(texts.items())], ignore_conflicts=True
    )
    return kept


def of(state: State) -> dict[str, str]:
    """The texts of a state by path."""
    texts = dict(Content.objects.filter(pk__in=set(state.files.values())).values_list("digest", "text"))
    return {path: texts[known] for path, known in state.files.items()}


def check(files: Files) -> Checked:
    """Read the texts as a pack: the same reading that ``hienluong pack check`` does."""
    return _checked(tuple(sorted(files.items())))


@lru_cache(maxsize=32)
def _checked(files: tuple[tuple[str, str], ...]) -> Checked:
    bundle = opening.open_content(as_bytes(dict(files)))
    texts = dict(files)
    documents: dict[str, Document] = {}
    told = []
    for fault in bundle.faults:
        if fault.file not in documents and fault.file.endswith((".yaml", ".yml")):
            documents[fault.file] = parse(texts.get(fault.file, ""), fault.file)
        told.append(Told(fault.file, fault.line, fault.message, _place(documents.get(fault.file), fault.line)))
    return Checked(bundle, tuple(dict.fromkeys(told)))


def _place(document: Document | None, line: int) -> Path_:
    """The outermost part of a definition that begins on a line."""
    if document is None or document.value is None:
        return ()
    there = [path for path, begins in document.lines.items() if begins == line and path]
    return min(there, key=len, default=())
