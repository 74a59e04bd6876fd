"""What the parts of packs are called, for people."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.codelists.shipped import editions_of
from hienluong.foundation.schemas.lists import Edition
from hienluong.services.procedures.packs import Pack

from .models import Part

#: Folder → what a file of it is.
_FOLDERS: dict[str, str | Promise] = {
    "registers": Part.Kind.REGISTER.label,
    "procedures": Part.Kind.PROCEDURE.label,
    "codelists": Part.Kind.CODELIST.label,
    "scoring": Part.Kind.SCORING.label,
    "decisions": gettext_lazy("Bảng quyết định"),
    "processes": gettext_lazy("Quy trình"),
    "results": gettext_lazy("Mẫu in"),
    "examples": gettext_lazy("Hồ sơ mẫu"),
    "forms": gettext_lazy("Biểu mẫu"),
    "indicators": gettext_lazy("Chỉ tiêu"),
}


def heading(file: str, title: str) -> str:
    """What a file is, and what it is called: Thủ tục “Cấp giấy phép”."""
    if file == "pack.yaml":
        return _("Thông tin gói")
    kind = _FOLDERS.get(file.partition("/")[0])
    return f"{kind} “{title}”" if kind else title


def titles(pack: Pack) -> Mapping[str, str]:
    """What the parts of a pack are called, by file."""
    found = {loaded.file: loaded.spec.title for loaded in pack.codelists if loaded.spec}
    codes = [spec.code for _file, spec in pack.registers]
    for file, spec in pack.registers:  # several versions of one register are told apart by their numbers
        found[file] = numbered(spec.title, spec.version) if codes.count(spec.code) > 1 else spec.title
    found |= {file: form.title for file, form in pack.scoring}
    return found | {item.file: item.spec.name for item in pack.procedures}


def headings(pack: Pack) -> Mapping[str, str]:
    """What the parts of a pack are and are called, by file."""
    named, codes = titles(pack), [spec.code for _file, spec in pack.registers]
    found = {file: heading(file, title) for file, title in named.items()}
    several = {file: spec for file, spec in pack.registers if codes.count(spec.code) > 1}
    return found | {file: numbered(heading(file, spec.title), spec.version) for file, spec in several.items()}


def numbered(title: str, number: int) -> str:
    """A title with the number of its version."""
    return _("%(title)s, phiên bản %(number)s") % {"title": title, "number": number}


def own_lists(pack: Pack) -> dict[str, list[Edition]]:
    """The lists that a pack brings, as its files say them; those with faults are left out."""
    return {
        loaded.spec.code: editions_of(loaded)
        for loaded in pack.codelists
        if loaded.spec is not None and not loaded.faults
    }
