"""Filing on our own pages: one thing a page, saved at every step, checked before it is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.capabilities.forms import display, engine, fields, pages, prefill
from hienluong.capabilities.forms.expressions import holds
from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.actions import DomainError, InvalidInput, NotFound
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.charging import lines_for, subject_ref
from hienluong.services.dossiers.competence import competent_for
from hienluong.services.dossiers.models import Channel, Draft
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.spec import Form, Paper, ProcedureSpec

from .guard import account_of, actor_of, kept_data, own_dossier, party_of, people_only


@require_http_methods(["GET", "POST"])
@people_only
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Begin (or go on with) a draft of this service, filled with what the government already knows."""
    actor = actor_of(request)
    version = (
        ProcedureVersion.objects.select_related("procedure")
        .filter(
            procedure__code=code,
            procedure__complete=True,
            state=ProcedureVersion.State.PUBLISHED,
            valid__contains=timezone.localdate(),
        )
        .first()
    )
    if version is None or version.spec.form is None:
        raise NotFound(_("Dịch vụ này chưa nộp được trên mạng."))
    draft = Draft.objects.filter(
        account_id=account_of(request), procedure_version=version, filed_as__isnull=True
    ).first() or Draft(account_id=account_of(request), procedure_version=version)
    if not draft.data:
        party = party_of(request)
        actions.save_draft(actor, draft=draft, data=prefill.prefill(version.spec.form, {"party": _known(party)}))
    first = pages.visible_pages(version.spec.form, draft.data)[0]
    return redirect("portal:draft_page", draft_id=draft.pk, page_id=draft.page or first.id)


def _known(party: Party) -> dict[str, Any]:
    return {
        "name": party.name,
        "identifier": party.identifier,
        "tax_code": party.identifier,
        "date_of_birth": party.date_of_birth.isoformat() if party.date_of_birth else "",
        "address": party.address,
        "phone": party.phone,
        "email": party.email,
        "sex": party.sex,
        "commune": party.commune_code,
    }


def _own_draft(request: HttpRequest, draft_id: UUID) -> tuple[Draft, ProcedureSpec, Form]:
    draft = Draft.objects.select_related("procedure_version__procedure", "organization").filter(pk=draft_id).first()
    if draft is None or draft.account_id != actor_of(request).account_id:
        raise NotFound(_("Không tìm thấy hồ sơ nháp."))
    spec = draft.procedure_version.spec
    assert spec.form is not None
    return draft, spec, spec.form


@require_http_methods(["GET", "POST"])
@people_only
def page(request: HttpRequest, draft_id: UUID, page_id: str) -> HttpResponse:
    """One page of the form. What was typed is kept also when it is wrong."""
    draft, spec, form = _own_draft(request, draft_id)
    if draft.filed_as_id:
        return redirect("portal:dossier", code=draft.filed_as.code)  # type: ignore[union-attr]
    current = pages.page(form, page_id)
    if current is None:
        raise NotFound(_("Không có trang này trong biểu mẫu."))
    kept = kept_data(request) if request.method == "GET" else None
    bound = fields.bind(current, form, draft.data, request.POST if request.method == "POST" else kept)
    if request.method == "POST":
        typed = fields.typed(current, form, request.POST)
        valid = bound.is_valid()
        actions.save_draft(actor_of(request), draft=draft, data=bound.outcome.data if valid else typed, page=page_id)
        if valid:
            following = pages.next_page(form, page_id, draft.data)
            if request.POST.get("sau") == "kiem-tra" and engine.validate(form, draft.data).ok:
                return redirect("portal:check", draft_id=draft.pk)
            if following:
                return redirect("portal:draft_page", draft_id=draft.pk, page_id=following.id)
            return redirect("portal:place", draft_id=draft.pk)
    before = pages.previous_page(form, page_id, draft.data)
    shown = pages.visible_pages(form, draft.data)
    context = {
        "draft": draft,
        "spec": spec,
        "form_page": current,
        "form": bound,
        "previous": before,
        "number": next((n for n, p in enumerate(shown, start=1) if p.id == page_id), 1),
        "total": len(shown) + 3,
        "changing": request.GET.get("sau") == "kiem-tra",
    }
    return render(request, "portal/form_page.html", context, status=422 if request.method == "POST" else 200)


class PlaceForm(forms.Form):
    """Which commune decides, and how the person wants the result."""

    commune = forms.ModelChoiceField(
        label=_("Xã, phường giải quyết"),
        queryset=Organization.objects.none(),
        empty_label=_("Chọn xã, phường"),
        help_text=_("Nơi có thẩm quyền giải quyết. Bạn nộp từ đâu cũng được."),
    )
    delivery = forms.ChoiceField(
        label=_("Bạn muốn nhận kết quả thế nào?"),
        choices=(
            ("online", _("Bản điện tử có chữ ký số, tải ngay tại đây")),
            ("counter", _("Nhận bản giấy tại bộ phận một cửa")),
            ("post", _("Nhận bản giấy qua bưu chính")),
        ),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, spec: ProcedureSpec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if spec.agency.level == "commune":
            communes = Organization.objects.filter(
                kind=Organization.Kind.COMMUNE, valid__contains=timezone.localdate()
            ).order_by("sort_name")
            self.fields["commune"].queryset = communes  # type: ignore[attr-defined]
        else:
            del self.fields["commune"]


@require_http_methods(["GET", "POST"])
@people_only
def place(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Where it is decided, and how the result comes back."""
    draft, spec, form = _own_draft(request, draft_id)
    initial = {"delivery": draft.delivery, "commune": draft.organization_id or _home(request)}
    place_form = PlaceForm(request.POST or kept_data(request), spec=spec, initial=initial)
    if request.method == "POST" and place_form.is_valid():
        chosen = place_form.cleaned_data.get("commune")
        try:
            organization = chosen or competent_for(spec, on=timezone.localdate())
            delivery = place_form.cleaned_data["delivery"]
            actions.save_draft(actor_of(request), draft=draft, organization=organization, delivery=delivery)
        except DomainError as error:
            place_form.add_error(None, str(error.message))
        else:
            return redirect("portal:draft_papers" if _uploads(spec, draft.data) else "portal:check", draft_id=draft.pk)
    last = pages.previous_page(form, "-", draft.data)
    context = {"draft": draft, "spec": spec, "form": place_form, "previous": last}
    return render(request, "portal/place.html", context, status=422 if place_form.errors else 200)


def _home(request: HttpRequest) -> int | None:
    party = party_of(request)
    if not party.commune_code:
        return None
    home = Organization.objects.filter(
        kind=Organization.Kind.COMMUNE, commune_code=party.commune_code, valid__contains=timezone.localdate()
    ).first()
    return home.pk if home else None


def _uploads(spec: ProcedureSpec, data: dict[str, Any]) -> list[Paper]:
    """The papers to upload, given the answers: those from the form, a register or shown in person are not asked for."""
    return [p for p in spec.papers if p.source == "upload" and (not p.when or holds(p.when, data))]


@require_http_methods(["GET", "POST"])
@people_only
def papers(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Photos or PDFs of the papers; each file is checked at once and kept."""
    draft, spec, _form = _own_draft(request, draft_id)
    asked = _uploads(spec, draft.data)
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _keep_uploads(request, draft, asked)
        missing = [p for p in asked if p.required and not draft.papers.get(p.code)]
        if not errors and "them" not in request.POST:
            for paper in missing:
                errors[paper.code] = str(_("Hãy thêm ảnh hoặc tệp “%(name)s”.") % {"name": paper.name})
        if not errors and "them" not in request.POST:
            return redirect("portal:check", draft_id=draft.pk)
    kept = {f.pk: f for f in StoredFile.objects.filter(pk__in=[i for ids in draft.papers.values() for i in ids])}
    rows = [
        {
            "paper": p,
            "error": errors.get(p.code, ""),
            "files": [kept[UUID(i)] for i in draft.papers.get(p.code, []) if UUID(i) in kept],
        }
        for p in asked
    ]
    context = {"draft": draft, "spec": spec, "rows": rows, "has_errors": bool(errors)}
    return render(request, "portal/draft_papers.html", context, status=422 if errors else 200)


def _keep_uploads(request: HttpRequest, draft: Draft, asked: list[Paper]) -> dict[str, str]:
    errors: dict[str, str] = {}
    actor = actor_of(request)
    for paper in asked:
        kept: list[str] = list(draft.papers.get(paper.code, []))
        gone = set(request.POST.getlist(f"bo-{paper.code}"))
        kept = [identifier for identifier in kept if identifier not in gone]
        for upload in request.FILES.getlist(f"paper-{paper.code}")[:10]:
            try:
                file = store(upload, name=upload.name or paper.name, owner=actor.account_id, purpose="dossiers.paper")
                kept.append(str(file.pk))
            except DomainError as error:
                errors[paper.code] = str(error.message)
        if kept != draft.papers.get(paper.code, []):
            actions.save_draft(actor, draft=draft, papers={paper.code: kept})
    return errors


@require_http_methods(["GET", "POST"])
@people_only
def check(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Check your answers, see what it costs, send."""
    draft, spec, form = _own_draft(request, draft_id)
    if draft.filed_as_id:
        return redirect("portal:filed", code=draft.filed_as.code)  # type: ignore[union-attr]
    outcome = engine.validate(form, draft.data)
    faults = [message for found in outcome.errors.values() for message in found]
    asked = _uploads(spec, draft.data)
    faults += [
        str(_("Thiếu “%(name)s”.") % {"name": p.name}) for p in asked if p.required and not draft.papers.get(p.code)
    ]
    if draft.organization is None:
        faults.append(str(_("Chưa chọn nơi giải quyết.")))
    if request.method == "POST" and not faults:
        if request.POST.get("cam-ket") != "1":
            faults.append(str(_("Hãy đánh dấu cam đoan trước khi nộp.")))
        else:
            try:
                dossier = _file(request, draft, spec, outcome.data)
                return redirect("portal:filed", code=dossier.code)
            except DomainError as error:
                faults.append(str(error.message))
    lines = lines_for(spec.charges, "on_filing", outcome.data, Channel.ONLINE) if outcome.ok else []
    kept = StoredFile.objects.filter(pk__in=[i for ids in draft.papers.values() for i in ids])
    context = {
        "draft": draft,
        "spec": spec,
        "answers": display.answers(form, draft.data),
        "papers": [(p, [f for f in kept if str(f.pk) in draft.papers.get(p.code, [])]) for p in asked],
        "lines": lines,
        "total": sum(line["amount"] for line in lines),
        "faults": faults if request.method == "POST" else [],
        "ready": not faults,
        "incomplete": pages.first_incomplete(form, draft.data),
        "delivery": dict(PlaceForm.base_fields["delivery"].choices).get(draft.delivery, ""),  # type: ignore[attr-defined]
    }
    return render(request, "portal/check.html", context, status=422 if context["faults"] else 200)


def _file(request: HttpRequest, draft: Draft, spec: ProcedureSpec, data: dict[str, Any]) -> Any:
    actor = actor_of(request)
    party = party_of(request)
    if draft.organization is None:
        raise InvalidInput(_("Chưa chọn nơi giải quyết."))
    names = {p.code: p.name for p in spec.papers}
    handed_in = tuple(
        actions.PaperIn(code=code, name=names[code], file_id=UUID(identifier), copies=1)
        for code, identifiers in draft.papers.items()
        if code in names
        for identifier in identifiers
    )
    filing = actions.Filing(
        version=draft.procedure_version,
        subject=party,
        filer=party,
        competent=draft.organization,
        channel=Channel.ONLINE,
        data=data,
        papers=handed_in,
        delivery=draft.delivery,
    )
    return actions.file_online(actor, draft=draft, filing=filing)


@require_GET
@people_only
def filed(request: HttpRequest, code: str) -> HttpResponse:
    """It is filed: the code, what happens next, what is to be paid."""
    dossier = own_dossier(request, code)
    due = [charge for charge in charges_of(subject_ref(dossier)) if charge.state == "due"]
    return render(request, "portal/filed.html", {"dossier": dossier, "due": due})


@require_POST
@people_only
def discard(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Throw a draft away, when the person says so."""
    draft, _spec, _form = _own_draft(request, draft_id)
    if draft.filed_as_id is None:
        actions.discard_draft(actor_of(request), draft=draft)
        messages.success(request, _("Đã xóa hồ sơ nháp."))
    return redirect("portal:mine")
