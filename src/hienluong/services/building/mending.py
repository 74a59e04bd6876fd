"""On which page of the builder a fault of a file is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.schemas.positions import Document, Fault
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.procedures.packs import Pack

from .files import MANIFEST
from .workspace import Bench

#: Most notes that a page shows.
MOST_NOTES = 100
#: Parts of a procedure with a page of their own: what it is called there, and its address.
_OF_PROCEDURE: dict[str, tuple[str | Promise, str]] = {
    **dict.fromkeys(
        ("name", "summary", "agency", "applicants", "life_events", "keywords", "ways", "effective_from"),
        (gettext_lazy("1. Thông tin chung"), "about"),
    ),
    "form": (gettext_lazy("2. Biểu mẫu"), "form"),
    "process": (gettext_lazy("3. Quy trình giải quyết"), "process"),
    "results": (gettext_lazy("5. Kết quả và giấy chứng nhận"), "result"),
    "effects": (gettext_lazy("4. Ghi vào cơ sở dữ liệu khi được cấp"), "effect"),
    "papers": (gettext_lazy("Giấy tờ"), "procedure_item"),
    "charges": (gettext_lazy("Phí, lệ phí"), "procedure_item"),
    "legal_basis": (gettext_lazy("Căn cứ pháp lý"), "procedure_item"),
}
_OF_REGISTER: dict[str, tuple[str | Promise, str]] = {
    "schema": (gettext_lazy("Trường"), "register"),
    "version": (gettext_lazy("Phiên bản"), "register_version"),
    "access": (gettext_lazy("Quyền xem, ghi"), "register_access"),
    "rules": (gettext_lazy("Quy tắc"), "register_rules"),
    "computed": (gettext_lazy("Quy tắc"), "register_rules"),
    "certificate": (gettext_lazy("Giấy chứng nhận"), "register_certificate"),
    **dict.fromkeys(("lists", "search", "index"), (gettext_lazy("Danh sách"), "register_lists")),
}


@dataclass(frozen=True)
class Mending:
    """Where a fault is mended: in words, with the address of the page; and the place in the text."""

    where: str
    href: str
    source: str
    #: The part alone, for a page about the whole.
    part: str = ""


def mended_at(bench: Bench, pack: Pack, fault: Fault) -> Mending:
    """The page of the part that the fault stands in; the text of the file where there is none."""
    name = bench.draft.name
    source = reverse("building:source", args=[name, fault.file])
    folder, _slash, file = fault.file.rpartition("/")
    stem, document = file.removesuffix(".yaml"), pack.documents.get(fault.file)
    if fault.file == MANIFEST:
        return Mending(_("Thông tin gói"), reverse("building:manifest", args=[name]), source)
    if folder == "codelists" and fault.file in bench.files and (said := bench.definition(fault.file)) is not None:
        called = _("Danh mục “%(title)s”") % {"title": said.get("title") or stem}
        return Mending(called, reverse("building:codelist", args=[name, stem]), source)
    if document is None or not isinstance(document.value, Mapping) or folder not in ("procedures", "registers"):
        return Mending(fault.file, source, source)
    path = _path_at(document, fault.line)
    if folder == "registers":  # its `name` is the field that records are called by
        called = _("Cơ sở dữ liệu “%(title)s”") % {"title": document.value.get("title") or stem}
        where, view, more = _of_register(path, document.value)
    else:
        called = str(document.value.get("name") or stem)
        where, view, more = _of_procedure(path, document.value)
    return Mending(f"{called} › {where}", reverse(f"building:{view}", args=[name, stem, *more]), source, where)


def noted(bench: Bench) -> list[tuple[Fault, Mending]]:
    """What is no fault and had better be looked at, each with its place."""
    pack = bench.checked.pack
    return [(note, mended_at(bench, pack, note)) for note in pack.notes[:MOST_NOTES]]


def _path_at(document: Document, line: int) -> tuple[Any, ...]:
    """The innermost part that begins on or above a line."""
    above = [(begins, len(path), path) for path, begins in document.lines.items() if begins <= line and path]
    return tuple(max(above, key=lambda one: one[:2])[2]) if above else ()


def _of_procedure(path: tuple[Any, ...], said: Mapping[str, Any]) -> tuple[str, str, tuple[Any, ...]]:
    part = str(path[0]) if path else ""
    where, view = _OF_PROCEDURE.get(part, (_("Thủ tục"), "procedure"))
    number = next((step for step in path[1:2] if isinstance(step, int)), None)
    if view == "procedure_item":
        return str(where), view, (part,) if number is None else (part, number)
    if view == "effect":
        return str(where), view, () if number is None else (number,)
    form = said.get("form")
    if part == "form" and isinstance(form, Mapping):
        if (field := _field_in(path[1:])) is not None:
            return _field_called(field, form), "field", (field,)
        if path[1:2] == ("rules",) and len(path) > 2:
            return _("Quy tắc của biểu mẫu"), "rule", (path[2],)
    return str(where), view, ()


def _of_register(path: tuple[Any, ...], said: Mapping[str, Any]) -> tuple[str, str, tuple[Any, ...]]:
    where, view = _OF_REGISTER.get(str(path[0]) if path else "", (_("Thông tin chung"), "register_about"))
    if (field := _field_in(path)) is not None:
        return _field_called(field, said), view, ()
    return str(where), view, ()


def _field_in(path: tuple[Any, ...]) -> str | None:
    return str(path[2]) if path[:2] == ("schema", "properties") and len(path) > 2 else None


def _field_called(field: str, holder: Mapping[str, Any]) -> str:
    schema = holder.get("schema")
    known = properties(schema) if isinstance(schema, Mapping) else {}
    prop = known.get(field)
    return _("Trường “%(label)s”") % {"label": label_of(field, prop) if isinstance(prop, Mapping) else field}
