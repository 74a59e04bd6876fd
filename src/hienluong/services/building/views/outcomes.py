"""What becomes of a dossier: its process, and what is written into registers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.workflow import engine, library
from hienluong.foundation.actions import DomainError, NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.procedures import process_drawing
from hienluong.services.procedures.kind_words import BESIDE
from hienluong.services.procedures.process_steps import KNOWN, params_of

from .. import certified_results, process_sequence, result_lines, taken_before, workspace
from .. import procedure_operations as operations
from ..form_shape import form_of
from ..procedure_bench import Opened, registers_of
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
    form = _effect_form(request, found, spec, known) if spec else None
    if form and request.method == "POST" and request.POST.get("viec") != "chon" and form.is_valid():
        more = {word: part for word, part in known.items() if word not in ("register", "kind", "when", "key", "set")}

        def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
            given = form.cleaned_data
            words = {"kind": given["kind"], "key": given["key"], "when": given["when"], "more": {**more, **form.more}}
            changed = operations.put_effect(definition, number=number, register=chosen, values=form.values, **words)
            return certified_results.taken_over(changed, registers)

        words = taken_before.effect_words(spec.title if spec else chosen)
        if attempt(form, lambda: found.save(change, words, expected, **_paper_called(found, change))):
            return redirect(found.url("procedure"))
    return found.page(
        request,
        "building/effect.html",
        title=_("Ghi vào cơ sở dữ liệu"),
        form=form,
        chosen=chosen,
        register_title=spec.title if spec else chosen,
        registers=[(code, each.title) for code, each in registers.items()],
        can_go=number is not None,
        condition=_("Chỉ ghi khi"),
        is_new=number is None,
    )


def _paper_called(found: Opened, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> dict[str, str]:
    """The template of the result, which goes along with the name that the result takes over."""
    name = certified_results.name_of(change(found.definition))
    if found.template not in found.bench.files or name == certified_results.name_of(found.definition):
        return {}
    text = found.bench.files[found.template]
    return {found.template: result_lines.headed(text, name, printable(found), was=found.title)}


def _effect_form(request: HttpRequest, found: Opened, spec: RegisterSpec, known: Mapping[str, Any]) -> EffectForm:
    written = known.get("set")
    own = set(written) if isinstance(written, Mapping) else set()
    names = [name for name in spec.asked if name not in spec.certified or name in own]  # issuing writes the certificate
    columns = {name: label_of(name, spec.fields[name]) for name in names}
    effect = known or ({"kind": "issue"} if spec.certificate else {})
    form_title = str(form_of(found.definition).get("title") or _("Đơn"))
    answers = [(name, f"{form_title}: {label}") for name, label in labels(found)]
    fixed = [
        (f'"{value}"', f"{label_of(name, prop)}: {(prop.get('x-enum-labels') or {}).get(str(value), value)}")
        for name, prop in spec.fields.items()
        for value in (prop.get("enum") or ())[:_MOST_CHOICES]
    ]
    sources = [*answers, *((value, str(label)) for value, label in BESIDE), *fixed]
    data = None if request.POST.get("viec") == "chon" else request.POST or None
    return EffectForm(
        data,
        effect=effect,
        columns=columns,
        sources=list(dict(sources).items()),
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
