"""The person's own dossiers, papers and drafts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.actions import DomainError
from hienluong.foundation.files import store
from hienluong.services.dossiers import access, actions
from hienluong.services.dossiers.charging import subject_ref
from hienluong.services.dossiers.models import Draft, Result, State
from hienluong.services.dossiers.opening import may_take_result
from hienluong.services.dossiers.presentation import data_rows, next_words, timeline
from hienluong.ui.widgets import TextField

from .guard import account_of, actor_of, kept_data, own_dossier, people_only


@require_GET
@people_only
def mine(request: HttpRequest) -> HttpResponse:
    """My dossiers, what needs me first, and my drafts."""
    actor = actor_of(request)
    own = access.own_dossiers(actor).select_related("received_at_org")
    context = {
        "todo": own.filter(state__in=(State.SUPPLEMENT, State.AWAITING_PAYMENT))[:20],
        "page": Paginator(own, 20).get_page(request.GET.get("page")),
        "drafts": Draft.objects.filter(account_id=account_of(request), filed_as__isnull=True)
        .select_related("procedure_version__procedure")
        .order_by("-updated_at")[:20],
    }
    return render(request, "portal/mine.html", context)


@require_GET
@people_only
def papers(request: HttpRequest) -> HttpResponse:
    """The signed results I have been given."""
    own = access.own_dossiers(actor_of(request)).filter(returned_at__isnull=False)
    results = Result.objects.filter(dossier__in=own, state__in=(Result.State.SIGNED, Result.State.REVOKED))
    rows = results.select_related("dossier", "dossier__competent").order_by("-signed_at")
    return render(request, "portal/papers.html", {"page": Paginator(rows, 20).get_page(request.GET.get("page"))})


@require_GET
@people_only
def dossier(request: HttpRequest, code: str) -> HttpResponse:
    """One dossier of mine, in plain words."""
    found = own_dossier(request, code)
    return render(request, "portal/dossier.html", _context(request, found))


def _context(request: HttpRequest, found: Any) -> dict[str, Any]:
    shown = (Result.State.SIGNED, Result.State.REVOKED)
    return {
        "dossier": found,
        "next_words": next_words(found),
        "moments": timeline(found, named=False),
        "rows": data_rows(found),
        "papers": found.papers.filter(replaced_by__isnull=True).select_related("file"),
        "charges": charges_of(subject_ref(found)),
        "supplement": found.supplements.filter(answered_at__isnull=True).first(),
        "issued": found.issued_papers.order_by("issued_at"),
        "results": found.results.filter(state__in=shown).select_related("file"),
        "can_take": may_take_result(found),
        "can_withdraw": found.is_open,
    }


class SupplementAnswerForm(forms.Form):
    """The person's answer to a supplement request."""

    note = TextField(
        label=_("Nội dung trả lời"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


@require_http_methods(["GET", "POST"])
@people_only
def supplement(request: HttpRequest, code: str) -> HttpResponse:
    """Answer a supplement request: upload the papers, say what was mended."""
    found = own_dossier(request, code)
    asked = found.supplements.filter(answered_at__isnull=True).first()
    if asked is None:
        messages.info(request, _("Hồ sơ này không có yêu cầu bổ sung nào đang chờ."))
        return redirect("portal:dossier", code=code)
    items = asked.items or [{"code": "BS", "name": str(_("Giấy tờ bổ sung")), "what": ""}]
    form = SupplementAnswerForm(request.POST or kept_data(request))
    if request.method == "POST" and form.is_valid():
        try:
            uploads = _uploads(request, items)
            actions.answer_supplement(actor_of(request), dossier=found, papers=uploads, note=form.cleaned_data["note"])
        except DomainError as error:
            form.add_error("note" if error.field == "note" else None, str(error.message))
        else:
            messages.success(request, _("Đã gửi phần bổ sung."))
            return redirect("portal:dossier", code=code)
    context = {"dossier": found, "asked": asked, "items": items, "form": form}
    return render(request, "portal/supplement.html", context, status=422 if form.errors else 200)


def _uploads(request: HttpRequest, items: list[dict[str, str]]) -> tuple[actions.PaperIn, ...]:
    papers = []
    for item in items:
        for upload in request.FILES.getlist(f"paper-{item['code']}"):
            file = store(
                upload, name=upload.name or item["name"], owner=actor_of(request).account_id, purpose="dossiers.paper"
            )
            papers.append(actions.PaperIn(code=item["code"], name=item["name"], file_id=file.pk, copies=1))
    return tuple(papers)


class WithdrawForm(forms.Form):
    """Why the person takes the dossier back."""

    reason = TextField(
        label=_("Lý do rút hồ sơ (không bắt buộc)"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@require_http_methods(["GET", "POST"])
@people_only
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Take a dossier back, after asking once."""
    found = own_dossier(request, code)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(actor_of(request), dossier=found, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Đã rút hồ sơ."))
            return redirect("portal:dossier", code=code)
    return render(request, "portal/withdraw.html", {"dossier": found, "form": form})


@require_GET
@people_only
def issued_paper(request: HttpRequest, code: str, paper_id: int) -> HttpResponse:
    """A legal paper of my dossier as PDF (receipt, supplement request, refusal …)."""
    from django.shortcuts import get_object_or_404

    from hienluong.services.dossiers import issuing
    from hienluong.services.dossiers.models import IssuedPaper

    found = own_dossier(request, code)
    paper = get_object_or_404(IssuedPaper.objects.select_related("file", "dossier"), pk=paper_id, dossier=found)
    response = HttpResponse(issuing.pdf_of(paper), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{code}-{paper.kind}.pdf"'
    return response
