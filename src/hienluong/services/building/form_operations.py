"""Operations on the form of a procedure: each takes the procedure as its file says it and gives a new one.

A field that is renamed is renamed wherever the procedure reads it: conditions, formulas, rules, papers, charges,
deadlines, effects. One that something still reads is not removed, and what reads it is named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.properties import Property, label_of, properties

from . import schema_operations as fields
from .form_names import reads, renamed_everywhere, used_by
from .form_shape import (
    PAGE_ORDER,
    Definition,
    fields_of,
    form_of,
    pages_of,
    schema_of,
    with_pages,
    with_part,
    with_schema,
)
from .schema_operations import fault
from .yaml_text import put

#: Kinds that a form takes; references to records are the officer's.
PALETTE = tuple(kind for kind in fields.PALETTE if kind != "reference")


def new_form(code: str, title: str) -> dict[str, Any]:
    """A form of one page that asks who applies; what is known of the person is filled in."""
    return {
        "code": code,
        "title": title,
        "schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "additionalProperties": False,
            "required": ["filer_name", "filer_pid", "filer_phone"],
            "properties": {
                "filer_name": {"x-kind": "text", "title": "Họ tên", "maxLength": 100, "x-prefill": "party.name"},
                "filer_pid": {
                    "x-kind": "personal-id",
                    "title": "Số định danh cá nhân",
                    "x-prefill": "party.identifier",
                },
                "filer_phone": {"x-kind": "phone", "title": "Số điện thoại", "x-prefill": "party.phone"},
            },
        },
        "pages": [{"id": "nguoi-nop", "title": "Người đề nghị", "fields": ["filer_name", "filer_pid", "filer_phone"]}],
    }


def before(definition: Definition, name: str) -> list[str]:
    """The fields that are asked before a field (or a page), which its condition may read."""
    found: list[str] = []
    for page in pages_of(definition):
        if page.get("id") == name:
            return found
        for known in page["fields"]:
            if known == name:
                return found
            found.append(known)
    return found


def add_page(definition: Definition, *, title: str, at: int | None = None) -> dict[str, Any]:
    """One more page, empty until a field is put on it."""
    pages = pages_of(definition)
    title = title.strip()
    if not title:
        raise fault(_("Trang phải có tên."), "title")
    taken = {str(page.get("id")).replace("-", "_") for page in pages}
    identifier = fields.name_from(title, taken).replace("_", "-")
    pages.insert(
        len(pages) if at is None else max(0, min(at, len(pages))), {"id": identifier, "title": title, "fields": []}
    )
    return with_pages(definition, pages)


def move_page(definition: Definition, *, page: str, to: int) -> dict[str, Any]:
    """A page at another place."""
    pages = pages_of(definition)
    moved = pages.pop(_page_index(pages, page))
    pages.insert(max(0, min(to, len(pages))), moved)
    return with_pages(definition, pages)


def step_page(definition: Definition, *, page: str, by: int) -> dict[str, Any]:
    """A page further up (-1) or down (1)."""
    return move_page(definition, page=page, to=max(0, _page_index(pages_of(definition), page) + by))


def put_page(definition: Definition, *, page: str, title: str, help: str = "", when: str = "") -> dict[str, Any]:
    """What a page is called, what stands under its name, and when it is shown."""
    pages = pages_of(definition)
    number = _page_index(pages, page)
    if not title.strip():
        raise fault(_("Trang phải có tên."), "title")
    _require_expression(when, fields_of(definition), "when")
    changed: dict[str, Any] = {**pages[number], "title": title.strip()}
    for part, value in (("help", help.strip()), ("when", when.strip())):
        changed = put(changed, part, value, PAGE_ORDER)
    pages[number] = changed
    return with_pages(definition, pages)


def remove_page(definition: Definition, *, page: str) -> dict[str, Any]:
    """The form without a page; its fields go to the end of the page before, or to the head of the one after."""
    pages = pages_of(definition)
    number = _page_index(pages, page)
    if len(pages) == 1:
        raise fault(_("Biểu mẫu phải có ít nhất một trang."), "page")
    gone = pages.pop(number)
    if number:
        pages[number - 1]["fields"] = [*pages[number - 1]["fields"], *gone["fields"]]
    else:
        pages[0]["fields"] = [*gone["fields"], *pages[0]["fields"]]
    return with_pages(definition, pages)


def add_field(
    definition: Definition,
    *,
    kind: str,
    page: str,
    title: str = "",
    name: str = "",
    at: int | None = None,
    begun: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One more field of a kind on a page; without a title it is called after its kind."""
    from .labels import in_vietnamese, kind_label

    if kind not in PALETTE:
        raise fault(_("Biểu mẫu không có kiểu “%(kind)s”.") % {"kind": kind[:40]}, "kind")
    pages = pages_of(definition)
    number = _page_index(pages, page)
    title = title.strip() or in_vietnamese(kind_label(kind))
    name = name.strip() or fields.name_from(title, properties(schema_of(definition)))
    schema = fields.add(schema_of(definition), name, fields.new_field(kind, title, begun))
    there = pages[number]["fields"]
    there.insert(len(there) if at is None else max(0, min(at, len(there))), name)
    return with_pages(with_schema(definition, schema), pages)


def take_fields(
    definition: Definition, *, page: str, props: Mapping[str, Property], required: Collection[str]
) -> dict[str, Any]:
    """Fields of a register as questions at the end of a page, under the names they have there; one that is asked already
    is passed over."""
    pages = pages_of(definition)
    number = _page_index(pages, page)
    schema = schema_of(definition)
    wanted = {name: prop for name, prop in props.items() if name not in properties(schema)}
    if not wanted:
        raise fault(_("Chọn ít nhất một trường chưa có trong biểu mẫu."), "taken")
    for name, prop in wanted.items():
        schema = fields.add(schema, name, fields.tidy(prop))
        if name in required:
            schema = fields.require(schema, name, True)
    pages[number]["fields"] = [*pages[number]["fields"], *wanted]
    return with_pages(with_schema(definition, schema), pages)


def move_field(definition: Definition, *, name: str, page: str, to: int) -> dict[str, Any]:
    """A field at another place, of this page or of another. What no condition forbids is done; an order in which a
    condition reads what is asked later is a fault of the definition, which the page shows."""
    _known(definition, name)
    pages = pages_of(definition)
    number = _page_index(pages, page)
    for each in pages:
        each["fields"] = [known for known in each["fields"] if known != name]
    there = pages[number]["fields"]
    there.insert(max(0, min(to, len(there))), name)
    return with_pages(definition, pages)


def step_field(definition: Definition, *, name: str, by: int) -> dict[str, Any]:
    """A field one place further up (-1) or down (1), over the bounds of pages."""
    _known(definition, name)
    pages = pages_of(definition)
    number = next((index for index, page in enumerate(pages) if name in page["fields"]), None)
    if number is None:
        return move_field(definition, name=name, page=str(pages[0].get("id")), to=0) if pages else dict(definition)
    to = pages[number]["fields"].index(name) + by
    if to < 0 and number:
        return move_field(
            definition, name=name, page=str(pages[number - 1].get("id")), to=len(pages[number - 1]["fields"])
        )
    if to >= len(pages[number]["fields"]) and number + 1 < len(pages):
        return move_field(definition, name=name, page=str(pages[number + 1].get("id")), to=0)
    return move_field(definition, name=name, page=str(pages[number].get("id")), to=max(0, to))


def put_field(definition: Definition, *, name: str, prop: Property, required: bool) -> dict[str, Any]:
    """What a field is, and whether it must be answered (when it is asked). A computed one is asked of nobody."""
    known = fields_of(definition)
    for keyword in ("x-when", "x-computed"):
        _require_expression(str(prop.get(keyword, "")), known, keyword)
        if name in reads(str(prop.get(keyword, ""))):
            raise fault(_("Trường không thể dựa vào chính nó."), keyword)
    schema = fields.put(schema_of(definition), name, fields.tidy(prop))
    required = required and not prop.get("x-computed")
    if (name in schema.get("required", ())) != required:
        schema = fields.require(schema, name, required)
    return with_schema(definition, schema)


def rename_field(definition: Definition, *, name: str, to: str) -> dict[str, Any]:
    """A field under another name, everywhere in the procedure."""
    if name == to:
        return dict(definition)
    schema = fields.rename(schema_of(definition), name, to)
    pages = [
        {**page, "fields": [to if known == name else known for known in page["fields"]]}
        for page in pages_of(definition)
    ]
    return renamed_everywhere(with_pages(with_schema(definition, schema), pages), name, to)


def remove_field(definition: Definition, *, name: str) -> dict[str, Any]:
    """The form without a field; refused, with their names, while other parts of the procedure read it."""
    _known(definition, name)
    if used := used_by(definition, name):
        raise fault(
            _("Chưa bỏ được “%(label)s”: còn dùng ở %(places)s.")
            % {"label": label_of(name, fields_of(definition)[name]), "places": "; ".join(used)},
            "name",
        )
    pages = pages_of(definition)
    for page in pages:
        page["fields"] = [known for known in page["fields"] if known != name]
    return with_pages(with_schema(definition, fields.remove(schema_of(definition), name)), pages)


def put_rule(definition: Definition, *, number: int | None, when: str, field: str, message: str) -> dict[str, Any]:
    """A rule between fields in the place of another (`number`, from 0), or one more: `when` must hold."""
    _known(definition, field)
    known = fields_of(definition)
    if not when.strip():
        raise fault(_("Nói điều phải đúng."), "when")
    if not message.strip():
        raise fault(_("Nhập lời báo khi điều đó không đúng."), "message")
    _require_expression(when, known, "when")
    rules = list(form_of(definition).get("rules") or ())
    rule = {"when": when.strip(), "field": field, "message": message.strip()}
    if number is None:
        rules.append(rule)
    else:
        rules[_index(rules, number)] = rule
    return with_part(definition, "rules", rules)


def remove_rule(definition: Definition, *, number: int) -> dict[str, Any]:
    """The form without a rule."""
    rules = list(form_of(definition).get("rules") or ())
    del rules[_index(rules, number)]
    return with_part(definition, "rules", rules)


def _require_expression(text: str, names: Mapping[str, Property], field: str) -> None:
    if text.strip() and (wrong := expressions.check(text, names)):
        raise fault(_("Biểu thức chưa đúng: %(fault)s") % {"fault": wrong}, field)


def _known(definition: Definition, name: str) -> None:
    if name not in properties(schema_of(definition)):
        raise fault(_("Không có trường “%(name)s”.") % {"name": name[:60]}, "name")


def _page_index(pages: Sequence[Mapping[str, Any]], identifier: str) -> int:
    for number, page in enumerate(pages):
        if page.get("id") == identifier:
            return number
    raise fault(_("Không có trang “%(page)s”.") % {"page": identifier[:60]}, "page")


def _index(items: Sequence[Any], number: int) -> int:
    if not 0 <= number < len(items):
        raise fault(_("Mục này không còn nữa."))
    return number
