"""Questions of a form taken from the fields of a register, so that nobody types the same fields twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.kinds import written
from hienluong.foundation.schemas.properties import label_of
from hienluong.ui import asked

from .. import form_operations as operations
from .. import taken_before, workspace
from ..field_properties import kind_of
from ..form_shape import pages_of
from ..procedure_bench import Opened, registers_of
from ..procedure_forms import TakeForm
from .procedures import on_procedure


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def take(request: HttpRequest, found: Opened) -> HttpResponse:
    """Choose a register, tick its fields, say on which page they are asked."""
    registers = registers_of(found)
    chosen = request.POST.get("register", "")[:60] or asked.text(request, "register", 60)
    spec = registers.get(chosen)
    form = _form(request, found, spec) if spec else None
    if form and spec and request.method == "POST" and form.is_valid():
        page, names = form.cleaned_data["page"], form.cleaned_data["taken"]
        props = {name: written(spec.fields[name]) for name in names}
        required = set(spec.schema_.get("required", ()))

        def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
            return operations.take_fields(definition, page=page, props=props, required=required)

        if attempt(form, lambda: found.save(change, taken_before.words(spec.title), workspace.expected_of(request))):
            return redirect(f"{found.url('form')}?trang={page}")
    return found.page(
        request,
        "building/take.html",
        title=_("Lấy câu hỏi từ cơ sở dữ liệu"),
        crumbs=[(_("Biểu mẫu"), found.url("form"))],
        form=form,
        chosen=chosen,
        chosen_title=spec.title if spec else "",
        some_left=bool(form and len(form.initial["taken"]) < len(form.names)),
        page_id=asked.text(request, "trang", 60),
        registers=[(code, each.title) for code, each in registers.items()],
        likely=_written_into(found),
        left_out=[label_of(name, prop) for name, prop in spec.fields.items() if _is_beyond_forms(name, spec)]
        if spec
        else [],
    )


def _written_into(found: Opened) -> str:
    """The register that a granted dossier is written into, the likeliest to take questions from; empty without one."""
    effects = found.definition.get("effects")
    first = effects[0] if isinstance(effects, list) and effects and isinstance(effects[0], Mapping) else {}
    return str(first.get("register", ""))


def _is_beyond_forms(name: str, spec: RegisterSpec) -> bool:
    """Whether a field that officials write is of a kind that no form asks people for."""
    given = {*spec.computed, *spec.certified, spec.responsible}
    return name not in given and kind_of(spec.fields[name]) not in operations.PALETTE


def _written_otherwise(found: Opened, spec: RegisterSpec) -> set[str]:
    """The fields of the register that a granted dossier fills from elsewhere: who applies, the agency, the day."""
    effects = found.definition.get("effects")
    values = [
        each.get("set")
        for each in (effects if isinstance(effects, list) else ())
        if isinstance(each, Mapping) and each.get("register") == spec.code
    ]
    return {name for each in values if isinstance(each, Mapping) for name, how in each.items() if name != how}


def _form(request: HttpRequest, found: Opened, spec: RegisterSpec) -> TakeForm:
    """The fields that a person can be asked for: not those that are computed, given with the certificate, or the agency."""
    names = taken_before.askable(found, spec)
    pages = [(str(page.get("id")), str(page.get("title"))) for page in pages_of(found.definition)]
    left_alone = {*taken_before.known_before(found, spec), *_written_otherwise(found, spec)}
    ticked = [name for name in names if name not in left_alone]
    initial = {"taken": ticked, "page": asked.text(request, "trang", 60) or (pages[-1][0] if pages else "")}
    fields = [(name, label_of(name, spec.fields[name])) for name in names]
    return TakeForm(request.POST or None, fields=fields, pages=pages, initial=initial)
