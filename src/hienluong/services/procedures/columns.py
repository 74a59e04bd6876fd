"""The flat table of the catalogue: one row a version, the same columns in Excel and CSV, nothing lost either way.

A cell that holds a list has one item a line, its parts parted by ``|``. Inside a part, ``\\|``, ``\\n`` and ``\\\\``
stand for a bar, a line break and a backslash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from hienluong.foundation.files import tables

from .spec import ProcedureSpec

Content = dict[str, Any]


class CellFault(ValueError):
    """What is wrong in one cell."""


@dataclass(frozen=True)
class Column:
    """One column: its heading, the parts of the content it fills, and how a cell is written and read."""

    heading: str
    parts: tuple[str, ...]
    write: Callable[[Content], str]
    read: Callable[[str], Content]
    required: bool = False


_ONLINE = {"full": "Toàn trình", "partial": "Một phần", "information": "Cung cấp thông tin"}
_LEVELS = {"province": "Tỉnh", "department": "Sở", "district": "Huyện", "commune": "Xã"}
_WHO = {"citizen": "Công dân", "enterprise": "Doanh nghiệp", "household": "Hộ kinh doanh"}
_CHANNELS = {"counter": "Trực tiếp", "online": "Trực tuyến", "post": "Bưu chính"}
_UNITS = {"working_day": "ngày làm việc", "working_hour": "giờ làm việc", "calendar_day": "ngày"}
_SOURCES = {"upload": "nộp", "form": "biểu mẫu", "register": "cơ sở dữ liệu", "presented": "xuất trình"}
_STATUS = {
    "in_force": "còn hiệu lực",
    "amended": "được sửa đổi",
    "replaced": "bị thay thế",
    "expired": "hết hiệu lực",
    "not_yet": "chưa có hiệu lực",
}
MACHINE_HEADING = "Phần máy đọc (JSON)"
#: Parts that people do not edit in a table; kept whole as JSON.
MACHINE = (
    "charges",
    "eligibility",
    "rule_overrides",
    "process",
    "effects",
    "checks",
    "enquiries",
    "form",
    "complete",
    "read",
)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\r\n", "\n").replace("\n", "\\n")


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text).strip()


def _split(line: str) -> list[str]:
    return [_unescape(part) for part in re.split(r"(?<!\\)\|", line)]


def _choice(words: dict[str, str]) -> Callable[[str], str]:
    known = {label.casefold(): code for code, label in words.items()} | {code: code for code in words}

    def read(text: str) -> str:
        code = known.get(text.strip().casefold())
        if code is None:
            raise CellFault(f"“{text[:60]}” không thuộc: {', '.join(words.values())}")
        return code

    return read


def _whole(text: str) -> int:
    plain = text.strip().removesuffix(".0")
    if not plain.isascii() or not plain.isdigit() or len(plain) > 9:
        raise CellFault(f"“{text[:60]}” phải là số nguyên")
    return int(plain)


def day(text: str) -> str:
    """A day as ISO text, from ISO or dd/mm/yyyy."""
    try:
        found = tables.day(text)
    except ValueError:
        found = None
    if found is None:
        raise CellFault(f"“{text[:60]}” phải là ngày, ví dụ 01/07/2025")
    return found.isoformat()


def _show_day(value: str | None) -> str:
    return date.fromisoformat(value).strftime("%d/%m/%Y") if value else ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise CellFault(f"“{text[:60]}” phải là JSON") from None


def _show_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _yes(text: str) -> bool:
    word = text.strip().casefold()
    if word not in ("có", "không", "x", ""):
        raise CellFault(f"“{text[:60]}” phải là có hoặc không")
    return word in ("có", "x")


@dataclass(frozen=True)
class _Part:
    name: str
    read: Callable[[str], Any] = str
    write: Callable[[Any], str] = str
    empty: Any = ""
    required: bool = False


def _text_column(heading: str, path: str, *, required: bool = False) -> Column:
    keys = path.split(".")

    def write(content: Content) -> str:
        value: Any = content
        for key in keys:
            value = value.get(key, "")
        return str(value)

    def read(text: str) -> Content:
        value: Any = text
        for key in reversed(keys):
            value = {key: value}
        return dict(value)

    return Column(heading, (path,), write, read, required)


def _coded_column(heading: str, path: str, words: dict[str, str]) -> Column:
    plain = _text_column(heading, path, required=True)
    read_code = _choice(words)
    return Column(
        heading, (path,), lambda content: words[plain.write(content)], lambda text: plain.read(read_code(text)), True
    )


def _date_column(heading: str, name: str, *, required: bool = False) -> Column:
    return Column(
        heading, (name,), lambda content: _show_day(content.get(name)), lambda text: {name: day(text)}, required
    )


def _words_column(
    heading: str, name: str, read: Callable[[str], str] = str, words: dict[str, str] | None = None
) -> Column:
    def write(content: Content) -> str:
        return "\n".join(_escape(words[item] if words else item) for item in content.get(name, ()))

    def parse(text: str) -> Content:
        return {name: [read(_unescape(line)) for line in text.split("\n") if line.strip()]}

    return Column(heading, (name,), write, parse)


def _list_column(heading: str, name: str, parts: tuple[_Part, ...]) -> Column:
    def write(content: Content) -> str:
        lines = []
        for item in content.get(name, ()):
            cells = [_escape(part.write(item[part.name])) if item.get(part.name) is not None else "" for part in parts]
            lines.append(" | ".join(cells))
        return "\n".join(lines)

    return Column(heading, (name,), write, lambda text: {name: [_item(line, parts) for line in _lines(text)]})


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _item(line: str, parts: tuple[_Part, ...]) -> Content:
    cells = _split(line)
    if len(cells) > len(parts):
        raise CellFault(f"dòng “{line[:60]}” có {len(cells)} phần, nhiều nhất {len(parts)}")
    cells += [""] * (len(parts) - len(cells))
    item: Content = {}
    for part, cell in zip(parts, cells, strict=True):
        if not cell and part.required:
            raise CellFault(f"dòng “{line[:60]}” thiếu phần {part.name}")
        item[part.name] = part.read(cell) if cell else part.empty
    return {name: value for name, value in item.items() if value is not None}


def _write_ways(content: Content) -> str:
    lines = []
    for way in content.get("ways", ()):
        for index, rule in enumerate(way["deadlines"]):
            parts = (
                _CHANNELS[way["channel"]], str(rule["amount"]), _UNITS[rule["unit"]],
                rule["when"], rule["text"], rule["legal_basis"], way["note"] if index == 0 else "",
            )  # fmt: skip
            lines.append(" | ".join(map(_escape, parts)))
    return "\n".join(lines)


_WAY_PARTS = (
    _Part("channel", _choice(_CHANNELS), required=True),
    _Part("amount", _whole, required=True),
    _Part("unit", _choice(_UNITS), empty="working_day"),
    _Part("when"),
    _Part("text"),
    _Part("legal_basis"),
    _Part("note"),
)


def _read_ways(text: str) -> Content:
    ways: dict[str, Content] = {}
    for line in _lines(text):
        rule = _item(line, _WAY_PARTS)
        channel, note = rule.pop("channel"), rule.pop("note")
        way = ways.setdefault(channel, {"channel": channel, "deadlines": [], "note": ""})
        way["deadlines"].append(rule)
        way["note"] = way["note"] or note
    return {"ways": list(ways.values())}


def _write_machine(content: Content) -> str:
    return json.dumps({name: content[name] for name in MACHINE if name in content}, ensure_ascii=False)


def _read_machine(text: str) -> Content:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CellFault(f"JSON không đúng: {error}") from None
    if not isinstance(value, dict) or set(value) - set(MACHINE):
        raise CellFault(f"chỉ gồm các phần {', '.join(MACHINE)}")
    return value


_YES = _Part("required", _yes, lambda value: "có" if value else "không", empty=True)

COLUMNS: tuple[Column, ...] = (
    _text_column("Mã thủ tục", "code", required=True),
    _text_column("Tên thủ tục", "name", required=True),
    _text_column("Tên tiếng Anh", "name_en"),
    _text_column("Mã lĩnh vực", "field.code", required=True),
    _text_column("Lĩnh vực", "field.name", required=True),
    _text_column("Ngành", "sector", required=True),
    _text_column("Quyết định công bố", "decision"),
    _coded_column("Mức trực tuyến", "online_level", _ONLINE),
    Column("Mức 2022", ("level_2022",), lambda c: str(c["level_2022"]), lambda t: {"level_2022": _whole(t)}),
    _coded_column("Cấp thực hiện", "agency.level", _LEVELS),
    _text_column("Mã cơ quan", "agency.key"),
    _text_column("Cơ quan thực hiện", "agency.name"),
    _words_column("Đối tượng", "applicants", _choice(_WHO), _WHO),
    _text_column("Mô tả đối tượng", "applicants_text"),
    _text_column("Tóm tắt", "summary", required=True),
    _words_column("Sự kiện", "life_events"),
    _words_column("Từ khóa", "keywords"),
    _list_column("Trình tự", "steps", (_Part("title", required=True), _Part("text"))),
    Column("Cách nộp và thời hạn", ("ways",), _write_ways, _read_ways, True),
    _list_column(
        "Thành phần hồ sơ",
        "papers",
        (
            _Part("code", required=True), _Part("name", required=True),
            _Part("originals", _whole, empty=0), _Part("copies", _whole, empty=0), _YES,
            _Part("source", _choice(_SOURCES), lambda value: _SOURCES[value], empty="upload"),
            _Part("when"), _Part("from"), _Part("form_code"), _Part("note"),
        ),
    ),
    _text_column("Ghi chú phí, lệ phí", "charge_note"),
    _list_column(
        "Kết quả",
        "results",
        (
            _Part("code", required=True), _Part("name", required=True), _Part("template"),
            _Part("number_suffix"), _Part("valid_months", _whole, empty=None),
            _Part("schema", _json, _show_json, empty=None), _Part("rules", _json, _show_json, empty=[]),
        ),
    ),
    _list_column(
        "Căn cứ pháp lý",
        "legal_basis",
        (
            _Part("number", required=True), _Part("title", required=True),
            _Part("issued_on", day, _show_day, empty=None), _Part("agency"), _Part("articles"),
            _Part("status", _choice(_STATUS), lambda value: _STATUS[value], empty="in_force"),
            _Part("effective_from", day, _show_day, empty=None), _Part("effective_to", day, _show_day, empty=None),
            _Part("note"),
        ),
    ),
    _words_column("Yêu cầu, điều kiện", "conditions"),
    _words_column("Cơ quan phối hợp", "coordinating"),
    _date_column("Hiệu lực từ", "effective_from", required=True),
    _date_column("Hiệu lực đến", "effective_to"),
    Column(MACHINE_HEADING, MACHINE, _write_machine, _read_machine),
)  # fmt: skip
BY_HEADING = {column.heading: column for column in COLUMNS}


def row_of(spec: ProcedureSpec) -> list[str]:
    """A specification as the cells of one row."""
    content = spec.model_dump(mode="json", by_alias=True)
    return [column.write(content) for column in COLUMNS]


def merge(into: Content, part: Content) -> None:
    """Put what a cell says into the content of the row."""
    for name, value in part.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value


def column_of(path: tuple[str | int, ...]) -> str:
    """The heading of the column that fills a part of the content; empty when none does."""
    dotted = ".".join(map(str, path[:2]))
    for column in COLUMNS:
        if dotted in column.parts or (path and path[0] in column.parts):
            return column.heading
    return ""
