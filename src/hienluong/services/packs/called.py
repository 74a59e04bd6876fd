"""What the parts of packs are called, for people: files by what they are, fields and codes by their labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.codelists.shipped import editions_of
from hienluong.foundation.schemas.lists import Edition
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.procedures.differences import fields_of
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


def called(definitions: Iterable[Any]) -> dict[str, str]:
    """What fields of these definitions, and of installed registers that they name, are called, and the registers and
    procedures themselves; by names and codes. Definitions may be as faulty as drafts are."""
    ours = [each for each in definitions if isinstance(each, Mapping)]
    mine = {str(each.get("code")) for each in ours}
    labels: dict[str, str] = {}
    for each in [*_installed(set(_registers_named(ours)) - mine), *ours]:
        labels |= {name: label_of(name, prop) for name, prop in fields_of(each).items()}
        code, title = each.get("code"), each.get("title") or each.get("name")
        if isinstance(code, str) and isinstance(title, str):
            labels[code] = title
    return labels


def _registers_named(part: Any) -> Iterator[str]:
    """The codes of registers that a definition names."""
    if isinstance(part, Mapping):
        for key, inner in part.items():
            if key in ("register", "x-register") and isinstance(inner, str):
                yield inner
            elif key == "from" and isinstance(inner, str) and inner.startswith("register "):
                yield inner.removeprefix("register ").strip()
            else:
                yield from _registers_named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _registers_named(inner)


def _installed(codes: set[str]) -> list[Mapping[str, Any]]:
    """The newest definitions of these registers that are here."""
    found = Definition.objects.filter(register__code__in=codes).order_by("register__code", "version")
    return list(dict(found.values_list("register__code", "spec")).values())


def own_lists(pack: Pack) -> dict[str, list[Edition]]:
    """The lists that a pack brings, as its files say them; those with faults are left out."""
    return {
        loaded.spec.code: editions_of(loaded)
        for loaded in pack.codelists
        if loaded.spec is not None and not loaded.faults
    }
