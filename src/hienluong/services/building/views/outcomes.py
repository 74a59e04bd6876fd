"""What becomes of a dossier: its process, and what is written into registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.workflow import engine, library
from hienluong.foundation.actions import DomainError, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.kinds import written
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.procedures import process_drawing
from hienluong.services.procedures.kind_words import BESIDE
from hienluong.services.procedures.process_steps import KNOWN, params_of

from .. import certified_results, form_operations, process_sequence, result_lines, taken_before, workspace
from .. import procedure_operations as operations
from ..form_shape import form_of, pages_of
from ..procedure_bench import Opened, opened, registers_of
from ..procedure_forms import EffectForm, ProcessForm
from ..process_sequence import LANES, STEPS, Step
from .procedures import on_procedure
from .results import labels, printable

#: What the choices of the page mean: model and parameters.
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "three": ("single_agency", {"head_review": False}),
    "four": ("single_agency", {"head_review": True}),
    "same_day": ("same_day", {}),
    "field_inspection": ("field_inspection", {"head_review": True}),
}
#: What officials do between taking in and handing over.
_BETWEEN = {
    "three": ("review", "sign"),
    "four": ("review", "approve", "sign"),
    "same_day": ("review", "sign"),
    "field_inspection": ("inspect", "review", "approve", "sign"),
}
_MOST_CHOICES = 12
Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def process(request: HttpRequest, found: Opened) -> HttpResponse:
    """By which steps a dossier is settled: a shipped model, or steps one after another."""
    form = ProcessForm(request.POST or None, initial={"model": _model_of(found)})
    rows = _step_rows(request, found)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["model"]
        if attempt(form, lambda: _keep_process(found, chosen, rows, workspace.expected_of(request))):
            return redirect(found.url("procedure"))
    return found.page(
        request,
        "building/process.html",
        title=_("Quy trình giải quyết"),
        form=form,
        rows=rows,
        process=_drawn(found),
        is_before=[row["task"] for row in rows].index("inspect") < [row["task"] for row in rows].index("review"),
        is_drawn=bool(found.process_file) and process_sequence.read(found.bench.files[found.process_file]) is None,
    )


def _keep_process(found: Opened, chosen: str, rows: list[dict[str, Any]], expected: int) -> Any:
    words = _("Sửa quy trình giải quyết")
    if chosen != "own":
        model, params = MODELS[chosen]
        told = process_sequence.usual("receive", *_BETWEEN[chosen], "return_result")
        return found.save(
            lambda definition: operations.set_model(definition, model=model, params=params, steps=told), words, expected
        )
    steps = [Step(row["task"], row["name"], row["lane"], row["within"]) for row in rows if row["chosen"]]
    code = operations.template_name(str(found.definition.get("code", found.stem)))
    xml = process_sequence.bpmn(code, found.title, steps)

    def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
        return operations.set_steps(definition, model=code, steps=steps)

    return found.save(change, words, expected, **{f"processes/{code}.bpmn": xml})


def _model_of(found: Opened) -> str:
    """Which of the page's choices the process is; empty for another one."""
    process = found.definition.get("process")
    process = process if isinstance(process, Mapping) else {"model": "single_agency"}
    if found.process_file:
        return "own" if process_sequence.read(found.bench.files[found.process_file]) else ""
    now = (process.get("model"), dict(process.get("params") or {}))
    return next((choice for choice, meant in MODELS.items() if meant == now), "")


def _step_rows(request: HttpRequest, found: Opened) -> list[dict[str, Any]]:
    """The steps that can be arranged, as the page shows them: those that are there first, in their order."""
    there = process_sequence.read(found.bench.files[found.process_file]) if found.process_file else None
    steps = there or process_sequence.usual("receive", "review", "sign", "return_result")
    named = {step.task: step for step in steps}
    rows = []
    for task in STEPS:
        step = named.get(task) or process_sequence.usual(task)[0]
        row: dict[str, Any] = {
            "task": task,
            "label": STEPS[task],
            "needed": task in process_sequence.NEEDED,
            "chosen": task in named,
            "name": step.name,
            "lane": step.lane,
            "within": step.within,
            "lanes": [(lane, LANES[lane]) for lane in KNOWN[task].lanes if lane in LANES],
        }
        if request.method == "POST":
            row |= {
                "chosen": row["needed"] or request.POST.get(f"co_{task}") == "1",
                "name": request.POST.get(f"ten_{task}", step.name)[:100],
                "lane": request.POST.get(f"ai_{task}", step.lane)[:20],
                "within": request.POST.get(f"han_{task}", step.within)[:100],
            }
        rows.append(row)
    tasks = [step.task for step in there or ()]
    is_before = "inspect" in tasks and tasks.index("inspect") < tasks.index("review")
    if request.method == "POST":
        is_before = request.POST.get("truoc") == "1"
    middle = ["inspect", "review"] if is_before else ["review", "inspect"]
    at = {row["task"]: row for row in rows}
    return [at[task] for task in ("receive", *middle, "approve", "sign", "return_result")]


def _drawn(found: Opened) -> process_drawing.Drawn | None:
    """The process as dossiers go through it; None when there is no sound one."""
    process = found.definition.get("process")
    process = process if isinstance(process, Mapping) else {"model": "single_agency"}
    params = process.get("params")
    try:
        xml = found.bench.files.get(found.process_file, "") or library.shipped_xml(str(process.get("model", "")))
        engine.load(xml)
        return process_drawing.drawn(xml, params_of(params if isinstance(params, Mapping) else {}))
    except (KeyError, DomainError, ValueError):
        return None


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def effect(request: HttpRequest, found: Opened, number: int | None = None) -> HttpResponse:
    """What a granted dossier writes into one register: which answer goes into which field."""
    effects = found.definition.get("effects") or []
    if number is not None and number >= len(effects):
        raise NotFound(_("Mục này không còn nữa."))
    known = effects[number] if number is not None and isinstance(effects[number], Mapping) else {}
    registers = registers_of(found)
    chosen = str(known.get("register") or request.POST.get("register") or request.GET.get("register") or "")
    spec = registers.get(chosen)
    expected = workspace.expected_of(request)
    if request.POST.get("viec") == "xoa" and number is not None:
        refused = workspace.tried(
            lambda: found.save(
                lambda definition: operations.remove_item(definition, "effects", number=number),
                _("Bỏ phần ghi vào cơ sở dữ liệu"),
                expected,
            )
        )
        if not refused:
            return redirect(found.url("procedure"))
        return found.page(request, "building/effect.html", title=_("Ghi vào cơ sở dữ liệu"), refused=refused, form=None)
    data = None if request.POST.get("viec") == "chon" else request.POST or None
    form = _effect_form(data, found, spec, known) if spec else None
    refused = ""
    verb, _space, name = request.POST.get("viec", "").partition(" ")
    if spec and verb == "hoi" and name in taken_before.askable(found, spec):
        form, refused = _asked_too(request, found, spec, known, number, name)
        if not refused and form is None:
            return redirect(found.url("effect", number))
        found = opened(request, found.bench.draft.name, found.stem)
    elif form and spec and data is not None and form.is_valid():
        change = _writing(form, found, spec, known, number)
        words = taken_before.effect_words(spec.title)
        if attempt(form, lambda: found.save(change, words, expected, **_paper_called(found, change))):
            return redirect(found.url("procedure"))
    return found.page(
        request,
        "building/effect.html",
        title=_("Ghi vào cơ sở dữ liệu"),
        form=form,
        refused=refused,
        chosen=chosen,
        register_title=spec.title if spec else chosen,
        registers=[(code, each.title) for code, each in registers.items()],
        can_go=number is not None,
        condition=_("Chỉ ghi khi"),
        is_new=number is None,
    )


def _writing(
    form: EffectForm, found: Opened, spec: RegisterSpec, known: Mapping[str, Any], number: int | None
) -> Change:
    """The change of the procedure that writes what the form says; what the page does not ask for stays."""
    more = {word: part for word, part in known.items() if word not in ("register", "kind", "when", "key", "set")}
    registers = registers_of(found)

    def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
        given = form.cleaned_data
        words = {"kind": given["kind"], "key": given["key"], "when": given["when"], "more": {**more, **form.more}}
        changed = operations.put_effect(definition, number=number, register=spec.code, values=form.values, **words)
        return certified_results.taken_over(changed, registers)

    return change


def _asked_too(
    request: HttpRequest, found: Opened, spec: RegisterSpec, known: Mapping[str, Any], number: int | None, name: str
) -> tuple[EffectForm | None, str]:
    """Take a field of the register as a question on the last page of the form, and write its answer into the field.

    The form comes back with the answer chosen where the effect is still to be saved; none where that is saved too. With it,
    what was refused.
    """
    pages = pages_of(found.definition)
    page = str(pages[-1].get("id")) if pages else ""
    prop, required = written(spec.fields[name]), set(spec.schema_.get("required", ()))

    def taken(definition: Mapping[str, Any]) -> Mapping[str, Any]:
        return form_operations.take_fields(definition, page=page, props={name: prop}, required=required)

    chosen = request.POST.copy()
    chosen[f"from_{name}"] = name
    words = _("Thêm câu hỏi “%(label)s”") % {"label": label_of(name, prop)}
    forms: list[EffectForm] = []

    def keep() -> None:
        form = _effect_form(chosen, replace(found, definition=taken(found.definition)), spec, known)
        is_whole = number is not None and form.is_valid()
        if not is_whole:
            forms.append(form)
        write = _writing(form, found, spec, known, number)
        found.save(lambda d: write(taken(d)) if is_whole else taken(d), words, workspace.expected_of(request))

    refused = workspace.tried(keep)
    return (forms[0] if forms else None), refused


def _paper_called(found: Opened, change: Change) -> dict[str, str]:
    """The template of the result, which goes along with the name that the result takes over."""
    name = certified_results.name_of(change(found.definition))
    if found.template not in found.bench.files or name == certified_results.name_of(found.definition):
        return {}
    text = found.bench.files[found.template]
    return {found.template: result_lines.headed(text, name, printable(found), was=found.title)}


def _effect_form(data: QueryDict | None, found: Opened, spec: RegisterSpec, known: Mapping[str, Any]) -> EffectForm:
    written = known.get("set")
    own = set(written) if isinstance(written, Mapping) else set()
    names = [name for name in spec.asked if name not in spec.certified or name in own]  # issuing writes the certificate
    columns = {name: label_of(name, spec.fields[name]) for name in names}
    effect = known or ({"kind": "issue"} if spec.certificate else {})
    form_title = str(form_of(found.definition).get("title") or _("Đơn"))
    answers = [(name, f"{form_title}: {label}") for name, label in labels(found)]
    beside = [(value, str(label)) for value, label in BESIDE]
    sources = {name: list(dict([*answers, *beside, *_fixed(name, spec)]).items()) for name in names}
    return EffectForm(
        data,
        effect=effect,
        columns=columns,
        sources=sources,
        missing=taken_before.askable(found, spec),
        guesses=operations.guessed(
            columns,
            found.definition,
            subject=spec.subject,
            responsible=spec.responsible,
            holder=spec.certificate.holder if spec.certificate else "",
        ),
        new=taken_before.new_since_written(found, spec, known) if known else (),
        certified=spec.certificate is not None,
        known=found.fields,
    )


def _fixed(name: str, spec: RegisterSpec) -> list[tuple[str, str]]:
    """The options of a field, of which one can be written without being asked for."""
    prop = spec.fields[name]
    labels, label = prop.get("x-enum-labels") or {}, label_of(name, prop)
    return [
        (f'"{value}"', f"{label}: {labels.get(str(value), value)}")
        for value in (prop.get("enum") or ())[:_MOST_CHOICES]
    ]
