"""Bringing catalogue entries in from Excel, CSV or JSON: a preview with faults by row and column, then confirm."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.files import tables
from hienluong.foundation.schemas import faults

from . import columns, national
from .actions import WrongState, import_version, publish
from .checks import problems
from .models import ImportBatch, ProcedureVersion
from .scope import MANAGE, province_path
from .spec import ProcedureSpec
from .versions import digest, stored

Format = Literal["xlsx", "csv", "json"]


@dataclass(frozen=True)
class CellError:
    """One fault: the row as the file counts it (the headings are row 1), the column's heading, what is wrong."""

    row: int
    column: str
    message: str


@dataclass
class Row:
    """One entry of a file: its specification, or why there is none."""

    number: int
    code: str = ""
    name: str = ""
    kind: Literal["new", "changed", "same", "faulty"] = "faulty"
    spec: ProcedureSpec | None = None
    errors: list[CellError] = field(default_factory=list)


@dataclass
class Preview:
    """What a file would bring, before anything is written."""

    rows: list[Row]

    @property
    def errors(self) -> list[CellError]:
        """Every fault, in the order of the file."""
        return [error for row in self.rows for error in row.errors]

    @property
    def wanted(self) -> list[ProcedureSpec]:
        """The entries that would make a version."""
        return [row.spec for row in self.rows if row.spec and row.kind in ("new", "changed")]

    def count(self, kind: str) -> int:
        """How many rows are of this kind."""
        return sum(row.kind == kind for row in self.rows)


def format_of(name: str) -> Format:
    """The format that a file's name says; raises :class:`InvalidInput` for one we do not take."""
    ending = name.rsplit(".", 1)[-1].lower()
    if ending in ("xlsx", "csv", "json"):
        return ending  # type: ignore[return-value]
    raise InvalidInput(_("Chỉ nhận tệp .xlsx, .csv hoặc .json."), field="file")


def preview(content: bytes, format_name: Format, *, effective_from: date) -> Preview:
    """Read a file and say what each of its rows would do; nothing is written.

    `effective_from` is for entries of the national shape, which do not say when they begin. Raises
    :class:`InvalidInput` when the file as a whole cannot be read.
    """
    if format_name == "json":
        rows = list(_json_rows(content, effective_from))
    else:
        table = tables.read_excel(content) if format_name == "xlsx" else tables.read_csv(content)
        rows = list(_table_rows(table))
    if not rows:
        raise InvalidInput(_("Tệp không có thủ tục nào."), field="file")
    _judge(rows)
    return Preview(rows)


@action("procedures.keep_import")
def keep(act: Act, *, found: Preview, name: str) -> ImportBatch:
    """Keep a preview until it is confirmed; only what is sound is kept."""
    act.require(MANAGE.code, province_path())
    batch = ImportBatch.objects.create(
        name=name[:200], created_by=act.actor.account_id, specs=[stored(spec) for spec in found.wanted]
    )
    act.record(batch, after={"entries": len(found.wanted), "faulty": found.count("faulty")})
    return batch


@action("procedures.confirm_import")
def confirm(act: Act, *, batch: ImportBatch, and_publish: bool = False) -> list[tuple[str, str]]:
    """Bring the entries of a preview in as drafts, published at once if wanted; a second time does nothing.

    Returns the entries that could not be published, with the reason; they stay drafts.
    """
    act.require(MANAGE.code, province_path())
    locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if act.actor.account_id != locked.created_by:
        raise InvalidInput(_("Chỉ người tải tệp lên mới xác nhận được."))
    refused: list[tuple[str, str]] = []
    if not locked.confirmed:
        for content in locked.specs:
            version = import_version(act, spec=ProcedureSpec.model_validate(content), source=f"import:{locked.name}")
            if and_publish and (reason := _try_to_publish(act, version)):
                refused.append((content["code"], reason))
        locked.confirmed = True
        locked.save(update_fields=("confirmed",))
    act.record(locked, after={"entries": len(locked.specs), "published": and_publish, "refused": refused})
    return refused


def _try_to_publish(act: Act, version: ProcedureVersion) -> str:
    try:
        with transaction.atomic():
            publish(act, version=version)
    except WrongState as error:
        return str(error.message)
    return ""


def _table_rows(table: tables.Table) -> Iterator[Row]:
    if not table:
        return
    headings = [cell.strip() for cell in table[0]]
    known = {_base(heading) for heading in headings}
    missing = [column.heading for column in columns.COLUMNS if column.required and column.heading not in known]
    if missing:
        raise InvalidInput(_("Thiếu cột: %(columns)s.") % {"columns": ", ".join(missing)}, field="file")
    strange = [heading for heading in headings if heading and _base(heading) not in columns.BY_HEADING]
    if strange:
        raise InvalidInput(_("Cột lạ: %(columns)s.") % {"columns": ", ".join(strange)[:300]}, field="file")
    for number, cells in enumerate(table[1:], 2):
        if any(cell.strip() for cell in cells):
            yield _table_row(number, _joined(headings, cells))


def _base(heading: str) -> str:
    """The column of a heading; a cell too long for Excel goes on in “… (tiếp 2)”."""
    return heading.split(" (tiếp ")[0]


def _joined(headings: list[str], cells: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for heading, cell in zip(headings, cells, strict=False):
        if heading:
            found[_base(heading)] = found.get(_base(heading), "") + cell
    return found


def _table_row(number: int, cells: dict[str, str]) -> Row:
    row = Row(number, cells.get("Mã thủ tục", "")[:40], cells.get("Tên thủ tục", "")[:500])
    content: dict[str, Any] = {}
    for column in columns.COLUMNS:
        text = cells.get(column.heading, "").strip()
        if not text:
            if column.required:
                row.errors.append(CellError(number, column.heading, _("Ô này không được để trống.")))
            continue
        try:
            columns.merge(content, column.read(text))
        except columns.CellFault as error:
            row.errors.append(CellError(number, column.heading, str(error)))
    if not row.errors:
        _validate(row, content)
    return row


def _json_rows(content: bytes, effective_from: date) -> Iterator[Row]:
    tables.require_size(content)
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise InvalidInput(_("Tệp JSON không đúng."), field="file") from None
    if isinstance(value, dict):  # an answer of the national service wraps its records
        value = value.get("result", value.get("procedures", [value]))
    records = value if isinstance(value, list) else [value]
    if len(records) > tables.SMALL.rows:
        raise InvalidInput(_("Tệp có quá %(limit)d mục.") % {"limit": tables.SMALL.rows}, field="file")
    for number, record in enumerate(records, 1):
        row = Row(number)
        if not isinstance(record, dict):
            row.errors.append(CellError(number, "", _("Mục này không phải một đối tượng.")))
            yield row
            continue
        if "MATTHC" in record:
            record = national.from_national(record, effective_from=effective_from)
        row.code, row.name = str(record.get("code", ""))[:40], str(record.get("name", ""))[:500]
        _validate(row, record)
        yield row


def _validate(row: Row, content: dict[str, Any]) -> None:
    try:
        spec = ProcedureSpec.model_validate(content)
    except ValidationError as error:
        for item in error.errors():
            path = item["loc"]
            where = columns.column_of(path) or ".".join(map(str, path))
            said = faults.words(item["type"], item.get("ctx", {}))
            at = faults.place(path)
            row.errors.append(CellError(row.number, where, (f"{at.capitalize()}: {said}" if at else said)[:300]))
        return
    except (RecursionError, ValueError):
        row.errors.append(CellError(row.number, "", _("Mục này lồng nhau quá sâu hoặc không đọc được.")))
        return
    found = problems(spec)
    row.errors += [CellError(row.number, columns.column_of(path), message) for path, message in found]
    if _unstorable(spec):
        row.errors.append(CellError(row.number, "", _("Có ký tự không lưu được.")))
    if not row.errors:
        row.spec = spec


def _unstorable(spec: ProcedureSpec) -> bool:
    """Characters that neither PostgreSQL nor UTF-8 has a place for."""
    text = json.dumps(stored(spec), ensure_ascii=False)
    return "\\u0000" in text or any("\ud800" <= character <= "\udfff" for character in text)


def _judge(rows: list[Row]) -> None:
    seen: dict[tuple[str, date], int] = {}
    known = _known_digests(row.code for row in rows if row.spec)
    for row in rows:
        if row.spec is None:
            continue
        key = (row.spec.code, row.spec.effective_from)
        if key in seen:
            message = _("Trùng mã và ngày hiệu lực với dòng %(row)d.") % {"row": seen[key]}
            row.errors.append(CellError(row.number, "Mã thủ tục", message))
            row.spec = None
            continue
        seen[key] = row.number
        before = known.get((row.spec.code, row.spec.effective_from.isoformat()))
        row.kind = "new" if before is None else "same" if before == digest(row.spec) else "changed"


def _known_digests(codes: Iterable[str]) -> dict[tuple[str, str], str]:
    """The newest digest for each code and first day; one query."""
    versions = ProcedureVersion.objects.filter(procedure__code__in=set(codes)).order_by("number")
    rows = versions.values_list("procedure__code", "spec_json__effective_from", "digest")
    return {(code, begins): mark for code, begins, mark in rows}
