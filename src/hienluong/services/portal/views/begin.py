"""Beginning: for whom the dossier is, and going on under a version that came into force meanwhile."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.capabilities.forms import pages
from hienluong.foundation.actions import DomainError, NotFound
from hienluong.foundation.identity.limits import too_many
from hienluong.services.dossiers import actions, prefilling, requirements
from hienluong.services.dossiers.carrying import changes
from hienluong.services.dossiers.competence import why_not_online
from hienluong.services.dossiers.models import Draft
from hienluong.services.procedures import queries

from .. import lacking
from ..forms import OTHER, RepresentedForm, WhomForm, chosen_whom, whom_of
from .drafts import form_of, in_force, own_draft, uploads
from .guard import account_of, actor_of, kept_data, party_of, people_only


@require_http_methods(["GET", "POST"])
@people_only
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for whom it is; the answer begins a draft (looking at the page writes nothing)."""
    procedure = queries.procedure(code)
    version = requirements.version_in_force(procedure.code, timezone.localdate())
    if version is None or version.spec.form is None or not procedure.complete:
        raise NotFound(_("Dịch vụ này chưa nộp được trên mạng."))
    acting_for = getattr(request, "acting_for", None)
    initial = {"whom": whom_of(acting_for.party_id)} if acting_for else {}
    data = request.POST or kept_data(request)
    form = WhomForm(data, party=party_of(request), spec=version.spec, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            draft = actions.start_draft(actor_of(request), version=version, subject=form.subject)
        except DomainError as error:
            form.add_error("whom", str(error.message))
        else:
            return go_on(request, draft)
    context = {
        "form": form,
        "spec": version.spec,
        "closed": why_not_online(timezone.localdate()),
        "drafts": Draft.objects.filter(
            account_id=account_of(request), procedure_version__procedure=procedure, filed_as__isnull=True
        )
        .select_related("subject")
        .order_by("-updated_at")[:10],
    }
    return render(request, "portal/whom.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@own_draft(anyhow=True)
def whom(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Change for whom a draft is."""
    party, spec = party_of(request), draft.procedure_version.spec
    initial = {"whom": chosen_whom(party, draft.subject)}
    form = WhomForm(request.POST or kept_data(request), party=party, spec=spec, initial=initial)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["whom"] == OTHER:
            return redirect("portal:represented", draft_id=draft.pk)
        try:
            assert form.subject is not None
            actions.choose_subject(actor_of(request), draft=draft, subject=form.subject)
        except DomainError as error:
            form.add_error("whom", str(error.message))
        else:
            return go_on(request, draft)
    context = {"form": form, "spec": spec, "draft": draft}
    return render(request, "portal/whom.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@own_draft(anyhow=True)
def represented(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Name the person one files for."""
    actor = actor_of(request)
    known = draft.subject if requirements.needs_authority(actor, draft.subject) else None
    initial = {"name": known.name, "identifier": known.identifier, "relation": draft.relation} if known else {}
    form = RepresentedForm(request.POST or kept_data(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        if too_many("represented", str(actor.account_id), limit=20, seconds=3600):
            form.add_error(None, _("Bạn đã thử quá nhiều lần. Xin thử lại sau một giờ."))
        else:
            try:
                actions.name_subject(actor, draft=draft, **form.cleaned_data)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
            else:
                return go_on(request, draft)
    context = {"form": form, "spec": draft.procedure_version.spec, "draft": draft}
    return render(request, "portal/represented.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@own_draft(anyhow=True)
def carry_over(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The rules changed since the draft was begun: what is different, then go on under the new version."""
    procedure = draft.procedure_version.procedure
    current = requirements.version_in_force(procedure.code, timezone.localdate())
    if request.method == "POST" and current is not None:
        actions.carry_draft_over(actor_of(request), draft=draft)
        return go_on(request, draft)
    if current is not None and in_force(draft):
        return go_on(request, draft)
    context = {
        "draft": draft,
        "current": current,
        "spec": current.spec if current else draft.procedure_version.spec,
        "changes": changes(draft.procedure_version.spec, current.spec, draft.data) if current else None,
    }
    return render(request, "portal/carry_over.html", context)


def go_on(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The page where a draft goes on: who is represented, then the first thing missing, else the check."""
    if draft.subject_id is None:
        return redirect("portal:represented", draft_id=draft.pk)
    if prefilling.questions(draft):
        return redirect("portal:choose_record", draft_id=draft.pk)
    form = form_of(draft)
    shown = pages.visible_pages(form, draft.data)
    place = draft.page if any(page.id == draft.page for page in shown) else ""
    if not place and draft.organization_id is None:
        return redirect("portal:draft_page", draft_id=draft.pk, page_id=shown[0].id)
    missing = pages.first_incomplete(form, draft.data)
    if missing:
        return redirect("portal:draft_page", draft_id=draft.pk, page_id=missing.id)
    if draft.organization_id is None:
        return redirect("portal:place", draft_id=draft.pk)
    without = lacking.missing_papers(draft, uploads(request, draft))
    return redirect("portal:draft_papers" if without else "portal:check", draft_id=draft.pk)


@require_GET
@own_draft()
def resume(request: HttpRequest, draft: Draft) -> HttpResponse:
    """A draft opens where it still lacks something."""
    return go_on(request, draft)
