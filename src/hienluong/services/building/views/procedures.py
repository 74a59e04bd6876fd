"""A procedure of a draft: begin one, its parts, general data, papers, charges, laws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.organisations.models import Organization, OrganizationVersion
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.properties import label_of
from hienluong.foundation.search.text import fold
from hienluong.services.packs.called import own_lists
from hienluong.services.procedures import grounds
from hienluong.services.procedures.models import Field, Procedure

from .. import actions, result_lines, taken_before, workspace, yaml_text
from .. import procedure_operations as operations
from ..condition_form import ConditionForm
from ..files import Told
from ..form_shape import fields_of, pages_of
from ..mending import mended_at
from ..procedure_bench import Opened, Unreadable, opened, registers_of
from ..procedure_forms import AboutForm, Agencies, BeginProcedureForm, ChargeForm, LawForm, PaperForm
from ..schema_operations import name_from
from ..workspace import Bench

View = Callable[..., HttpResponse]
#: Most faults that the page of a procedure lists.
_MOST_FAULTS = 30
#: Lists of a procedure: what one of them is called, and the form of one.
ITEMS: dict[str, tuple[str | Promise, type[forms.Form]]] = {
    "papers": (gettext_lazy("Giấy tờ"), PaperForm),
    "charges": (gettext_lazy("Phí, lệ phí"), ChargeForm),
    "legal_basis": (gettext_lazy("Căn cứ pháp lý"), LawForm),
}


def on_procedure(view: View) -> View:
    """The view of a procedure; one whose text cannot be read is mended as text first."""

    @wraps(view)
    def wrapped(request: HttpRequest, name: str, stem: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            found = opened(request, name, stem)
        except Unreadable:
            return redirect("building:source", name=name, file=f"procedures/{stem}.yaml")
        with lists.besides(
            own_lists(found.bench.checked.pack)
        ):  # so that its own lists are chosen from before they are installed
            return view(request, found, *args, **kwargs)

    return wrapped


@require_http_methods(["GET", "POST"])
@officials.only()
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """A new procedure in a draft: with a form, a process and a paper, so that it can be installed as it is."""
    bench = workspace.open_draft(request, name)
    initial = {"code": _free_code(bench), "effective_from": timezone.localdate()}
    form = BeginProcedureForm(request.POST or None, initial=initial, agencies=_agencies())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        path = f"procedures/{given['code']}.yaml"
        if path in bench.files:
            form.add_error("code", _("Gói đã có thủ tục mã này."))
        elif attempt(form, lambda: _begun(bench, path, given, workspace.expected_of(request))):
            return redirect("building:procedure", name=name, stem=given["code"])
    return workspace.page(
        request, "building/item.html", bench, title=_("Thủ tục mới"), form=form, submit=_("Tạo thủ tục")
    )


def _begun(bench: Bench, path: str, given: Mapping[str, Any], expected: int) -> Any:
    field = given["field_name"]
    known = Field.objects.filter(name__iexact=field).values_list("code", flat=True).first()
    definition = operations.new_procedure(
        code=given["code"],
        name=given["name"],
        field_code=known or "X-" + name_from(field, ()).upper().replace("_", "")[:16],
        field_name=field,
        sector=bench.draft.name.partition(".")[0],
        level=given["level"],
        key=given["key"],
        basis=given["basis"],
        basis_title=given["basis_title"],
        effective_from=given["effective_from"],
    )
    template = f"results/{operations.template_name(given['code'])}.html"
    fields = fields_of(definition)
    paper = result_lines.first_draft(given["name"], [], [grounds.ground(given["basis"], given["basis_title"])])
    files = {**bench.files, path: yaml_text.dump(definition), template: result_lines.written(paper, fields)}
    words = _("Thêm thủ tục “%(name)s”") % {"name": given["name"]}
    return actions.save(bench.actor, draft=bench.draft, files=files, words=words, expected=expected)


def _agencies() -> Agencies:
    """The divisions of communes and the departments that are there today, by the short names that procedures use."""
    day = timezone.localdate()
    named = OrganizationVersion.objects.filter(valid__contains=day, organization__valid__contains=day).exclude(
        short_name=""
    )
    departments = dict(
        named.filter(organization__kind=Organization.Kind.DEPARTMENT)
        .order_by("-name")
        .values_list("short_name", "name")
    )
    divisions = named.filter(
        organization__kind=Organization.Kind.DIVISION, parent__kind=Organization.Kind.COMMUNE
    ).order_by("-name")
    each = ((_("Sở, ngành"), departments), (_("Phòng của xã"), dict(divisions.values_list("short_name", "name"))))
    return [(heading, _by_name(agencies)) for heading, agencies in each]


def _by_name(agencies: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(key, f"{name} ({key})") for key, name in sorted(agencies.items(), key=lambda one: fold(one[1]))]


def _free_code(bench: Bench) -> str:
    """The first code of the province's own that neither the catalogue nor the draft has."""
    taken = set(Procedure.objects.filter(code__startswith="8.").values_list("code", flat=True))
    taken |= set(bench.stems("procedures"))
    return next(code for number in range(1, 1_000_000) if (code := f"8.{number:06}") not in taken)


@require_safe
@officials.only()
@on_procedure
def show(request: HttpRequest, found: Opened) -> HttpResponse:
    """A procedure with its parts, what is wrong in it, and where it can be tried."""
    code = str(found.definition.get("code", ""))
    in_force = Procedure.objects.filter(code=code, state=Procedure.State.PUBLISHED).exists()
    return found.page(
        request,
        "building/procedure.html",
        title=found.title,
        spec=found.spec,
        pages=pages_of(found.definition),
        in_force=in_force and found.bench.draft.installed_id is not None,
        items=[(part, str(title), _listed(found, part)) for part, (title, _form) in ITEMS.items()],
        mended=[(fault, mended_at(found.bench, found.bench.checked.pack, fault)) for fault in _faults(found)],
        effects=_effects(found),
    )


def _faults(found: Opened) -> list[Told]:
    return found.bench.faults(found.path)[:_MOST_FAULTS]


@dataclass(frozen=True)
class _Written:
    """A register that is written when the request is granted; `unwritten`: its new fields that nothing is written to yet."""

    number: int
    title: str
    unwritten: list[str]


def _effects(found: Opened) -> list[_Written]:
    """The registers that are written, in the order of the procedure."""
    told = []
    effects = found.definition.get("effects") or ()
    known = registers_of(found) if effects else {}
    for number, effect in enumerate(effects):
        code = str(effect.get("register", ""))
        spec = known.get(code)
        new = taken_before.new_since_written(found, spec, effect) if spec else []
        labels = [label_of(name, spec.fields[name]) for name in new] if spec else []
        told.append(_Written(number, spec.title if spec else code, labels))
    return told


def _listed(found: Opened, part: str) -> list[str]:
    """What each item of a list is called."""
    return [_called(item) if isinstance(item, Mapping) else "?" for item in found.definition.get(part) or ()]


def _called(item: Mapping[str, Any]) -> str:
    name = str(item.get("name") or f"{item.get('number', '')} {item.get('title', '')}")
    return f"{name}: {item['text']}" if "table" in item and item.get("text") else name


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def about(request: HttpRequest, found: Opened) -> HttpResponse:
    """General data, who may apply, the ways to file with their terms."""
    form = AboutForm(request.POST or None, definition=found.definition, agencies=_agencies())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        agency = {"level": given["level"], **({"key": given["key"]} if given["key"] else {})}

        def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
            changed = operations.set_about(
                definition,
                name=given["name"],
                summary=given["summary"],
                agency=agency,
                applicants=given["applicants"],
                life_events=given["life_events"],
                keywords=given["keywords"],
            )
            if given["effective_from"]:
                changed = operations.set_about(changed, effective_from=given["effective_from"])
            return operations.set_ways(changed, terms=form.terms)

        if attempt(form, lambda: found.save(change, _("Sửa thông tin thủ tục"), workspace.expected_of(request))):
            return redirect(found.url("procedure"))
    return found.page(request, "building/item.html", title=_("Thông tin chung"), form=form, submit=_("Lưu"))


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def item(request: HttpRequest, found: Opened, part: str, number: int | None = None) -> HttpResponse:
    """One paper, charge or law: new, changed, taken away."""
    if part not in ITEMS:
        raise NotFound(_("Không có trang này."))
    title, kind = str(ITEMS[part][0]), ITEMS[part][1]
    items = found.definition.get(part) or []
    if number is not None and number >= len(items):
        raise NotFound(_("Mục này không còn nữa."))
    known = items[number] if number is not None and isinstance(items[number], Mapping) else {}
    if part == "charges" and len(_rows(known)) > 1:  # a table of one's own is written as text
        return redirect("building:source", name=found.bench.draft.name, file=found.path)
    takes_away = request.POST.get("viec") == "xoa"
    expected = workspace.expected_of(request)
    form = _item_form(kind, None if takes_away else request.POST or None, known, found)
    if takes_away and number is not None:
        refused = workspace.tried(
            lambda: found.save(
                lambda definition: operations.remove_item(definition, part, number=number),
                _("Bỏ %(title)s") % {"title": fold(title)},
                expected,
            )
        )
        if not refused:
            return redirect(found.url("procedure"))
    else:
        refused = ""
        if request.method == "POST" and form.is_valid():
            given = _given(form, known, items)

            def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
                return operations.put_item(definition, part, number=number, item=given)

            words = _("Sửa %(title)s: %(name)s") % {"title": title, "name": given.get("name") or given.get("number")}
            if attempt(form, lambda: found.save(change, words, expected)):
                return redirect(found.url("procedure"))
    return found.page(
        request,
        "building/item.html",
        title=title,
        form=form,
        submit=_("Lưu"),
        refused=refused,
        can_go=number is not None,
        condition=_("Chỉ khi") if part == "papers" else _("Được miễn khi") if part == "charges" else "",
        when_empty=_("Để trống: không ai được miễn.") if part == "charges" else "",
    )


def _item_form(kind: type[forms.Form], data: Any, known: Mapping[str, Any], found: Opened) -> forms.Form:
    initial = dict(known)
    if kind is LawForm:
        return kind(data, initial=initial)
    when = str(known.get("when", ""))
    if kind is PaperForm:
        initial.setdefault("required", True)
    if kind is ChargeForm and not known:
        initial["code"] = name_from("Lệ phí", [str(one.get("code")) for one in found.definition.get("charges") or ()])
    if kind is ChargeForm and known:
        table = known.get("table")
        default = table.get("default") if isinstance(table, Mapping) else None
        initial["amount"] = default.get("amount", 0) if isinstance(default, Mapping) else 0
        when = str(_rows(known)[0].get("when", "")) if _rows(known) else ""
    return cast("type[ConditionForm]", kind)(data, initial=initial, known=found.fields, when=when)


def _rows(charge: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    table = charge.get("table")
    rows = table.get("rows") if isinstance(table, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _given(form: forms.Form, known: Mapping[str, Any], items: Sequence[Any]) -> dict[str, Any]:
    """The item as the file says it; a code that was left blank stays as it was, else it is made of the name."""
    if isinstance(form, PaperForm | ChargeForm) and not form.cleaned_data["code"]:
        taken = [str(each.get("code")) for each in items if isinstance(each, Mapping)]
        form.cleaned_data["code"] = known.get("code") or name_from(form.cleaned_data["name"], taken)
    if isinstance(form, PaperForm):
        return form.item()
    if isinstance(form, ChargeForm):
        given = form.cleaned_data
        words = ("code", "name", "kind", "due", "amount", "legal_basis")
        return operations.charge(exempt_when=given["when"], **{word: given[word] for word in words})
    return dict(form.cleaned_data)
