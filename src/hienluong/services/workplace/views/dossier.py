"""One dossier: form and papers side by side, the acts possible now, the drawing, the control sheet, the notes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.capabilities.payments import actions as payments
from hienluong.capabilities.payments.models import Charge
from hienluong.capabilities.payments.queries import charges_of
from hienluong.capabilities.workflow import drawing
from hienluong.foundation.actions import DomainError, NotAllowed
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.files import store
from hienluong.foundation.identity import kept
from hienluong.services.dossiers import actions, issuing, loading
from hienluong.services.dossiers.charging import subject_ref
from hienluong.services.dossiers.models import Dossier, IssuedPaper, Opinion, Result
from hienluong.services.dossiers.presentation import data_rows

from ..forms import OpinionForm
from ..verbs import BY_KEY, Verb, offered
from .guard import actor_of, dossier_for, officials_only


@require_GET
@officials_only
def show(request: HttpRequest, code: str) -> HttpResponse:
    """The dossier as an official works on it. Looking is logged: the person can see who looked."""
    dossier = dossier_for(request, code)
    _log_look(request, dossier, "Giải quyết thủ tục hành chính")
    return _page(request, dossier, _typed_before(request, dossier))


def _typed_before(request: HttpRequest, dossier: Dossier) -> dict[str, Any] | None:
    """The form of the act that was being sent when the session ended, with what was typed."""
    found = kept.take(request)
    verb = BY_KEY.get(found.path.rsplit("/", 1)[-1]) if found else None
    return {verb.key: verb.bind(dossier, found.data)} if found and verb else None


def _log_look(request: HttpRequest, dossier: Dossier, purpose: str) -> None:
    actor = actor_of(request)
    log_read(
        party_id=dossier.subject_id,
        actor_id=actor.account_id,
        actor_label=actor.label,
        organization_id=actor.organization_id,
        fields=["name", "identifier", "phone", "address", *sorted(dossier.data)],
        purpose=purpose,
        subject=dossier.code,
        ip=actor.ip,
    )


def _page(
    request: HttpRequest, dossier: Dossier, bound: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    loading.people(dossier)
    verbs = offered(actor, dossier)
    panels = [{"verb": verb, "form": (bound or {}).get(verb.key) or verb.bind(dossier)} for verb in verbs]
    standing = dossier.process.standing()
    context = {
        "dossier": dossier,
        "spec": dossier.procedure_version.spec,
        "panels": panels,
        "open_panel": next(iter(bound), "") if bound else "",
        "rows": data_rows(dossier),
        "papers": dossier.papers.select_related("file").order_by("pk"),
        "charges": charges_of(subject_ref(dossier)),
        "handovers": dossier.handovers.order_by("at", "pk"),
        "changes": dossier.deadline_changes.order_by("at", "pk"),
        "supplements": dossier.supplements.order_by("requested_at"),
        "opinions": dossier.opinions.select_related("organization").order_by("round", "place"),
        "issued": dossier.issued_papers.order_by("issued_at"),
        "results": dossier.results.select_related("file").order_by("pk"),
        "notes": dossier.notes.order_by("-at"),
        "drawing": drawing.svg(dossier.process.model.xml, standing, title=_("Sơ đồ quy trình của hồ sơ")),
        "ready": standing.ready,
        "now": timezone.now(),
    }
    return render(request, "workplace/dossier.html", context, status=status)


@require_POST
@officials_only
def act(request: HttpRequest, code: str, verb: str) -> HttpResponse:
    """Do one act; on a fault the page comes back with what was typed."""
    dossier = dossier_for(request, code)
    chosen: Verb | None = BY_KEY.get(verb)
    if chosen is None:
        raise NotAllowed(_("Việc này không có."))
    form = chosen.bind(dossier, request.POST)
    if form.is_valid():
        try:
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


@require_GET
@officials_only
def received(request: HttpRequest, code: str) -> HttpResponse:
    """After receiving: print the receipt, and go on with the next in the queue."""
    dossier = dossier_for(request, code)
    receipt = dossier.issued_papers.filter(kind="receipt").order_by("-issued_at").first()
    change = dossier.deadline_changes.order_by("-at", "-pk").first()
    return render(request, "workplace/received.html", {"dossier": dossier, "receipt": receipt, "change": change})


@require_GET
@officials_only
def paper(request: HttpRequest, code: str, paper_id: int) -> HttpResponse:
    """An issued paper as PDF, to print."""
    dossier = dossier_for(request, code)
    found = get_object_or_404(IssuedPaper.objects.select_related("file", "dossier"), pk=paper_id, dossier=dossier)
    return _pdf(issuing.pdf_of(found), f"{dossier.code}-{found.kind}.pdf")


@require_GET
@officials_only
def control_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """The control sheet as it stands now, as PDF."""
    dossier = dossier_for(request, code)
    return _pdf(issuing.control_sheet_pdf(dossier), f"{dossier.code}-phieu-kiem-soat.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@require_POST
@officials_only
def digitise(request: HttpRequest, code: str) -> HttpResponse:
    """Upload a scan made at the counter."""
    dossier = dossier_for(request, code)
    upload = request.FILES.get("scan")
    paper_code = request.POST.get("paper", "")
    names = {item.code: item.name for item in dossier.procedure_version.spec.papers}
    try:
        if upload is None or paper_code not in names:
            messages.warning(request, _("Hãy chọn giấy tờ và tệp quét."))
        else:
            actor = actor_of(request)
            file = store(upload, name=upload.name or "scan", owner=actor.account_id, purpose="dossiers.paper")
            scan = actions.PaperIn(code=paper_code, name=names[paper_code], file_id=file.pk, originals=1)
            actions.digitise(actor, dossier=dossier, paper=scan)
            messages.success(request, _("Đã số hóa “%(name)s”.") % {"name": names[paper_code]})
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("workplace:dossier", code=dossier.code)


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
    """Give the opinion that my organisation was asked for."""
    found = get_object_or_404(Opinion.objects.select_related("dossier", "organization"), pk=opinion_id)
    actor_of(request).require("dossiers.give_opinion", found.organization.path)
    dossier = dossier_for(request, found.dossier.code)
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
    context = {
        "opinion": found,
        "dossier": dossier,
        "form": form,
        "rows": data_rows(dossier),
        "papers": dossier.papers.select_related("file"),
    }
    return render(request, "workplace/opinion.html", context)


@require_GET
@officials_only
def draft_preview(request: HttpRequest, code: str) -> HttpResponse:
    """The draft of the result as PDF, marked as a draft, before anyone signs."""
    from hienluong.services.dossiers.publishing import draft_pdf

    dossier = dossier_for(request, code)
    result = get_object_or_404(
        Result.objects.select_related("dossier__procedure_version"), dossier=dossier, state=Result.State.DRAFT
    )
    return _pdf(draft_pdf(result), f"{dossier.code}-du-thao.pdf")
