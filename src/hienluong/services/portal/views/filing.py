"""Filing on our own pages: one thing a page, saved at every step, checked before it is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.capabilities.forms import browser, display, engine, fields, file_answers, pages
from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.actions import DomainError, InvalidInput, NotFound
from hienluong.services.dossiers import actions, eligibility, fetching, foreseeing, prefilling, requirements
from hienluong.services.dossiers.charging import NotComputable, lines_for, subject_ref
from hienluong.services.dossiers.competence import competent_for
from hienluong.services.dossiers.models import Channel, Dossier, Draft
from hienluong.services.procedures.spec import ProcedureSpec

from .. import deciding, lacking
from ..forms import PlaceForm
from .drafts import CHECK, PAPERS, PLACE, form_of, look_for_papers, own_draft, step, uploads
from .guard import actor_of, kept_data, own_dossier, party_of, people_only
from .known import told_origin
from .uploads import Asked, keeper, rows, take_in


@require_http_methods(["GET", "POST"])
@own_draft()
def page(request: HttpRequest, draft: Draft, page_id: str) -> HttpResponse:
    """One page of the form. What was typed is kept also when it is wrong."""
    form = form_of(draft)
    current = pages.page(form, page_id)
    if current is None:
        raise NotFound(_("Không có trang này trong biểu mẫu."))
    post = request.POST if request.method == "POST" else kept_data(request)
    refused_files: dict[str, str] = {}
    if request.method == "POST":
        post, refused_files = file_answers.take_in(form, request.POST, request.FILES, keeper(request), current.fields)
    more_rows = request.method == "POST" and fields.asks_for_a_row(request.POST)
    if more_rows:
        assert post is not None
        typed = fields.typed(current, form, post)
        actions.save_draft(actor_of(request), draft=draft, data=typed, page=page_id)
        post = None
    fixed = prefilling.locked(draft)
    bound = fields.bind(current, form, draft.data, post, fixed)
    if request.method == "POST" and not more_rows:
        assert post is not None
        valid = bound.is_valid() and not refused_files
        for name, message in refused_files.items():
            bound.add_error(name if name in bound.fields else None, message)
        answers = bound.outcome.data if valid else fields.typed(current, form, post)
        if valid:  # an answer taken away is taken away also from the draft
            answers = {**dict.fromkeys(set(bound.fields) & set(draft.data), ""), **answers}
        actions.save_draft(actor_of(request), draft=draft, data=answers, page=page_id)
        refused_later = lacking.refused_on(draft, form, current) if valid else {}
        for name, found in refused_later.items():
            for message in found:
                bound.add_error(name if name in bound.fields else None, message)
        if valid and not refused_later:
            look_for_papers(request, draft)
            return _after(request, draft, page_id)
    changing = "kiem-tra" in (request.GET.get("sau"), request.POST.get("sau"))
    if changing and not bound.is_bound:
        bound.tell(lacking.wrong_on(draft, form, current))
    before = pages.previous_page(form, page_id, draft.data)
    live = browser.live(form, current, bound)
    context = {
        "draft": draft,
        "spec": draft.procedure_version.spec,
        "form_page": current,
        "form": bound,
        "live": live,
        "has_files": any(each.field and each.field.field.widget.needs_multipart_form for each in live.questions),
        "questions": [(each, told_origin(draft.origins.get(each.name))) for each in live.questions],
        "previous": before,
        **step(request, draft, page_id),
        "refused": _refused_already(draft),
        "changing": changing,
    }
    refused = request.method == "POST" and not more_rows
    return render(request, "portal/form_page.html", context, status=422 if refused else 200)


def _refused_already(draft: Draft) -> eligibility.Verdict | None:
    """That the answers so far do not fulfil the conditions: told before somebody answers all the rest."""
    if draft.subject is None:
        return None
    spec = draft.procedure_version.spec
    return eligibility.early(spec, draft.data, channel=Channel.ONLINE, applicant=draft.subject.kind)


def _after(request: HttpRequest, draft: Draft, page_id: str) -> HttpResponse:
    form = form_of(draft)
    if request.POST.get("sau") == "kiem-tra" and engine.validate(form, draft.data).ok:
        return redirect("portal:check", draft_id=draft.pk)
    following = pages.next_page(form, page_id, draft.data)
    if following:
        return redirect("portal:draft_page", draft_id=draft.pk, page_id=following.id)
    return redirect("portal:place", draft_id=draft.pk)


@require_http_methods(["GET", "POST"])
@own_draft()
def place(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Where it is decided, and how the result comes back."""
    spec = draft.procedure_version.spec
    near = deciding.proposed(draft, party_of(request))
    commune = request.GET.get("commune") or draft.organization_id or (near.organization and near.organization.pk)
    initial = {"delivery": draft.delivery, "commune": commune}
    place_form = PlaceForm(request.POST or kept_data(request), spec=spec, initial=initial)
    if request.method == "POST" and place_form.is_valid():
        chosen = place_form.cleaned_data.get("commune") or place_form.only
        try:
            organization = chosen or competent_for(spec, on=timezone.localdate())
            delivery = place_form.cleaned_data["delivery"]
            actions.save_draft(actor_of(request), draft=draft, organization=organization, delivery=delivery)
            look_for_papers(request, draft)
        except DomainError as error:
            place_form.add_error(None, str(error.message))
        else:
            if prefilling.questions(draft):
                return redirect("portal:choose_record", draft_id=draft.pk)
            return redirect("portal:draft_papers" if uploads(request, draft) else "portal:check", draft_id=draft.pk)
    context = {
        "draft": draft,
        "spec": spec,
        "form": place_form,
        "agency": _agency(place_form, spec, near),
        "previous": pages.previous_page(form_of(draft), "-", draft.data),
        **step(request, draft, PLACE),
    }
    return render(request, "portal/place.html", context, status=422 if place_form.errors else 200)


def _agency(form: PlaceForm, spec: ProcedureSpec, near: deciding.Proposed) -> deciding.Agency | None:
    """The agency that the page shows: the one chosen or proposed, else the one there is."""
    if "commune" not in form.fields:
        only = form.only or deciding.settled(spec)
        return deciding.shown(only, deciding.why_settled(only)) if only else None
    chosen = form.commune_shown()
    if chosen is None:
        return None
    return deciding.shown(chosen, near.why if chosen == near.organization else str(_("Theo lựa chọn của bạn.")))


@require_http_methods(["GET", "POST"])
@own_draft()
def papers(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Photos or PDFs of the papers; each file is checked at once and kept."""
    asked = [Asked(p.code, p.name, p.note, p.required) for p in uploads(request, draft)]
    errors: dict[str, str] = {}
    if request.method == "GET":
        kept_data(request)  # files cannot be kept over the end of a session: the message names them
    else:
        kept, errors = take_in(request, asked, draft.papers)
        if any(files != draft.papers.get(code, []) for code, files in kept.items()):
            actions.save_draft(actor_of(request), draft=draft, papers=kept)
        if not errors and "them" not in request.POST:
            errors = {
                p.code: str(_("Hãy thêm ảnh hoặc tệp “%(name)s”.") % {"name": p.name})
                for p in asked
                if p.required and not draft.papers.get(p.code)
            }
            if not errors:
                return redirect("portal:check", draft_id=draft.pk)
    context = {
        "draft": draft,
        "spec": draft.procedure_version.spec,
        "rows": rows(asked, draft.papers, errors),
        "fetched": fetching.told(draft.procedure_version.spec, draft.found),
        "has_errors": bool(errors),
        **step(request, draft, PAPERS),
    }
    return render(request, "portal/draft_papers.html", context, status=422 if errors else 200)


@require_http_methods(["GET", "POST"])
@own_draft()
def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Check your answers, see what it costs, send."""
    spec, form = draft.procedure_version.spec, form_of(draft)
    outcome = engine.validate(form, draft.data)
    asked = uploads(request, draft)
    foreseen = foreseeing.refused(draft.procedure_version, outcome.data) if outcome.ok else {}
    faults = lacking.faults(draft, form, outcome.errors or foreseen, asked)
    may = _may(draft, outcome.data) if outcome.ok else None
    if may and may.eligible is False and request.method == "POST":
        faults.append(lacking.Fault(may.words))
    if request.method == "GET":
        kept_data(request)
    elif not faults:
        if request.POST.get("cam-ket") != "1":
            faults.append(lacking.Fault(str(_("Hãy đánh dấu cam đoan trước khi nộp.")), "#cam-ket"))
        else:
            try:
                return redirect("portal:filed", code=_file(request, draft, outcome.data).code)
            except requirements.VersionOutdated:
                return redirect("portal:carry_over", draft_id=draft.pk)
            except DomainError as error:
                faults.append(lacking.Fault(str(error.message)))
    lines: list[dict[str, Any]] = []
    try:
        lines = lines_for(spec.charges, "on_filing", outcome.data, Channel.ONLINE) if outcome.ok else []
    except NotComputable as error:
        faults = list(dict.fromkeys((*faults, lacking.Fault(str(error.message)))))
    shown = rows([Asked(p.code, p.name) for p in asked], draft.papers, {})
    context = {
        "draft": draft,
        "spec": spec,
        "filer": party_of(request),
        "answers": [
            (each, lacking.question_address(draft, each.page, each.field)) for each in display.answers(form, draft.data)
        ],
        "papers": shown,
        "fetched": [(p, words) for p, words in fetching.told(spec, draft.found) if not draft.papers.get(p.code)],
        "lines": lines,
        "may": may,
        "total": sum(line["amount"] for line in lines),
        "faults": faults,
        "delivery": PlaceForm.delivery_words(draft.delivery),
        **step(request, draft, CHECK),
    }
    return render(request, "portal/check.html", context, status=422 if request.method == "POST" else 200)


def _may(draft: Draft, answers: dict[str, Any]) -> eligibility.Verdict | None:
    """What the procedure's conditions say of these answers today: the action asks the same when it files."""
    if draft.subject is None:
        return None
    spec, today = draft.procedure_version.spec, timezone.localdate()
    return eligibility.verdict(spec, answers, channel=Channel.ONLINE, applicant=draft.subject.kind, day=today)


def _file(request: HttpRequest, draft: Draft, data: dict[str, Any]) -> Dossier:
    if draft.organization is None or draft.subject is None:
        raise InvalidInput(_("Hồ sơ chưa điền xong."))
    names = {p.code: p.name for p in uploads(request, draft)}
    handed_in = tuple(
        actions.PaperIn(code=code, name=names[code], file_id=UUID(identifier), copies=1)
        for code, identifiers in draft.papers.items()
        if code in names
        for identifier in identifiers
    )
    filing = actions.Filing(
        version=draft.procedure_version,
        subject=draft.subject,
        filer=party_of(request),
        relation=draft.relation,
        competent=draft.organization,
        channel=Channel.ONLINE,
        data=data,
        papers=handed_in,
        delivery=draft.delivery,
    )
    return actions.file_online(actor_of(request), draft=draft, filing=filing)


@require_GET
@people_only
def filed(request: HttpRequest, code: str) -> HttpResponse:
    """It is filed: the code, what happens next, what is to be paid."""
    dossier = own_dossier(request, code)
    due = [charge for charge in charges_of(subject_ref(dossier)) if charge.state == "due"]
    return render(request, "portal/filed.html", {"dossier": dossier, "due": due, "may": eligibility.of(dossier)})


@require_POST
@own_draft(anyhow=True)
def discard(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Throw a draft away, when the person says so."""
    actions.discard_draft(actor_of(request), draft=draft)
    messages.success(request, _("Đã xóa hồ sơ nháp."))
    return redirect("portal:mine")
