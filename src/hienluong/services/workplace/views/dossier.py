"""One dossier: papers beside the form and the acts possible now, the drawing, the control sheet, the notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.capabilities.payments import actions as payments
from hienluong.capabilities.payments.models import Charge
from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.actions import DomainError, NotAllowed
from hienluong.foundation.identity import kept
from hienluong.services.dossiers import actions, duties, eligibility, enquiring, loading, sectoral
from hienluong.services.dossiers.charging import subject_ref
from hienluong.services.dossiers.checklist import lines_of
from hienluong.services.dossiers.models import Dossier, Opinion
from hienluong.services.dossiers.presentation import data_rows
from hienluong.services.dossiers.queries import with_long_term_copy
from hienluong.services.procedures import process_drawing

from ..forms import OpinionForm
from ..paper_forms import DigitiseForm
from ..verbs import BY_KEY, Verb, offered
from .guard import actor_of, dossier_for, officials_only
from .looking import look, whole
from .viewing import pane


@require_GET
@officials_only
def show(request: HttpRequest, code: str) -> HttpResponse:
    """The dossier as an official works on it. Looking is logged: the person can see who looked."""
    dossier = dossier_for(request, code)
    look(request, [dossier], whole(dossier))
    return _page(request, dossier, _typed_before(request, dossier))


def _typed_before(request: HttpRequest, dossier: Dossier) -> dict[str, Any] | None:
    """The form of the act that was being sent when the session ended, with what was typed."""
    found = kept.take(request)
    verb = BY_KEY.get(found.path.rsplit("/", 1)[-1]) if found else None
    return {verb.key: verb.bind(dossier, found.data)} if found and verb else None


def _page(
    request: HttpRequest,
    dossier: Dossier,
    bound: dict[str, Any] | None = None,
    status: int = 200,
    digitise_form: DigitiseForm | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    loading.people(dossier)
    enquiring.fetch(dossier)
    verbs = offered(actor, dossier)
    panels = _panels(verbs, dossier, bound or {})
    gone = [_gone(BY_KEY[key], form) for key, form in (bound or {}).items() if BY_KEY[key] not in verbs]
    standing = dossier.process.standing()
    may_correct = duties.may(actor, dossier, "correct_answers") and duties.stands_there(dossier, "correct_answers")
    context = {
        "dossier": dossier,
        "spec": dossier.procedure_version.spec,
        "panels": panels,
        "gone": gone,
        "open_panel": next(iter(bound), "") if bound else request.GET.get("viec", ""),
        "rows": data_rows(dossier),
        "may": eligibility.of(dossier),
        "findings": sectoral.findings_of(dossier) if dossier.is_open else [],
        "looks": enquiring.looks_of(dossier),
        "lines": lines_of(dossier),
        "replaced": dossier.papers.filter(replaced_by__isnull=False).select_related("file").order_by("pk"),
        "viewer": pane(request, dossier, draft_first=any(v.key in ("sign", "submit_for_signature") for v in verbs)),
        "digitise": (digitise_form or DigitiseForm(dossier=dossier, prefix="scan"))
        if dossier.is_open and duties.may(actor, dossier, "digitise")
        else None,
        "can_correct": may_correct and dossier.procedure_version.spec.form is not None,
        "charges": charges_of(subject_ref(dossier)),
        "handovers": dossier.handovers.order_by("at", "pk"),
        "changes": dossier.deadline_changes.order_by("at", "pk"),
        "supplements": dossier.supplements.order_by("requested_at"),
        "opinions": dossier.opinions.select_related("organization").order_by("round", "place"),
        "issued": dossier.issued_papers.order_by("issued_at"),
        "results": with_long_term_copy(dossier.results.select_related("file").order_by("pk")),
        "notes": dossier.notes.order_by("-at"),
        "process": process_drawing.drawn(
            dossier.process.model.xml, dossier.process.params, standing, title=_("Sơ đồ quy trình của hồ sơ")
        ),
        "ready": standing.ready,
        "now": timezone.now(),
    }
    return render(request, "workplace/dossier.html", context, status=status)


def _panels(verbs: list[Verb], dossier: Dossier, bound: dict[str, Any]) -> list[dict[str, Any]]:
    """The acts of the page: what is expected first, what else is possible below a heading of its own."""
    expected = [verb for verb in verbs if verb.primary]
    others = [verb for verb in verbs if not verb.primary]
    return [
        {
            "verb": verb,
            "form": bound.get(verb.key) or verb.bind(dossier),
            "is_first_other": bool(expected and others) and verb is others[0],
        }
        for verb in (*expected, *others)
    ]


def _gone(verb: Verb, form: forms.Form) -> dict[str, Any]:
    """An act that was being sent while it ceased to be possible: why, and every text that was typed, to copy."""
    faults = [_("Việc “%(title)s” không còn làm được với hồ sơ ở bước hiện nay.") % {"title": verb.title}]
    faults += [str(fault) for fault in form.non_field_errors()]
    texts = [field for field in form if isinstance(field.field, forms.CharField) and not field.is_hidden]
    rows = [{"key": field.label, "value": field.value()} for field in texts if field.value()]
    return {"verb": verb, "faults": faults, "rows": rows}


@require_POST
@officials_only
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Do one act; on a fault the page comes back with what was typed."""
    dossier = dossier_for(request, code)
    chosen: Verb | None = BY_KEY.get(verb)
    if chosen is None:
        raise NotAllowed(_("Việc này không có."))
    form = chosen.bind(dossier, request.POST, request.FILES)
    if form.is_valid():
        try:
            onward = _kept_for_later(request, dossier, chosen, form)
            if onward:
                return redirect(onward)
            chosen.run(actor_of(request), dossier, form)
        except DomainError as error:
            field = error.field if error.field in form.fields else None
            form.add_error(field, str(error.message))
        else:
            messages.success(request, _("Đã ghi: %(title)s.") % {"title": chosen.title})
            if chosen.key == "receive":
                return redirect("workplace:received", code=dossier.code)
            return redirect("workplace:dossier", code=dossier.code)
    return _page(request, dossier_for(request, code), {chosen.key: form}, status=422)


def _kept_for_later(request: HttpRequest, dossier: Dossier, verb: Verb, form: Any) -> str:
    """Keep a half-done act (the check list, a draft) and say where to go on; empty when the act itself is wanted."""
    then = request.POST.get("tiep", "")
    page = reverse("workplace:dossier", kwargs={"code": dossier.code})
    if verb.key == "receive" and then in ("supplement", "refuse"):
        actions.check_papers(actor_of(request), dossier=dossier, checks=form.checks())
        key = "request_supplement" if then == "supplement" else "refuse"
        return f"{page}?viec={key}#viec-{key}"
    if verb.key == "review" and then == "draft":
        actions.draft_result(
            actor_of(request),
            dossier=dossier,
            grants=form.cleaned_data["grants"] == "yes",
            conclusion=form.cleaned_data["conclusion"],
            fields=form.officer_fields(),
        )
        messages.success(request, _("Đã lưu dự thảo."))
        return f"{page}?giay=du-thao#viewer"
    return ""


@require_http_methods(["GET", "POST"])
@officials_only
def digitise(request: HttpRequest, code: str) -> HttpResponse:
    """Attach a scan or photos made at the counter to the paper that was presented."""
    dossier = dossier_for(request, code)
    if request.method == "GET":
        return redirect("workplace:dossier", code=dossier.code)
    form = DigitiseForm(request.POST, request.FILES, dossier=dossier, prefix="scan")
    if form.is_valid():
        actor = actor_of(request)
        duties.require(actor, dossier, "digitise")
        try:
            scanned = actions.digitise(actor, dossier=dossier, paper=form.paper_in(actor))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else "scan", str(error.message))
        else:
            messages.success(request, _("Đã số hóa “%(name)s”.") % {"name": scanned.name})
            address = reverse("workplace:dossier", kwargs={"code": dossier.code})
            return redirect(f"{address}?giay={scanned.pk}#viewer")
    return _page(request, dossier, status=422, digitise_form=form)


@require_POST
@officials_only
def take_cash(request: HttpRequest, code: str) -> HttpResponse:
    """Take the charges due in cash at the counter."""
    dossier = dossier_for(request, code)
    try:
        for charge in charges_of(subject_ref(dossier)):
            if charge.state == Charge.State.DUE:
                payments.record_cash(actor_of(request), charge=charge)
        messages.success(request, _("Đã thu tiền tại quầy."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("workplace:dossier", code=dossier.code)


@require_http_methods(["GET", "POST"])
@officials_only
def opinion(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Give the opinion that my organisation was asked for, with the form and the papers in view."""
    found = get_object_or_404(Opinion.objects.select_related("dossier", "organization"), pk=opinion_id)
    actor_of(request).require(duties.DUTIES["give_opinion"].permission, found.organization.path)
    dossier = dossier_for(request, found.dossier.code)
    if request.headers.get("HX-Target") == "viewer":
        return render(request, "workplace/_viewer.html", {"dossier": dossier, "viewer": pane(request, dossier)})
    restored = kept.take(request)
    form = OpinionForm(request.POST or (restored.data if restored else None))
    if request.method == "POST" and form.is_valid():
        try:
            actions.give_opinion(
                actor_of(request),
                opinion=found,
                agrees=form.cleaned_data["agrees"] == "yes",
                text=form.cleaned_data["text"],
            )
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã gửi ý kiến."))
            return redirect("workplace:inbox")
    look(request, [dossier], whole(dossier), _("Cho ý kiến phối hợp"))
    context = {
        "opinion": found,
        "dossier": dossier,
        "form": form,
        "rows": data_rows(dossier),
        "lines": lines_of(dossier),
        "viewer": pane(request, dossier),
    }
    return render(request, "workplace/opinion.html", context, status=422 if form.errors else 200)
