"""Two states of a draft side by side: by file, as a list of changes in words, and line by line."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext as _

from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.positions import parse
from hienluong.services.packs.called import heading, numbered, own_lists
from hienluong.services.packs.new_parts import facts_of_new
from hienluong.services.procedures.called import called
from hienluong.services.procedures.differences import Told, told

from . import files
from .files import MANIFEST, Files
from .legible import is_legible
from .yaml_text import plain

#: Most changes of a file that are told, and most lines that are shown.
MOST = 100
MOST_LINES = 600

Kind = Literal["new", "removed", "changed"]
Definitions = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class FileChange:
    """What became of one file: what it is called, its changes in words, of a new one what it is. `against`: what the
    changes are to, where that is another file. `lines` are those of a unified diff: (``+``, ``-``, `` `` or ``@``; the text).
    """

    path: str
    heading: str
    kind: Kind
    rows: Sequence[Told] = ()
    more: int = 0
    against: str = ""
    facts: Sequence[Mapping[str, str]] = ()
    lines: Sequence[tuple[str, str]] = ()


def compare(before: Files, after: Files) -> list[FileChange]:
    """What differs between two states, by file."""
    paths = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    if not paths:
        return []
    old, new = _definitions(before), _definitions(after)
    paths = [path for path in paths if not _is_only_elsewhere(path, old, new)]
    names = called([*old.values(), *new.values()])
    checked = files.check(after)
    with lists.besides(own_lists(checked.pack)):
        return [_change(path, before, after, old, new, names, checked) for path in paths]


def _change(
    path: str,
    before: Files,
    after: Files,
    old: Definitions,
    new: Definitions,
    names: Mapping[str, str],
    checked: files.Checked,
) -> FileChange:
    kind: Kind = "new" if path not in before else "removed" if path not in after else "changed"
    there = {**old, **new}
    rows: list[Told] = []
    against = ""
    if path.endswith(".csv"):
        rows = _codes(before.get(path, ""), after.get(path, "")) if kind == "changed" else []
    elif kind == "changed" and path in old and path in new:
        rows = told(old[path], new[path], {} if path == MANIFEST else names)
    elif kind == "new" and (former := _version_before(path, new)):
        rows, against = told(former, new[path], names), str(former.get("version"))
    return FileChange(
        path,
        _heading(path, there, names),
        kind,
        rows[:MOST],
        max(0, len(rows) - MOST),
        against,
        _facts(path, checked) if kind == "new" and not against else (),
        tuple(_lines(before.get(path, ""), after.get(path, ""))),
    )


def _is_only_elsewhere(path: str, old: Definitions, new: Definitions) -> bool:
    """Whether a version of a register only stands in another file than before, unchanged: where the next one began."""
    here, there = (new, old) if path not in old else (old, new)
    mine = here.get(path)
    return path.startswith("registers/") and path not in there and mine is not None and mine in there.values()


def _facts(path: str, checked: files.Checked) -> Sequence[Mapping[str, str]]:
    """What a new part is; not told of a pack that is still faulty."""
    return () if checked.faults else facts_of_new(checked.pack, path)


def _definitions(texts: Files) -> Definitions:
    """The files that can be told in words."""
    read = {path: plain(parse(text, path).value) for path, text in texts.items() if path.endswith(".yaml")}
    return {path: value for path, value in read.items() if isinstance(value, Mapping) and is_legible(path, value)}


def _version_before(path: str, new: Definitions) -> Mapping[str, Any] | None:
    """Of a new version of a register the one that it follows: in the draft, else among those that are installed."""
    mine = new.get(path, {})
    code, number = mine.get("code"), mine.get("version")
    if not path.startswith("registers/") or not isinstance(number, int) or not isinstance(code, str):
        return None
    versions = {each.get("version"): each for file, each in new.items() if file != path and each.get("code") == code}
    if lower := [each for each in versions if isinstance(each, int) and each < number]:
        return versions[max(lower)]
    installed = Definition.objects.filter(register__code=code, version__lt=min(number, 10_000))
    found: Mapping[str, Any] | None = installed.order_by("-version").values_list("spec", flat=True).first()
    return found


def _heading(path: str, there: Definitions, names: Mapping[str, str]) -> str:
    """What a file is, with the version of a register: Cơ sở dữ liệu “Giấy phép”, phiên bản 2."""
    folder, _slash, file = path.rpartition("/")
    stem, said = file.rpartition(".")[0], there.get(path, {})
    title = str(said.get("title") or said.get("name") or "")
    if folder == "registers" and isinstance(number := said.get("version"), int):
        return numbered(heading(path, title or stem), number)
    if folder == "codelists" and path.endswith(".csv"):
        title = next((str(each.get("title")) for each in there.values() if file in _tables(each)), stem)
        return _("Bảng mã của danh mục “%(title)s”") % {"title": title}
    if folder in ("processes", "results"):
        title = _used_as(path, stem, there)
    if folder == "examples":
        title = names.get(str(said.get("procedure")), "")
    return heading(path, title or stem)


def _tables(definition: Mapping[str, Any]) -> list[Any]:
    editions = definition.get("editions")
    return [each.get("table") for each in editions if isinstance(each, Mapping)] if isinstance(editions, list) else []


def _used_as(path: str, stem: str, there: Definitions) -> str:
    """What a process or a template is of: the procedure, or the result, that names it."""
    for each in there.values():
        if isinstance(process := each.get("process"), Mapping) and process.get("model") == stem:
            return str(each.get("name", ""))
        results = each.get("results")
        for result in results if isinstance(results, list) else ():
            if isinstance(result, Mapping) and result.get("template") == path:
                return str(result.get("name", ""))
    return ""


def _codes(before: str, after: str) -> list[Told]:
    """What differs between two tables of codes."""
    old, new = _by_code(before), _by_code(after)
    rows = []
    for code in [*old, *(code for code in new if code not in old)]:
        if old.get(code) != new.get(code):
            was, now = (" · ".join(each.get(code, ())) or "—" for each in (old, new))
            rows.append(Told(_("Mã %(code)s") % {"code": code}, was, now, code))
    return rows


def _by_code(text: str) -> dict[str, list[str]]:
    try:
        rows = list(csv.DictReader(text.splitlines()))
    except csv.Error:
        return {}
    return {
        str(row["code"]): [str(value) for key, value in row.items() if key not in ("code", None) and value]
        for row in rows
        if row.get("code")
    }


def _lines(old: str, new: str) -> Iterator[tuple[str, str]]:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=2, lineterm="")
    for number, line in enumerate(lines):
        if number < 2:  # the names of the files
            continue
        if number > MOST_LINES:
            return
        yield line[:1], line[1:]
