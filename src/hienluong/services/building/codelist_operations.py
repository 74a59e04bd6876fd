"""Operations on a code list of a draft: each takes what its file says and gives a new one; nothing given is changed.

The edition that is worked on is the one that begins last. `held`: the codes of it that are installed, which stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.codelists.pasting import lines
from hienluong.foundation.codelists.reading import CodeSpec, EditionSpec, ListSpec
from hienluong.foundation.codelists.rows import MAX_VALUE, CodeRow, row_problems

from . import yaml_text
from .schema_operations import fault, name_from

Definition = Mapping[str, Any]
Entry = Mapping[str, Any]
#: What the page asks for of a list, and of its edition.
OF_LIST = ("title", "description", "coding")
OF_EDITION = ("valid_from", "legal_basis", "source", "note")
_PARTS = ("code", "name", "parent", "name_en", "valid_from", "valid_to")


def code_of(title: str) -> str:
    """The code of a list called so: “Hình thức nuôi” → ``hinh-thuc-nuoi``."""
    return name_from(title, ()).replace("_", "-")


def new_list(code: str, title: str, owner: str, valid_from: date) -> dict[str, Any]:
    """A list with one edition, still without codes."""
    edition = {
        "code": valid_from.isoformat(),
        "title": _title(valid_from),
        "valid_from": valid_from,
        "source": f"{owner} lập",
        "codes": [],
    }
    return {"code": code, "title": title, "coding": "assigned", "editions": [edition]}


def _title(day: date) -> str:
    return f"Từ ngày {day:%d/%m/%Y}"


def at(definition: Definition) -> int:
    """Which edition is worked on: the one that begins last."""
    begins = [_begins(edition) for edition in definition["editions"]]
    return max(range(len(begins)), key=lambda number: (begins[number], number))


def edition_of(definition: Definition) -> Definition:
    """The edition that is worked on."""
    found: Definition = definition["editions"][at(definition)]
    return found


def _begins(edition: Definition) -> date:
    day = edition.get("valid_from")
    return day if isinstance(day, date) else date.min


def entries(definition: Definition) -> list[dict[str, Any]]:
    """The codes of the edition that is worked on, as the file says them."""
    return [dict(entry) for entry in edition_of(definition).get("codes") or ()]


def taken_in(definition: Definition, rows: Iterable[CodeRow]) -> dict[str, Any]:
    """The list with the rows of the table that its edition names written into the file itself."""
    edition = {name: part for name, part in edition_of(definition).items() if name not in ("table", "codes")}
    return _with_edition(definition, at(definition), {**edition, "codes": [_of_row(row) for row in rows]})


def _of_row(row: CodeRow) -> dict[str, Any]:
    said = {
        "code": row.value,
        "parent": row.parent,
        "name": row.name,
        "name_en": row.name_en,
        "valid_from": row.since,
        "valid_to": row.until,
        "attributes": dict(row.attributes),
    }
    return {part: value for part, value in said.items() if value}


def tables(definition: Definition) -> set[str]:
    """The tables that the editions of a list and its mappings name."""
    parts = (*definition.get("editions", ()), *(definition.get("mappings") or ()))
    return {str(part["table"]) for part in parts if isinstance(part, Mapping) and part.get("table")}


def set_about(definition: Definition, *, held: Collection[str] = (), **parts: Any) -> dict[str, Any]:
    """Put what is said of the list and of its edition; an edition called after its first day follows that day."""
    changed = dict(definition)
    for part in OF_LIST:
        if part in parts:
            changed = yaml_text.put(changed, part, parts[part], ListSpec.model_fields)
    before = edition_of(definition)
    edition = dict(before)
    for part in OF_EDITION:
        if part in parts:
            edition = yaml_text.put(edition, part, parts[part], EditionSpec.model_fields)
    if not held and isinstance(day := edition.get("valid_from"), date):
        was = _begins(before)
        if edition.get("code") == was.isoformat():
            edition["code"] = day.isoformat()
        if edition.get("title") == _title(was):
            edition["title"] = _title(day)
    return _with_edition(changed, at(definition), edition)


def put_codes(
    definition: Definition, *, start: int, said: Sequence[Mapping[str, Any]], held: Collection[str] = ()
) -> dict[str, Any]:
    """Put rows in the place of those from `start` on. A row that `was` one keeps what the page does not ask for; one without
    code and name is taken away; a code that is called otherwise is followed by what stands below it."""
    before = entries(definition)
    known = [row for row in said if row.get("was")]
    rows: list[dict[str, Any]] = []
    taken = {str(each.get("code")) for each in (*before[:start], *before[start + len(known) :])}
    renamed: dict[str, str] = {}
    for number, row in enumerate(said):
        old = before[start + number] if number < len(known) and start + number < len(before) else {}
        if not row["code"] and not row["name"]:
            continue
        code = row["code"] or _proposed(row["name"], {*taken, *(each["code"] for each in said if each["code"])})
        taken.add(code)
        if old and str(old.get("code")) != code:
            renamed[str(old.get("code"))] = code
        rows.append(_entry(old, {**row, "code": code}))
    changed = [*before[:start], *rows, *before[start + len(known) :]]
    changed = [
        {**each, "parent": renamed[str(each["parent"])]} if str(each.get("parent", "")) in renamed else each
        for each in changed
    ]
    return _with_codes(definition, changed, held)


def _entry(old: Entry, row: Mapping[str, Any]) -> dict[str, Any]:
    entry = dict(old)
    for part in _PARTS:
        if part in row:
            entry = yaml_text.put(entry, part, row[part], CodeSpec.model_fields)
    return entry


def _proposed(name: str, taken: Iterable[str]) -> str:
    return name_from(name, taken)[:MAX_VALUE]


def pasted(text: str) -> list[dict[str, Any]]:
    """Lines as people copy them (:mod:`..pasting`): ``mã; tên; mã cấp trên``, or cells of a spreadsheet, each with its place
    (``line``) and what cannot be read of it (``fault``); a name alone gets a code."""
    return [
        {
            "code": each.code,
            "name": each.name,
            "parent": each.parent,
            "name_en": each.name_en,
            "valid_from": each.since,
            "valid_to": each.until,
            "line": each.number,
            "fault": each.fault,
        }
        for each in lines(text)
    ]


@dataclass(frozen=True)
class Looked:
    """What a pasted line does: the code it gets, whether that is there already, what is wrong with it."""

    line: int
    code: str
    name: str
    is_there: bool
    fault: str = ""


def look(definition: Definition, *, said: Sequence[Mapping[str, Any]]) -> list[Looked]:
    """What adding these rows would do, line by line."""
    there = {str(each.get("code")) for each in entries(definition)}
    after = entries(add_codes(definition, said=said))
    codes = _codes_of(said, there)
    at = {code: row["line"] for code, row in zip(codes, said, strict=True)}
    rows = [_row(each, at.get(str(each.get("code")), 0)) for each in after]
    faults: dict[int, str] = {}
    for line, message in row_problems(rows):
        faults.setdefault(line, message)
    return [
        Looked(row["line"], code, str(row["name"]), code in there, str(row["fault"]) or faults.get(row["line"], ""))
        for code, row in zip(codes, said, strict=True)
    ]


def _row(entry: Entry, line: int) -> CodeRow:
    code, parent, name = (str(entry.get(part, "")) for part in ("code", "parent", "name"))
    since, until = (day if isinstance(day := entry.get(part), date) else None for part in ("valid_from", "valid_to"))
    return CodeRow(code, parent, name, str(entry.get("name_en", "")), since, until, line=line)


def _codes_of(said: Sequence[Mapping[str, Any]], there: Collection[str]) -> list[str]:
    """The code of each row: its own, or one made of its name."""
    taken = {*there, *(str(each["code"]) for each in said if each["code"])}
    found = []
    for row in said:
        found.append(str(row["code"] or _proposed(row["name"], taken)))
        taken.add(found[-1])
    return found


def add_codes(
    definition: Definition, *, said: Sequence[Mapping[str, Any]], held: Collection[str] = ()
) -> dict[str, Any]:
    """Add rows at the end; one whose code is there already corrects its name, its place, its days."""
    rows = entries(definition)
    places = {str(row.get("code")): number for number, row in enumerate(rows)}
    for row, code in zip(said, _codes_of(said, places), strict=True):
        if code in places:
            number = places[code]
            rows[number] = _entry(rows[number], {**_given(row), "code": code})
            continue
        places[code] = len(rows)
        rows.append(_entry({}, {**row, "code": code}))
    return _with_codes(definition, rows, held)


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    return {part: value for part, value in row.items() if value}


def step_code(definition: Definition, *, number: int, by: int) -> dict[str, Any]:
    """Move a row up or down among the others."""
    rows = entries(definition)
    row = rows.pop(_index(rows, number))
    rows.insert(max(0, min(number + by, len(rows))), row)
    return _with_codes(definition, rows, ())


def remove_code(definition: Definition, *, number: int, held: Collection[str] = ()) -> dict[str, Any]:
    """Take a row away; one with others below it stays."""
    rows = entries(definition)
    row = rows.pop(_index(rows, number))
    below = [str(each.get("name", "")) for each in rows if each.get("parent") == row.get("code")]
    if below:
        said = _("“%(name)s” còn mã cấp dưới: %(below)s. Hãy bỏ hoặc chuyển các mã ấy trước.")
        raise fault(said % {"name": row.get("name", ""), "below": ", ".join(below[:3])})
    return _with_codes(definition, rows, held)


def next_edition(definition: Definition, *, valid_from: date) -> dict[str, Any]:
    """The list with one more edition from a day on, which begins with the codes of the one before."""
    before = edition_of(definition)
    if valid_from <= _begins(before):
        raise fault(_("Phải sau ngày %(day)s.") % {"day": f"{_begins(before):%d/%m/%Y}"}, "next_from")
    edition = {**before, "code": valid_from.isoformat(), "title": _title(valid_from), "valid_from": valid_from}
    edition.pop("valid_to", None)
    return {**definition, "editions": [*definition["editions"], edition]}


def _with_edition(definition: Definition, number: int, edition: Definition) -> dict[str, Any]:
    editions = list(definition["editions"])
    editions[number] = dict(edition)
    return {**definition, "editions": editions}


def _with_codes(definition: Definition, rows: Sequence[Entry], held: Collection[str]) -> dict[str, Any]:
    codes = [str(row.get("code", "")) for row in rows]
    if gone := sorted(set(held) - set(codes)):
        said = _("Mã %(codes)s đã cài nên không bỏ, không đổi mã được: bản ghi đã ghi theo nó. Hãy bắt đầu ấn bản mới.")
        raise fault(said % {"codes": ", ".join(gone[:5])})
    edition = {name: part for name, part in edition_of(definition).items() if name != "codes"}
    return _with_edition(definition, at(definition), {**edition, "codes": list(rows)})


def _index(rows: Sequence[Entry], number: int) -> int:
    if not 0 <= number < len(rows):
        raise fault(_("Mục này không còn nữa."))
    return number
