"""The person's own dossiers, papers and drafts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.actions import DomainError
from hienluong.foundation.files.models import StoredFile
from hienluong.services.dossiers import access, actions, enquiring, requirements
from hienluong.services.dossiers.charging import subject_ref
from hienluong.services.dossiers.models import Draft, Result, State
from hienluong.services.dossiers.opening import may_take_result
from hienluong.services.dossiers.presentation import data_rows, next_words, timeline
from hienluong.services.dossiers.queries import with_long_term_copy

from ..forms import SupplementAnswerForm, WithdrawForm
from .guard import account_of, actor_of, kept_data, own_dossier, people_only
from .uploads import Asked, rows, take_in


@require_GET
@people_only
def mine(request: HttpRequest) -> HttpResponse:
    """My dossiers, what needs me first, and my drafts."""
    actor = actor_of(request)
    own = access.own_dossiers(actor).select_related("received_at_org")
    if acting_for := getattr(request, "acting_for", None):
        own = own.filter(subject_id=acting_for.party_id)
    context = {
        "todo": own.filter(state__in=(State.SUPPLEMENT, State.AWAITING_PAYMENT))[:20],
        "page": Paginator(own, 20).get_page(request.GET.get("page")),
        "drafts": Draft.objects.filter(account_id=account_of(request), filed_as__isnull=True)
        .select_related("procedure_version__procedure", "subject")
        .order_by("-updated_at")[:20],
    }
    return render(request, "portal/mine.html", context)


@require_GET
@people_only
def papers(request: HttpRequest) -> HttpResponse:
    """The signed results I have been given."""
    own = access.own_dossiers(actor_of(request)).filter(returned_at__isnull=False)
    results = Result.objects.filter(dossier__in=own, state__in=(Result.State.SIGNED, Result.State.REVOKED))
    rows = with_long_term_copy(results.select_related("dossier", "dossier__competent").order_by("-signed_at"))
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
        "waits": enquiring.told_to_person(enquiring.looks_of(found), own=True) if found.is_open else [],
        "post_orders": found.post_orders.order_by("-pk") if found.delivery == "post" else (),
        "moments": timeline(found, named=False),
        "rows": data_rows(found),
        "papers": found.papers.filter(replaced_by__isnull=True).select_related("file"),
        "charges": charges_of(subject_ref(found)),
        "supplement": found.supplements.filter(answered_at__isnull=True).first(),
        "issued": found.issued_papers.order_by("issued_at"),
        "results": with_long_term_copy(found.results.filter(state__in=shown).select_related("file")),
        "can_take": may_take_result(found),
        "can_withdraw": found.is_open,
    }


@require_http_methods(["GET", "POST"])
@people_only
def supplement(request: HttpRequest, code: str) -> HttpResponse:
    """Answer a supplement request: upload the papers, say what was mended."""
    found = own_dossier(request, code)
    asked = found.supplements.filter(answered_at__isnull=True).first()
    if asked is None:
        messages.info(request, _("Hồ sơ này không có yêu cầu bổ sung nào đang chờ."))
        return redirect("portal:dossier", code=code)
    items = [Asked(item["code"], item["name"], item.get("what", "")) for item in asked.items]
    items = items or [Asked("BS", str(_("Giấy tờ bổ sung")))]
    # Good files stay with the session until the answer is sent, also when another one is bad.
    held_as = f"bo-sung:{code}"
    held: dict[str, list[str]] = request.session.get(held_as, {})
    errors: dict[str, str] = {}
    form = SupplementAnswerForm(request.POST or kept_data(request))
    if request.method == "POST":
        held, errors = take_in(request, items, held)
        request.session[held_as] = held
    if request.method == "POST" and form.is_valid() and not errors and "them" not in request.POST:
        try:
            papers = _handed_in(request, items, held)
            actions.answer_supplement(actor_of(request), dossier=found, papers=papers, note=form.cleaned_data["note"])
        except DomainError as error:
            form.add_error("note" if error.field == "note" else None, str(error.message))
        else:
            del request.session[held_as]
            messages.success(request, _("Đã gửi phần bổ sung."))
            return redirect("portal:dossier", code=code)
    context = {"dossier": found, "asked": asked, "rows": rows(items, held, errors), "form": form, "errors": errors}
    return render(request, "portal/supplement.html", context, status=422 if form.errors or errors else 200)


def _handed_in(request: HttpRequest, items: list[Asked], held: dict[str, list[str]]) -> tuple[actions.PaperIn, ...]:
    """The files that are the person's own, as papers."""
    wanted = [identifier for files in held.values() for identifier in files]
    own = StoredFile.objects.filter(
        pk__in=wanted, owner_id=actor_of(request).account_id, purpose=requirements.PAPER_PURPOSE
    )
    known = {str(file.pk): file.pk for file in own}
    return tuple(
        actions.PaperIn(code=item.code, name=item.name, file_id=known[identifier], copies=1)
        for item in items
        for identifier in held.get(item.code, ())
        if identifier in known
    )


@require_http_methods(["GET", "POST"])
@people_only
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Take a dossier back, after asking once."""
    found = own_dossier(request, code)
    form = WithdrawForm(request.POST or kept_data(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(actor_of(request), dossier=found, reason=form.cleaned_data["reason"])
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Đã rút hồ sơ."))
            return redirect("portal:dossier", code=code)
    return render(request, "portal/withdraw.html", {"dossier": found, "form": form}, status=422 if form.errors else 200)


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
