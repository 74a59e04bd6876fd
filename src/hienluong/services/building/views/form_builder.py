"""The form builder: pages and questions put together, each of them, the rules between them, trying it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.forms import browser, display, engine, pages
from hienluong.capabilities.forms import fields as form_fields
from hienluong.foundation.actions import NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.procedures import conditions, implications
from hienluong.services.procedures.spec import Form

from .. import field_properties, presets, workspace
from .. import form_operations as operations
from ..column_form import columns_form
from ..field_form import FieldForm, PageForm, kind_of
from ..form_names import used_by
from ..form_shape import form_of, pages_of, schema_of
from ..labels import GROUPS, kind_label
from ..procedure_bench import Opened
from ..rule_form import QuestionRuleForm
from .procedures import on_procedure
from .register_bench import code_lists

#: Most characters of answers that a trial carries with it.
MOST_ANSWERS = 50_000
Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def form(request: HttpRequest, found: Opened) -> HttpResponse:
    """The whole form: palette, pages with their questions, what a person will see."""
    refused = ""
    if request.method == "POST":
        refused, at = _done(request, found)
        if not refused:
            return redirect(f"{found.url('form')}{at}")
    wanted = request.GET.get("trang", "")
    listed = [_page_shown(found, page) for page in pages_of(found.definition)]
    current = next((page for page in listed if page["id"] == wanted), listed[0] if listed else None)
    return found.page(
        request,
        "building/form.html",
        title=_("Biểu mẫu"),
        refused=refused,
        pages=listed,
        current=current,
        palette=[(group, _kinds(kinds)) for group, kinds in GROUPS.items() if _kinds(kinds)],
        rules=[_rule_shown(found, rule) for rule in form_of(found.definition).get("rules") or ()],
        preview=_preview(found, current["id"]) if current else None,
    )


def _kinds(kinds: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(kind, label) for kind, label in kinds.items() if kind in operations.PALETTE]


def _page_shown(found: Opened, page: Mapping[str, Any]) -> dict[str, Any]:
    known, required = found.fields, schema_of(found.definition).get("required", ())
    questions = []
    for name in page["fields"]:
        prop = known.get(name, {})
        questions.append(
            {
                "name": name,
                "label": label_of(name, prop),
                "kind": kind_label(kind_of(prop)),
                "required": name in required,
                "when": _in_words(str(prop.get("x-when", "")), found),
                "computed": prop.get("x-computed", ""),
                "prefill": prop.get("x-prefill", ""),
                "faults": [
                    fault.message
                    for fault in found.bench.faults(found.path)
                    if fault.within("form", "schema", "properties", name)
                ],
            }
        )
    return {**page, "questions": questions, "when": _in_words(str(page.get("when", "")), found)}


def _rule_shown(found: Opened, rule: Any) -> dict[str, str]:
    if not isinstance(rule, Mapping):
        return {"when": "?", "message": "?"}
    return {
        "when": implications.in_words(str(rule.get("when", "")), found.fields),
        "message": str(rule.get("message", "")),
    }


def _in_words(text: str, found: Opened) -> str:
    read = conditions.read(text, found.fields)
    return conditions.in_words(read, found.fields) if read else text


def _preview(found: Opened, page: str) -> dict[str, Any] | None:
    """A page as the real engine shows it, unanswered: of a question that an answer calls for it is told when it is asked."""
    spec = found.spec
    there = pages.page(spec.form, page) if spec and spec.form else None
    if spec is None or spec.form is None or there is None:
        return None
    bound = form_fields.bind(there, spec.form, {})
    questions = [
        (each, "" if each.asked else _in_words(str(found.fields.get(each.name, {}).get("x-when", "")), found))
        for each in browser.live(spec.form, there, bound).questions
    ]
    return {"page": there, "questions": questions}


def _at_page(found: Opened, page: str) -> str:
    """The builder of the form at one of its pages; at the first when it has no such page."""
    is_there = any(each.get("id") == page for each in pages_of(found.definition))
    return found.url("form") + (f"?{urlencode({'trang': page})}" if is_there else "")


def _done(request: HttpRequest, found: Opened) -> tuple[str, str]:
    """Do what a button, a key or a drop said (``viec``); what was refused, and where on the page to go on."""
    verb, _space, rest = request.POST.get("viec", "")[:200].partition(" ")
    page = request.POST.get("trang", "")[:60]
    at = f"?trang={page}"
    to = request.POST.get("cho", "")
    place = int(to) if to.isascii() and to.isdigit() and len(to) < 5 else None
    name, _space, target = rest.partition(" ")
    title = request.POST.get("ten", "")[:300]
    if place is None and verb in ("doi-cho", "doi-trang"):
        return _("Chưa nói đưa đến đâu."), at
    verbs: dict[str, tuple[Change, str]] = {
        "them": (partial(_added, found, kind=name, page=target or page, title=title, at=place), _("Thêm câu hỏi")),
        "them-trang": (lambda definition: operations.add_page(definition, title=title), _("Thêm trang")),
        "len": (lambda definition: operations.step_field(definition, name=name, by=-1), _("Đưa câu hỏi lên")),
        "xuong": (lambda definition: operations.step_field(definition, name=name, by=1), _("Đưa câu hỏi xuống")),
        "doi-cho": (
            lambda definition: operations.move_field(definition, name=name, page=target or page, to=place or 0),
            _("Chuyển câu hỏi"),
        ),
        "bo": (lambda definition: operations.remove_field(definition, name=name), _("Bỏ câu hỏi")),
        "trang-len": (lambda definition: operations.step_page(definition, page=name, by=-1), _("Đưa trang lên")),
        "trang-xuong": (lambda definition: operations.step_page(definition, page=name, by=1), _("Đưa trang xuống")),
        "doi-trang": (lambda definition: operations.move_page(definition, page=name, to=place or 0), _("Chuyển trang")),
        "bo-trang": (lambda definition: operations.remove_page(definition, page=name), _("Bỏ trang")),
    }
    if verb not in verbs:
        return _("Không có việc này."), at
    change, words = verbs[verb]
    label = label_of(name, found.fields.get(name, {}))
    said = f"{words}: {title or label}" if verb != "them" else f"{words}: {title or kind_label(name)}"
    begun: list[str] = []

    def done(definition: Mapping[str, Any]) -> Mapping[str, Any]:
        changed = change(definition)
        begun.extend(str(each["id"]) for each in pages_of(changed)[-1:])
        return changed

    refused = workspace.tried(lambda: found.save(done, said, workspace.expected_of(request)))
    return refused, f"?trang={begun[-1]}" if verb == "them-trang" and begun else at


def _added(
    found: Opened, definition: Mapping[str, Any], *, kind: str, page: str, title: str, at: int | None
) -> Mapping[str, Any]:
    begun = _presets(found).of(kind, title)
    return operations.add_field(definition, kind=kind, page=page, title=title, at=at, begun=begun)


def _presets(found: Opened) -> presets.Presets:
    return presets.of_bench(found.bench, lists=code_lists(found.bench))


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def field(request: HttpRequest, found: Opened, field: str) -> HttpResponse:
    """One question: its words, its condition, its name."""
    written = schema_of(found.definition)
    prop = (written.get("properties") or {}).get(field)
    if not isinstance(prop, Mapping):
        raise NotFound(_("Không có câu hỏi này."))
    before = operations.before(found.definition, field)
    known = {name: found.fields[name] for name in before if name in found.fields}
    box = FieldForm(
        request.POST or None,
        name=field,
        prop=prop,
        required=field in written.get("required", ()),
        known=known,
        lists=code_lists(found.bench),
    )
    back = _at_page(
        found, next((str(page.get("id")) for page in pages_of(found.definition) if field in page["fields"]), "")
    )
    columns = columns_form(request.POST or None, prop, lists=code_lists(found.bench), without=("reference",))
    if request.method == "POST" and box.is_valid() and (columns is None or columns.is_valid()):
        items = (
            {}
            if columns is None
            else {"items": field_properties.items_from(prop.get("items"), columns.said, _presets(found))}
        )
        to = box.cleaned_data["name"]

        def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
            changed = operations.put_field(
                definition, name=field, prop={**box.as_property(), **items}, required=box.cleaned_data["required"]
            )
            return operations.rename_field(changed, name=field, to=to)

        texts = found.renamed_texts(field, to) if to != field else {}
        words = _("Sửa câu hỏi “%(label)s”") % {"label": box.cleaned_data["title"]}
        if attempt(box, lambda: found.save(change, words, workspace.expected_of(request), **texts)):
            return redirect(back)
    return found.page(
        request,
        "building/item.html",
        title=label_of(field, prop),
        crumbs=[(_("Biểu mẫu"), found.url("form"))],
        form=box,
        columns=columns,
        submit=_("Lưu"),
        back=back,
        condition=_("Chỉ hỏi khi") if known else "",
        kind=kind_label(kind_of(found.fields.get(field, {}))),
        used=used_by(found.definition, field),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def page(request: HttpRequest, found: Opened, page: str) -> HttpResponse:
    """One page: its name, the words under it, when it is shown."""
    there = next((each for each in pages_of(found.definition) if each.get("id") == page), None)
    if there is None:
        raise NotFound(_("Không có trang này."))
    known = {name: found.fields[name] for name in operations.before(found.definition, page) if name in found.fields}
    box = PageForm(request.POST or None, page=there, known=known)
    if request.method == "POST" and box.is_valid():
        given = {word: box.cleaned_data[word] for word in ("title", "help", "when")}

        def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
            return operations.put_page(definition, page=page, **given)

        words = _("Sửa trang “%(title)s”") % {"title": given["title"]}
        if attempt(box, lambda: found.save(change, words, workspace.expected_of(request))):
            return redirect(_at_page(found, page))
    return found.page(
        request,
        "building/item.html",
        title=_("Trang “%(title)s”") % {"title": there.get("title", "")},
        crumbs=[(_("Biểu mẫu"), found.url("form"))],
        form=box,
        submit=_("Lưu"),
        back=_at_page(found, page),
        condition=_("Chỉ hiện trang này khi") if known else "",
    )


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def rule(request: HttpRequest, found: Opened, number: int | None = None) -> HttpResponse:
    """A rule between questions: new, changed, taken away."""
    rules = form_of(found.definition).get("rules") or []
    if number is not None and number >= len(rules):
        raise NotFound(_("Quy tắc này không còn nữa."))
    known = rules[number] if number is not None and isinstance(rules[number], Mapping) else {}
    takes_away = request.POST.get("viec") == "xoa"
    box = QuestionRuleForm(None if takes_away else request.POST or None, rule=known, known=found.fields)
    refused, back = "", _at_page(found, request.GET.get("trang", ""))
    expected = workspace.expected_of(request)
    if takes_away and number is not None:
        refused = workspace.tried(
            lambda: found.save(
                lambda definition: operations.remove_rule(definition, number=number), _("Bỏ quy tắc"), expected
            )
        )
        if not refused:
            return redirect(back)
    elif request.method == "POST" and box.is_valid():
        given = {word: box.cleaned_data[word] for word in ("when", "field", "message")}

        def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
            return operations.put_rule(definition, number=number, **given)

        if attempt(box, lambda: found.save(change, _("Sửa quy tắc: %(said)s") % {"said": given["message"]}, expected)):
            return redirect(back)
    return found.page(
        request,
        "building/item.html",
        title=_("Quy tắc giữa các câu hỏi"),
        crumbs=[(_("Biểu mẫu"), found.url("form"))],
        form=box,
        refused=refused,
        submit=_("Lưu"),
        back=back,
        can_go=number is not None,
        condition=_("Điều phải đúng"),
        condition_first=True,
    )


@require_http_methods(["GET", "POST"])
@officials.only()
@on_procedure
def trial(request: HttpRequest, found: Opened) -> HttpResponse:
    """Answering the form page by page as a person would; nothing is kept, the answers travel with the page."""
    spec = found.spec
    if spec is None or spec.form is None:
        return found.page(request, "building/trial.html", title=_("Thử biểu mẫu"), form=None)
    answers = _answers(request)
    there = _asked_page(request, spec.form, answers)
    posted = request.POST if request.method == "POST" and request.POST.get("tu") == there.id else None
    bound = form_fields.bind(there, spec.form, answers, posted)
    if posted is not None:
        answers = {**answers, **form_fields.typed(there, spec.form, posted)}
        if not form_fields.asks_for_a_row(posted) and bound.is_valid():
            following = pages.next_page(spec.form, there.id, answers)
            if following is None:
                return _walked_through(request, found, spec.form, answers)
            there, bound = following, form_fields.bind(following, spec.form, answers)
    live = browser.live(spec.form, there, bound)
    return found.page(
        request,
        "building/trial.html",
        title=_("Thử biểu mẫu"),
        form=bound if bound.is_bound else None,
        form_page=there,
        live=live,
        shown=bound,
        answers=json.dumps(answers, ensure_ascii=False),
    )


def _walked_through(request: HttpRequest, found: Opened, form: Form, answers: dict[str, Any]) -> HttpResponse:
    outcome = engine.validate(form, answers)
    rows = [{"key": row.label, "value": row.text or "—"} for row in display.answers(form, answers)]
    return found.page(
        request, "building/trial.html", title=_("Thử biểu mẫu"), rows=rows, outcome=outcome, is_done=True, form=None
    )


def _answers(request: HttpRequest) -> dict[str, Any]:
    """The answers that the page carried; none when they cannot be read."""
    text = request.POST.get("da_tra_loi", "")
    if not text or len(text) > MOST_ANSWERS:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _asked_page(request: HttpRequest, form: Form, answers: Mapping[str, Any]) -> Any:
    """The page to be answered: the one that was posted, the one that was asked for, else the first."""
    wanted = request.POST.get("tu") or request.GET.get("trang") or ""
    shown = pages.visible_pages(form, answers)
    return next((page for page in shown if page.id == wanted), shown[0] if shown else form.pages[0])
