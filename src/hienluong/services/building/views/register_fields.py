"""The fields of a register: a palette, a list to put in order, what each field is, and how it will look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.properties import properties
from hienluong.ui import asked

from .. import field_properties, preview, workspace, yaml_text
from .. import register_operations as ops
from ..column_form import columns_form
from ..files import Told
from ..labels import GROUPS, kind_label
from ..register_forms import FieldForm, NewRegisterForm
from ..schema_operations import name_from
from ..workspace import Bench, Definition
from . import register_bench
from .register_bench import Opened

#: What the buttons send, under ``viec``.
_ADD, _MOVE, _UP, _DOWN, _REMOVE, _PUT = "them", "chuyen", "len", "xuong", "bo", "ghi"


@require_http_methods(["GET", "POST"])
@officials.only()
def add(request: HttpRequest, name: str) -> HttpResponse:
    """A new register in the draft."""
    bench = workspace.open_draft(request, name)
    form = NewRegisterForm(request.POST or None, initial={"owner": bench.draft.owner.name})
    refused = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        code = said["code"] or _code_of(bench, said["title"])
        stem = name_from(code.rpartition(".")[2], bench.stems("registers"))
        made = ops.new_register(
            code,
            said["title"],
            said["owner"].name,
            said["effective_from"],
            by_agency=said["kept_by"] == "each",
            name_label=said["name_label"].strip() or ops.name_label_of(said["title"]),
        )
        words = _("Thêm cơ sở dữ liệu “%(title)s”") % {"title": said["title"]}
        path, expected = f"registers/{stem}.yaml", workspace.expected_of(request)
        refused = workspace.tried(
            lambda: workspace.write(bench, path, yaml_text.dump(made), words=words, expected=expected)
        )
        if not refused:
            return redirect("building:register", name=name, stem=stem)
    title = _("Cơ sở dữ liệu mới")
    return workspace.page(request, "building/new_part.html", bench, title=title, form=form, refused=refused)


def _code_of(bench: Bench, title: str) -> str:
    """A code that no register has, made of the pack's sector and the title."""
    sector = bench.draft.name.partition(".")[0]
    taken = [code.removeprefix(f"{sector}.") for code, _label in register_bench.registers(bench)]
    return f"{sector}.{name_from(title, taken)}"[:60]


@require_http_methods(["GET", "POST"])
@officials.only()
@register_bench.with_own_lists
def show(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """The fields; ``?truong=`` says which one is open.

    What is typed into the open field comes along with the other buttons of the page: it is saved first, and what is pressed is
    done only when that could be. ``mo`` then says which one it is, ``ve`` where to go after saving.
    """
    found = register_bench.opened(request, name, stem)
    chosen = asked.text(request, "truong", 40) or request.POST.get("mo", "")[:40]
    work = request.POST.get("viec", "")
    form = columns = None
    refused = ""
    is_typed = chosen in found.fields and (work == _PUT or "t-title" in request.POST)
    if is_typed:
        form, columns = _form(request, found, chosen), _columns(request, found, chosen)
        if work != _PUT and not form.has_changed() and not (columns and columns.has_changed()):
            form = columns = None  # nothing was typed, so what it still lacks holds nothing back
        elif form.is_valid() and (columns is None or columns.is_valid()):
            said = form.cleaned_data
            words = _("Sửa trường “%(title)s”") % {"title": said["title"]}
            refused = found.edit(request, _put(found, chosen, form, columns), words)
            if not refused and work == _PUT:
                parts = (("schema", "properties", said["name"]), ("computed", said["name"]))
                register_bench.tell_saved(request, found, *parts)
                return workspace.back_to(request, _at(found, said["name"]))
            if not refused:
                found, chosen, form, columns = register_bench.again(request, found), said["name"], None, None
    if request.method == "POST" and work != _PUT and form is None:
        refused, next_field = _done(request, found, work, chosen)
        if not refused:
            return redirect(_at(found, next_field))
    if chosen in found.fields and form is None:
        form, columns = _form(None, found, chosen), _columns(None, found, chosen)
    prop = found.fields.get(chosen)
    return register_bench.page(
        request,
        "building/register_fields.html",
        found,
        "register",
        refused=refused,
        groups=[(heading, list(kinds.items())) for heading, kinds in GROUPS.items()],
        rows=_rows(found, chosen),
        chosen=chosen if prop is not None else "",
        removes=f"{_REMOVE} {chosen}",
        chosen_title=str(prop.get("title") or chosen) if prop is not None else "",
        form=form,
        columns=columns,
        is_held_back=bool(
            form is not None and form.is_bound and not refused and (work != _PUT or request.POST.get("ve"))
        ),
        question=preview.question(chosen, prop, required=chosen in _required(found)) if prop is not None else None,
        field_faults=[told for told in found.bench.faults(found.path) if chosen and _is_of(told, chosen)],
        formula=_formula(found, chosen),
    )


@require_POST
@officials.only({"building:field_trial": ("building:register", ("name", "stem"))})
@register_bench.with_own_lists
def trial(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """A field as it will look with what is typed and not yet saved."""
    found = register_bench.opened(request, name, stem)
    chosen = asked.text(request, "truong", 40)
    question, formula = None, ""
    if chosen in found.fields:
        form, columns = _form(request, found, chosen), _columns(request, found, chosen)
        if form.is_valid() and (columns is None or columns.is_valid()):
            prop = field_properties.prop_from(
                found.fields[chosen], form.cleaned_data, _said(columns), register_bench.presets_of(found)
            )
            question = preview.question(chosen, prop, required=form.cleaned_data["required"])
            formula = form.cleaned_data["computed"]
    return render(request, "building/_question.html", {"question": question, "formula": formula})


def _done(request: HttpRequest, found: Opened, work: str, stays: str) -> tuple[str, str]:
    """Add, move or remove (``them KIND``, ``chuyen NAME`` …): what was refused, and which field is open next. `stays`: the one
    that is open now."""
    verb, _space, name = work[:200].partition(" ")
    place = _number(request.POST.get("cho", ""))
    if verb == _ADD:
        return _add(request, found, kind=name, title=request.POST.get("ten", "")[:200].strip(), at=place)
    if verb == _MOVE and place is None:
        return _("Chưa nói đưa đến đâu."), ""
    title = str(found.fields.get(name, {}).get("title") or name)
    moved, removed = _("Chuyển trường “%(title)s”"), _("Bỏ trường “%(title)s”")
    operations = {
        _MOVE: (lambda d: ops.move_field(d, name=name, to=place or 0), moved),
        _UP: (lambda d: ops.step_field(d, name=name, by=-1), moved),
        _DOWN: (lambda d: ops.step_field(d, name=name, by=1), moved),
        _REMOVE: (lambda d: ops.remove_field(d, name=name), removed),
    }
    if verb not in operations:
        return _("Không rõ việc cần làm; hãy thử lại."), ""
    operation, words = operations[verb]
    return found.edit(request, operation, words % {"title": title}), "" if verb == _REMOVE and stays == name else stays


def _add(request: HttpRequest, found: Opened, *, kind: str, title: str, at: int | None) -> tuple[str, str]:
    """One more field, which is open next."""
    before = set(found.fields)
    made: dict[str, Any] = {}
    begun = register_bench.presets_of(found).of(kind, title)

    def add_one(definition: Definition) -> Definition:
        changed = ops.add_field(definition, kind=kind, title=title, at=at, begun=begun)
        made.update(properties(changed["schema"]))
        return changed

    refused = found.edit(request, add_one, _("Thêm trường “%(title)s”") % {"title": title or kind_label(kind)})
    return refused, next((known for known in made if known not in before), "")


def _put(found: Opened, chosen: str, form: FieldForm, columns: Any) -> Any:
    """One operation of all that the boxes of a field say."""
    said, begun = form.cleaned_data, register_bench.presets_of(found)

    def operation(definition: Definition) -> Mapping[str, Any]:
        known = properties(ops.schema_of(definition))
        if chosen not in known:
            raise InvalidInput(_("Trường này không còn nữa."))
        prop = field_properties.prop_from(known[chosen], said, _said(columns), begun)
        required = said["required"] and not said["computed"]
        changed = ops.put_field(definition, name=chosen, prop=prop, required=required)
        changed = ops.set_computed(changed, name=chosen, expression=said["computed"])
        return ops.rename_field(changed, name=chosen, to=said["name"])

    return operation


def _form(request: HttpRequest | None, found: Opened, chosen: str) -> FieldForm:
    prop = found.fields[chosen]
    return FieldForm(
        request.POST if request else None,
        kind=field_properties.kind_of(prop),
        lists=register_bench.code_lists(found.bench),
        registers=register_bench.registers(found.bench),
        initial=_boxes(found, chosen),
    )


def _boxes(found: Opened, chosen: str) -> dict[str, Any]:
    """What the boxes of a field hold; a list or a register that it does not name yet is chosen."""
    prop = found.fields[chosen]
    boxes = field_properties.boxes(chosen, prop, required=chosen in _required(found), computed=_formula(found, chosen))
    begun = register_bench.presets_of(found).of(boxes["kind"], str(prop.get("title", "")))
    for box, word in (("list", "x-list"), ("register", "x-register")):
        boxes[box] = boxes[box] or begun.get(word, "")
    return boxes


def _formula(found: Opened, chosen: str) -> str:
    """How a field is computed; empty when somebody writes it."""
    computed = found.definition.get("computed")
    return str(computed.get(chosen, "")) if isinstance(computed, Mapping) else ""


def _is_of(told: Told, name: str) -> bool:
    """Whether a fault is one of this field: of what it is, or of how it is computed."""
    return told.within("schema", "properties", name) or told.within("computed", name)


def _columns(request: HttpRequest | None, found: Opened, chosen: str) -> Any:
    """The rows of boxes of a table's columns; None for other kinds."""
    return columns_form(
        request.POST if request else None,
        found.fields[chosen],
        lists=register_bench.code_lists(found.bench),
        registers=register_bench.registers(found.bench),
    )


def _said(columns: Any) -> list[Mapping[str, Any]]:
    return [] if columns is None else list(columns.said)


def _required(found: Opened) -> list[str]:
    listed = ops.schema_of(found.definition).get("required")
    return listed if isinstance(listed, list) else []


def _rows(found: Opened, chosen: str) -> list[dict[str, Any]]:
    """Each field as the list shows it."""
    key = found.definition.get("key")
    key_field = key.get("field") if isinstance(key, Mapping) else ""
    computed = found.definition.get("computed") or {}
    faults = found.bench.faults(found.path)
    required = _required(found)
    return [
        {
            "name": name,
            "title": str(prop.get("title") or name),
            "kind": kind_label(field_properties.kind_of(prop)),
            "href": _at(found, name),
            "is_chosen": name == chosen,
            "is_required": name in required,
            "is_computed": name in computed,
            "is_key": name == key_field,
            "is_name": name == found.definition.get("name"),
            "is_subject": name == found.definition.get("subject"),
            "is_faulty": any(_is_of(told, name) for told in faults),
        }
        for name, prop in found.fields.items()
    ]


def _at(found: Opened, field: str) -> str:
    address = reverse("building:register", args=found.args)
    return f"{address}?truong={field}" if field else address


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
