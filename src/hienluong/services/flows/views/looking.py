"""Composed services and their runs; what a run waits for is decided here."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import sent
from hienluong.ui import asked
from hienluong.ui.widgets import TextField

from .. import actions, runs
from ..models import FlowVersion, Run, Step
from .entrance import COLOURS, RUN_COLOURS, STEP_COLOURS, crumbs, entering

PER_PAGE = 20
#: Characters of one content on a page.
_SHOWN = 4000
State = FlowVersion.State


class DecisionForm(forms.Form):
    """What was found out about a call."""

    decision = forms.ChoiceField(label=gettext_lazy("Kết luận"), widget=forms.RadioSelect)
    reason = TextField(
        label=gettext_lazy("Lý do"), help_text=gettext_lazy("Đã hỏi ai, biết bằng cách nào."), max_length=500
    )
    answer = TextField(
        label=gettext_lazy("Câu trả lời đã nhận (JSON)"),
        help_text=gettext_lazy('Khi việc đã thực hiện, ví dụ {"so": 12}. Để trống là không có nội dung.'),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "class": "hl-source"}),
    )

    def __init__(self, undoes: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (Step.Decision.DONE, _("Việc đã thực hiện: đi tiếp với câu trả lời dưới đây")),
            (Step.Decision.AGAIN, _("Việc chưa thực hiện: gọi lại")),
            (
                Step.Decision.GIVE_UP,
                _("Để như vậy, hoàn tác các việc còn lại") if undoes else _("Thôi, hoàn tác những việc đã làm"),
            ),
        ]
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The flows that one looks after, and the runs that wait for a decision."""
    actor = entering(request)
    flows = list(actions.visible(actor).prefetch_related("versions"))
    waits = Run.objects.filter(version__flow__in=flows, state=Run.State.WAITING).select_related("version__flow")
    context = {
        "rows": [{"one": flow, "versions": [_version(one) for one in flow.versions.all()]} for flow in flows],
        "waits": [_run(one) for one in waits[:PER_PAGE]],
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs()],
    }
    return render(request, "flows/list.html", context)


def _version(one: FlowVersion) -> dict[str, Any]:
    return {"one": one, "tag": (str(one.get_state_display()), COLOURS[State(one.state)])}


def _run(one: Run) -> dict[str, Any]:
    return {
        "one": one,
        "href": reverse("flows:run", args=[one.uid]),
        "tag": (str(one.get_state_display()), RUN_COLOURS[Run.State(one.state)]),
    }


@require_GET
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One flow: what it does, who may start it, its runs narrowed by state (`trang-thai`)."""
    actor = entering(request)
    flow = actions.visible_one(actor, code)
    versions = list(flow.versions.all())
    number = asked.number(request, "phien-ban", 1, 30_000)
    shown = next((one for one in versions if one.number == number), versions[0])
    found = Run.objects.filter(version__flow=flow).select_related("version")
    state = asked.text(request, "trang-thai", 20)
    if state in Run.State.values:
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(asked.number(request, "page", 1, 10**6) or 1)
    address = reverse("flows:show", args=[code])
    states = [{"label": _("Tất cả"), "href": address, "current": state not in Run.State.values}]
    states += [
        {"label": label, "href": f"{address}?trang-thai={value}", "current": value == state}
        for value, label in Run.State.choices
    ]
    context = {
        "flow": flow,
        "version": _version(shown),
        "versions": [
            {
                "label": f"v{one.number} · {one.get_state_display()}",
                "href": f"{address}?phien-ban={one.number}",
                "current": one.pk == shown.pk,
            }
            for one in versions
        ],
        "facts": [
            {"key": _("Cơ quan quản lý"), "value": flow.owner.name},
            {"key": _("Gọi với tư cách hệ thống"), "value": flow.system},
            {"key": _("Địa chỉ"), "value": f"POST /api/v1/flows/{flow.code}/runs"},
            {"key": _("Người viết"), "value": shown.label},
        ],
        "draft": next((one for one in versions if one.state == State.DRAFT), None),
        "published": next((one for one in versions if one.state == State.PUBLISHED), None),
        "permits": flow.permits.filter(ended_at=None).select_related("consumer"),
        "page": page,
        "rows": [_run(one) for one in page.object_list],
        "states": states,
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((flow.title, ""))],
    }
    return render(request, "flows/show.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def run(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One run, step by step; a POST decides about the step that it waits with (`buoc`)."""
    actor = entering(request)
    found = _visible_run(actor, uid)
    steps = list(found.steps.all())
    waits = [step for step in steps if step.state == Step.State.WAITING and found.state not in runs.ENDED]
    chosen = request.POST.get("buoc", "")
    step = next((one for one in waits if str(one.pk) == chosen), None)
    if request.method == "POST" and step is None:
        raise runs.NotWaiting(_("Bước này không còn chờ quyết định."))
    decisions = [_deciding(request, one, chosen) for one in waits]
    if step is not None:
        form = next(each["form"] for each in decisions if each["step"] is step)
        if sent(request, form, lambda **said: runs.decide(actor, step=step, **said)):
            messages.success(request, _("Đã ghi quyết định."))
            return redirect("flows:run", uid=uid)
    flow = found.version.flow
    context = {
        "one": _run(found),
        "flow": flow,
        "facts": _facts(found),
        "decisions": decisions,
        "faulty": next((each["form"] for each in decisions if each["form"].errors), None),
        "steps": [_step(one) for one in steps],
        "contents": _contents(found, steps) if waits else [],
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            *crumbs((flow.title, reverse("flows:show", args=[flow.code])), (_("Lần chạy"), "")),
        ],
    }
    return render(request, "flows/run.html", context, status=422 if context["faulty"] else 200)


def _visible_run(actor: Actor, uid: UUID) -> Run:
    found = Run.objects.filter(uid=uid, version__flow__in=actions.visible(actor))
    one = found.select_related("version__flow__owner", "system__client").first()
    if one is None:
        raise NotFound(_("Không có lần chạy này."))
    return one


def _deciding(request: HttpRequest, step: Step, chosen: str) -> dict[str, Any]:
    """The form about one step; its fields have names of their own, for there may be several."""
    data = request.POST if request.method == "POST" and str(step.pk) == chosen else None
    form = DecisionForm(step.path.endswith("/undo"), data, auto_id=f"id_{step.pk}_%s")
    return {"step": step, "form": form}


def _facts(run: Run) -> list[dict[str, Any]]:
    fault = f"{run.fault_path}: {run.fault}" if run.fault else ""
    facts: list[dict[str, Any]] = [
        {"key": _("Phiên bản"), "value": f"v{run.version.number}"},
        {"key": _("Bên yêu cầu"), "value": run.label},
        {"key": _("Mục đích"), "value": run.purpose or "—"},
        {"key": _("Bắt đầu"), "value": _moment(run.created_at)},
        {"key": _("Kết thúc"), "value": _moment(run.ended_at)},
        {"key": _("SHA-256 của đầu vào"), "value": run.given_digest},
    ]
    if run.answer_digest:
        facts.append({"key": _("SHA-256 của kết quả"), "value": run.answer_digest})
    return [*facts, {"key": _("Vì sao không thành"), "value": fault}] if fault else facts


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M:%S %d/%m/%Y}" if at else "—"


def _step(step: Step) -> dict[str, Any]:
    words = str(step.get_state_display())
    if step.state == Step.State.FAILED and step.retry_at:
        words = _("Đã thử lại")
    decided = ""
    if step.decision:
        decided = f"{step.get_decision_display()} · {step.decided_label}: {step.reason}"
    return {"one": step, "tag": (words, STEP_COLOURS[Step.State(step.state)]), "decided": decided}


def _contents(run: Run, steps: list[Step]) -> list[dict[str, str]]:
    """What was asked and answered, for who must find out what became of a call; of other runs it is not shown."""
    told: list[tuple[str, Any]] = [(_("Đầu vào"), run.given)]
    for step in steps:
        if step.request is not None:
            told.append((_("Yêu cầu của “%(path)s”") % {"path": step.path}, step.request))
        if step.answer is not None and step.operation:
            told.append((_("Câu trả lời cho “%(path)s”") % {"path": step.path}, step.answer.get("value")))
    return [{"title": title, "text": json.dumps(value, ensure_ascii=False, indent=2)[:_SHOWN]} for title, value in told]
