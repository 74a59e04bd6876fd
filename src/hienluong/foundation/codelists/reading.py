"""``codelists/<code>.yaml`` with its CSV files: a list, its editions, their codes, and what became of which.

Never raises for what stands in a file: every fault is told with its file and line.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hienluong.foundation.schemas.positions import Document, Fault, read, validated

from .rows import CodeRow, Pair, pair_problems, row_problems, with_kinds

#: The lists that come with the product.
SHIPPED = Path(__file__).parent / "data"
#: A table of codes is written by machines, too; more than this is a mistake.
MAX_BYTES = 32 * 1024 * 1024
MAX_ROWS = 200_000
_COLUMNS = frozenset(("code", "parent", "name", "name_en", "valid_from", "valid_to"))
_PAIR_COLUMNS = frozenset(("from", "to", "kind", "primary"))

Kind = Literal["same", "merged", "split", "part"]


class Part(BaseModel):
    """A part of a file: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CodeSpec(Part):
    """A code written in the list's own file. What else is known of it stands in `attributes`."""

    code: str
    parent: str = ""
    name: str
    name_en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: dict[str, str] = {}


class EditionSpec(Part):
    """One edition: in force from a day until (not including) another; its codes here, in a CSV file, or computed."""

    code: str = Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$", max_length=40)
    title: str = Field(min_length=1, max_length=200)
    valid_from: date | None = None
    valid_to: date | None = None
    legal_basis: list[str] = []
    source: str = Field(min_length=1)
    note: str = ""
    codes: list[CodeSpec] = []
    table: str = ""  # a CSV file beside this one
    computed: str = ""  # only in the lists of the product: a maker of :mod:`.computed`


class PairSpec(Part):
    """What one code became; without `kind` it follows from how many became how many."""

    from_: str = Field(alias="from")
    to: str
    kind: Kind | None = None
    primary: bool = True


class MappingSpec(Part):
    """What the codes of one edition became in another."""

    from_: str = Field(alias="from")
    to: str
    source: str = Field(min_length=1)
    pairs: list[PairSpec] = []
    table: str = ""
    computed: str = ""


class ListSpec(Part):
    """A list as its file says it."""

    code: str = Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)
    title: str = Field(min_length=1, max_length=200)
    title_en: str = Field("", max_length=200)
    description: str = ""
    coding: Literal["published", "assigned"] = "published"
    editions: list[EditionSpec] = Field(min_length=1)
    mappings: list[MappingSpec] = []


Rows = Callable[[], Sequence[CodeRow]]
Pairs = Callable[[], Sequence[Pair]]


@dataclass
class Loaded:
    """A file as it was read; `faults` must be empty before it is installed."""

    file: str
    spec: ListSpec | None = None
    rows: dict[str, Sequence[CodeRow]] = field(default_factory=dict)  # by edition
    pairs: dict[tuple[str, str], Sequence[Pair]] = field(default_factory=dict)  # by editions
    faults: list[Fault] = field(default_factory=list)

    def digest(self, edition: EditionSpec) -> str:
        """SHA-256 of what the file says of an edition, hexadecimal."""
        head = edition.model_dump(mode="json", exclude={"codes", "table", "computed"})
        rows = [[*_cells(row), dict(row.attributes)] for row in self.rows[edition.code]]
        return hashlib.sha256(json.dumps([head, rows], ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _cells(row: CodeRow) -> list[str]:
    days = [day.isoformat() if day else "" for day in (row.since, row.until)]
    return [row.value, row.parent, row.name, row.name_en, *days]


@cache
def shipped_names() -> frozenset[str]:
    """The codes of the lists that come with the product."""
    return frozenset(path.stem for path in SHIPPED.glob("*.yaml"))


def load(
    path: Path,
    *,
    name: str = "",
    computed: object = None,
    elsewhere: Callable[[str], Mapping[str, Set[str]]] | None = None,
) -> Loaded:
    """Read and check a list.

    `computed` is the module whose makers the file may name (the product's own lists only). `elsewhere` says the codes of a
    list by edition, as they are held already: a mapping may join an edition that the file does not bring.
    """
    name = name or path.name
    document = read(path, name)
    loaded = Loaded(name, validated(document, ListSpec))
    spec = loaded.spec
    if spec is not None:
        if spec.code != path.stem:
            document.fault(("code",), f"tên tệp phải là {spec.code}.yaml")
        for number, edition in enumerate(spec.editions):
            _load_edition(loaded, document, path, number, edition, computed)
        _check_editions(document, spec)
        held: dict[str, Set[str]] = dict(elsewhere(spec.code)) if elsewhere and spec.mappings else {}
        held |= {edition: {row.value for row in rows} for edition, rows in loaded.rows.items()}
        for number, mapping in enumerate(spec.mappings):
            _load_mapping(loaded, document, path, number, mapping, computed, held)
    loaded.faults += document.faults
    return loaded


def _load_edition(
    loaded: Loaded, document: Document, path: Path, number: int, edition: EditionSpec, computed: object
) -> None:
    at = ("editions", number)
    file = document.file
    rows: Sequence[CodeRow] = []
    if edition.computed:
        maker = getattr(computed, edition.computed, None)
        if maker is None:
            document.fault((*at, "computed"), f"không có cách tính “{edition.computed}”")
        else:
            rows = maker()
    elif edition.table:
        file = _beside(document.file, edition.table)
        rows = list(_code_table(loaded, document, (*at, "table"), path, edition.table, file))
    else:
        rows = [_row_of(code, document.line_of((*at, "codes", n))) for n, code in enumerate(edition.codes)]
    loaded.rows[edition.code] = rows
    if edition.valid_from and edition.valid_to and edition.valid_to <= edition.valid_from:
        document.fault((*at, "valid_to"), "ngày hết hiệu lực phải sau ngày có hiệu lực")
    if not rows and not loaded.faults and not document.faults:
        document.fault((*at, "codes"), f"ấn bản “{edition.code}” không có mã nào")
    loaded.faults += (Fault(file, line, message) for line, message in row_problems(rows))


def _row_of(code: CodeSpec, line: int) -> CodeRow:
    extra = tuple(sorted(code.attributes.items()))
    return CodeRow(code.code, code.parent, code.name, code.name_en, code.valid_from, code.valid_to, extra, line)


def _check_editions(document: Document, spec: ListSpec) -> None:
    seen: dict[str, int] = {}
    for number, edition in enumerate(spec.editions):
        if edition.code in seen:
            document.fault(("editions", number, "code"), f"ấn bản “{edition.code}” bị lặp")
        seen[edition.code] = number
    ordered = sorted(enumerate(spec.editions), key=lambda pair: pair[1].valid_from or date.min)
    for (_n, earlier), (number, later) in pairwise(ordered):
        begins = later.valid_from or date.min
        if begins == (earlier.valid_from or date.min) or (earlier.valid_to and begins < earlier.valid_to):
            document.fault(("editions", number, "valid_from"), f"hiệu lực chồng lên ấn bản “{earlier.code}”")


def _load_mapping(
    loaded: Loaded,
    document: Document,
    path: Path,
    number: int,
    mapping: MappingSpec,
    computed: object,
    held: Mapping[str, Set[str]],
) -> None:
    at = ("mappings", number)
    for end, edition in (("from", mapping.from_), ("to", mapping.to)):
        if edition not in held:
            document.fault((*at, end), f"không có ấn bản “{edition}”")
            return
    if mapping.from_ == mapping.to:
        document.fault((*at, "to"), "chuyển đổi phải giữa hai ấn bản khác nhau")
        return
    file = document.file
    pairs: Sequence[Pair] = []
    if mapping.computed:
        maker = getattr(computed, mapping.computed, None)
        if maker is None:
            document.fault((*at, "computed"), f"không có cách tính “{mapping.computed}”")
        else:
            pairs = maker()
    elif mapping.table:
        file = _beside(document.file, mapping.table)
        pairs = list(_pair_table(loaded, document, (*at, "table"), path, mapping.table, file))
    else:
        pairs = [
            Pair(pair.from_, pair.to, pair.kind or "", pair.primary, document.line_of((*at, "pairs", n)))
            for n, pair in enumerate(mapping.pairs)
        ]
    found = pair_problems(pairs, held[mapping.from_], held[mapping.to])
    loaded.faults += (Fault(file, line, message) for line, message in found)
    loaded.pairs[mapping.from_, mapping.to] = with_kinds(pairs)


def _beside(file: str, table: str) -> str:
    return f"{file.rpartition('/')[0]}/{table}".lstrip("/")


def _table(
    loaded: Loaded, document: Document, at: tuple[str | int, ...], path: Path, table: str, file: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file beside the list, by column; what cannot be read is a fault."""
    beside = path.parent / table
    if Path(table).name != table or not table.endswith(".csv") or not beside.is_file():
        document.fault(at, f"không có tệp “{table}” bên cạnh")
        return
    line = 1
    try:
        if beside.stat().st_size > MAX_BYTES:
            loaded.faults.append(Fault(file, 1, f"tệp lớn hơn {MAX_BYTES // 1024 // 1024} MB"))
            return
        text = beside.read_text("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        heads = [head.strip() for head in next(reader, [])]
        if not heads:
            loaded.faults.append(Fault(file, 1, "tệp không có dòng tiêu đề các cột"))
            return
        if repeated := [head for head, count in Counter(heads).items() if count > 1 or not head]:
            loaded.faults.append(Fault(file, 1, f"cột bị lặp hoặc không tên: {', '.join(repeated)}"))
            return
        line = reader.line_num + 1
        for number, cells in enumerate(reader):
            if number >= MAX_ROWS:
                loaded.faults.append(Fault(file, line, f"quá {MAX_ROWS} dòng"))
                return
            if len(cells) > len(heads):
                loaded.faults.append(Fault(file, line, "dòng có nhiều ô hơn dòng tiêu đề"))
            elif any(cells):
                padded = [*cells, *[""] * (len(heads) - len(cells))]
                yield line, dict(zip(heads, map(_bare, padded), strict=True))
            line = reader.line_num + 1
    except UnicodeDecodeError:
        loaded.faults.append(Fault(file, 1, "tệp không phải UTF-8"))
    except (csv.Error, OSError) as error:
        loaded.faults.append(Fault(file, line, f"CSV không đúng: {error}"))


def _delimiter(text: str) -> str:
    """A spreadsheet set to Vietnamese writes semicolons."""
    heads = text.partition("\n")[0]
    return ";" if ";" in heads and "," not in heads else ","


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running a cell as a formula."""
    cell = cell.replace("\x00", "").strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _code_table(
    loaded: Loaded, document: Document, at: tuple[str | int, ...], path: Path, table: str, file: str
) -> Iterator[CodeRow]:
    for line, cells in _table(loaded, document, at, path, table, file):
        if not {"code", "name"} <= set(cells):
            loaded.faults.append(Fault(file, 1, "thiếu cột code hoặc name"))
            return
        since, until = (_day(loaded, file, line, cells.get(column, "")) for column in ("valid_from", "valid_to"))
        extra = tuple(sorted((name, text) for name, text in cells.items() if name not in _COLUMNS and text))
        yield CodeRow(
            cells["code"],
            cells.get("parent", ""),
            cells["name"],
            cells.get("name_en", ""),
            since,
            until,
            extra,
            line,
        )


def _day(loaded: Loaded, file: str, line: int, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        loaded.faults.append(Fault(file, line, f"“{text[:40]}” không phải ngày, ví dụ 2025-07-01"))
        return None


def _pair_table(
    loaded: Loaded, document: Document, at: tuple[str | int, ...], path: Path, table: str, file: str
) -> Iterator[Pair]:
    for line, cells in _table(loaded, document, at, path, table, file):
        if not {"from", "to"} <= set(cells) or set(cells) - _PAIR_COLUMNS:
            loaded.faults.append(Fault(file, 1, f"các cột là {', '.join(sorted(_PAIR_COLUMNS))}"))
            return
        primary = cells.get("primary", "") not in ("0", "false", "no")
        yield Pair(cells["from"], cells["to"], cells.get("kind", ""), primary, line)
