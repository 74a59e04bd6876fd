"""Filing at the counter or from the post: the clerk types for a person who is there, never as that person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.capabilities.forms import fields, file_answers, pages
from hienluong.foundation.actions import DomainError, InvalidInput, NotFound
from hienluong.foundation.files import store
from hienluong.foundation.files.checks import clean_name
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity import kept
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas.cleaning import storable
from hienluong.services.dossiers import actions, requirements
from hienluong.services.dossiers.competence import competent_for
from hienluong.services.dossiers.models import CounterDraft, Dossier
from hienluong.services.procedures.models import Procedure, ProcedureVersion
from hienluong.services.procedures.spec import Form, FormPage, Paper, ProcedureSpec
from hienluong.ui import asked

from ..counter_forms import SAME, HandlingForm, PartiesForm
from .guard import account_of, actor_of, officials_only

Sheet = tuple[FormPage, fields.PageForm]


@require_GET
@officials_only
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the procedure, or go on with a sheet that was left."""
    text = asked.text(request, "q", 200)
    kept.take(request, shown=False)
    found = (
        Procedure.objects.filter(state=Procedure.State.PUBLISHED, complete=True)
        .select_related("field")
        .order_by("sort_name")
    )
    if text:
        found = found.filter(name__icontains=text)
    context = {"procedures": found[:60], "text": text, "begun": _begun(request)}
    return render(request, "workplace/choose.html", context)


def _begun(request: HttpRequest, procedure: str = "") -> list[CounterDraft]:
    own = CounterDraft.objects.filter(account_id=account_of(request), filed_as__isnull=True)
    if procedure:
        own = own.filter(procedure__code=procedure)
    return list(own.select_related("procedure").order_by("-updated_at")[:20])


@require_http_methods(["GET", "POST"])
@officials_only
def file(request: HttpRequest, procedure: str) -> HttpResponse:
    """A new sheet: type in the form for the person, tick the papers presented, file."""
    typed = _tidy(request.POST)
    if request.method == "POST":
        return _answer(request, procedure, _draft_id(typed.get("nhap", "")), typed)
    found = kept.take(request)
    restored = _tidy(found.data) if found else None
    draft_id = _draft_id(restored.get("nhap", "")) if restored is not None else uuid4()
    return _page(request, _Desk.of(request, procedure, draft_id), restored)


@require_http_methods(["GET", "POST"])
@officials_only
def go_on(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """A sheet that was left: everything typed is there again."""
    own = CounterDraft.objects.select_related("procedure", "filed_as").filter(account_id=account_of(request))
    draft = own.filter(pk=draft_id).first()
    if draft is None:
        raise NotFound(_("Không tìm thấy bản đang lập."))
    if draft.filed_as:
        return redirect("workplace:dossier", code=draft.filed_as.code)
    if request.method == "POST":
        return _answer(request, draft.procedure.code, draft_id, _tidy(request.POST))
    found = kept.take(request)
    typed = _tidy(found.data) if found else _as_post(draft.typed)
    return _page(request, _Desk.of(request, draft.procedure.code, draft_id), typed)


@require_POST
@officials_only
def keep(request: HttpRequest, procedure: str) -> HttpResponse:
    """Keep the sheet while it is typed; the page stays as it is."""
    typed = _tidy(request.POST)
    _keep(request, get_object_or_404(Procedure, code=procedure), _draft_id(typed.get("nhap", "")), typed)
    return HttpResponse(status=204)


@require_POST
@officials_only
def discard(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Throw a sheet away, when the clerk says so."""
    actions.discard_counter_draft(actor_of(request), draft_id=draft_id)
    messages.success(request, _("Đã bỏ bản đang lập."))
    return redirect("workplace:file")


@dataclass(frozen=True)
class _Desk:
    """What a sheet stands on: the procedure in force, the clerk's counter, the id of the sheet."""

    version: ProcedureVersion
    counter: Organization
    draft_id: UUID

    @property
    def spec(self) -> ProcedureSpec:
        return self.version.spec

    @classmethod
    def of(cls, request: HttpRequest, procedure: str, draft_id: UUID) -> _Desk:
        version = requirements.version_in_force(procedure, timezone.localdate())
        paths = actor_of(request).paths_with("dossiers.file_at_counter")
        counter = Organization.objects.filter(path__in=paths).order_by("pk").first()
        if version is None or counter is None:
            raise InvalidInput(_("Không lập được hồ sơ cho thủ tục này tại quầy của bạn."))
        return cls(version, counter, draft_id)


def _answer(request: HttpRequest, procedure: str, draft_id: UUID, typed: QueryDict) -> HttpResponse:
    """File what was posted; when that cannot be, keep it as it was typed."""
    desk = _Desk.of(request, procedure, draft_id)
    if "luu" in typed:
        if filed := _filed_as(request, draft_id):
            return redirect("workplace:dossier", code=filed.code)
        _keep(request, desk.version.procedure, draft_id, typed)
        messages.success(request, _("Đã lưu. Bạn có thể mở lại ở trang Lập hồ sơ."))
        return redirect("workplace:file_draft", draft_id=draft_id)
    if fields.asks_for_a_row(typed):
        _keep(request, desk.version.procedure, draft_id, typed)
        return _page(request, desk, typed)
    typed, refused = _with_files(request, desk.spec.form, typed)
    parties, handling = _forms(desk, typed, None)
    sheets = _sheets(desk.spec.form, _given(desk.spec.form, typed), typed)
    filled = [form.is_valid() for form in (parties, handling, *(sheet for _page, sheet in sheets))]
    for name, message in refused.items():
        sheet = next((sheet for _page, sheet in sheets if name in sheet.fields), None)
        if sheet:
            sheet.add_error(name, message)
            filled.append(False)
    if all(filled):
        try:
            return redirect("workplace:dossier", code=_file(request, desk, parties, handling, sheets, typed).code)
        except DomainError as error:
            field = error.field if error.field in parties.fields else None
            parties.add_error(field, str(error.message))
        except Exception:
            _keep(request, desk.version.procedure, draft_id, typed)  # whatever broke, nothing typed is lost
            raise
    if filed := _filed_as(request, draft_id):
        return redirect("workplace:dossier", code=filed.code)
    _keep(request, desk.version.procedure, draft_id, typed)
    return _render(request, desk, parties, handling, sheets, typed, status=422)


def _filed_as(request: HttpRequest, draft_id: UUID) -> Dossier | None:
    """What became of this sheet, when a button is pressed on a page from before it was filed."""
    own = Dossier.objects.filter(counter_draft__pk=draft_id, counter_draft__account_id=account_of(request))
    return own.first()


def _page(request: HttpRequest, desk: _Desk, typed: QueryDict | None) -> HttpResponse:
    """The sheet with what was typed so far, if anything was."""
    parties, handling = _forms(desk, None, typed)
    sheets = _sheets(desk.spec.form, _given(desk.spec.form, typed), None)
    return _render(request, desk, parties, handling, sheets, typed)


def _render(
    request: HttpRequest,
    desk: _Desk,
    parties: PartiesForm,
    handling: HandlingForm,
    sheets: list[Sheet],
    typed: QueryDict | None,
    status: int = 200,
) -> HttpResponse:
    ticked = typed or QueryDict()
    context = {
        "spec": desk.spec,
        "counter": desk.counter,
        "draft_id": desk.draft_id,
        "parties": parties,
        "handling": handling,
        "sheets": sheets,
        "faulty": [parties, handling, *(sheet for _page, sheet in sheets)],
        "papers": [(paper, f"paper-{paper.code}" in ticked) for paper in _papers(desk.spec)],
        "begun": [d for d in _begun(request, desk.spec.code) if d.pk != desk.draft_id],
        "typed_before": typed is not None,
    }
    return render(request, "workplace/file.html", context, status=status)


def _papers(spec: ProcedureSpec) -> list[Paper]:
    return [*spec.papers, requirements.authority_paper()]


def _forms(desk: _Desk, post: QueryDict | None, typed: QueryDict | None) -> tuple[PartiesForm, HandlingForm]:
    initial = {name.removeprefix("p-"): typed[name] for name in typed} if typed else {}
    parties = PartiesForm(post, spec=desk.spec, prefix="p", initial=initial)
    return parties, HandlingForm(post, on=timezone.localdate(), prefix="p", initial=initial)


def _given(form: Form | None, typed: QueryDict | None) -> dict[str, Any]:
    """The answers typed on all pages of the e-form."""
    given: dict[str, Any] = {}
    for page in form.pages if form and typed is not None else ():
        given |= fields.typed(page, form, typed)  # type: ignore[arg-type]
    return given


def _sheets(form: Form | None, given: Mapping[str, Any], post: QueryDict | None) -> list[Sheet]:
    """Every page of the e-form on one sheet, as far as the answers so far ask for it."""
    if form is None:
        return []
    shown = pages.visible_pages(form, given)
    return [(page, fields.bind(page, form, given, post)) for page in form.pages if page in shown]


def _file(
    request: HttpRequest,
    desk: _Desk,
    parties: PartiesForm,
    handling: HandlingForm,
    sheets: list[Sheet],
    typed: QueryDict,
) -> Dossier:
    data = parties.cleaned_data
    same = data["by"] == SAME
    commune = handling.cleaned_data["commune"]
    answers: dict[str, Any] = {}
    for _page, sheet in sheets:
        answers |= sheet.outcome.data
    competent = competent_for(desk.spec, on=timezone.localdate(), commune_code=commune.commune_code if commune else "")

    def filing(subject: Party, filer: Party) -> actions.Filing:
        return actions.Filing(
            version=desk.version,
            subject=subject,
            filer=filer,
            relation="" if same else data["relation"],
            competent=competent,
            channel=data["channel"],
            data=answers,
            papers=tuple(
                actions.PaperIn(code=paper.code, name=paper.name, originals=paper.originals, copies=paper.copies)
                for paper in _papers(desk.spec)
                if f"paper-{paper.code}" in typed
            ),
            delivery=handling.cleaned_data["delivery"],
            received_at_org=desk.counter,
            helped_at=desk.counter,
        )

    return actions.file_for_people(
        actor_of(request),
        filing=filing,
        subject=_person(data, kind=data["kind"], address=data["address"]),
        filer=None if same else _person(data, "filer_"),
        draft_id=desk.draft_id,
    )


def _person(
    data: Mapping[str, Any], box: str = "", *, kind: str = Party.Kind.CITIZEN, address: str = ""
) -> actions.PersonIn:
    return actions.PersonIn(
        name=data[f"{box}name"],
        identifier=data[f"{box}identifier"],
        kind=kind,
        phone=data[f"{box}phone"],
        address=address,
        box=box,
    )


def _keep(request: HttpRequest, procedure: Procedure, draft_id: UUID, typed: QueryDict) -> None:
    boxes = {name: typed.getlist(name) for name in typed if name != "luu"}
    actions.keep_counter_draft(
        actor_of(request), draft_id=draft_id, procedure=procedure, typed=boxes, label=typed.get("p-name", "")
    )


def _with_files(request: HttpRequest, form: Form | None, typed: QueryDict) -> tuple[QueryDict, dict[str, str]]:
    """The sheet with the files that the clerk chose for its questions, kept; and what is wrong with them."""
    if form is None:
        return typed, {}
    owner = account_of(request)

    def keep(upload: Any, label: str) -> StoredFile:
        return store(upload, name=clean_name(upload.name or label), owner=owner, purpose=requirements.PAPER_PURPOSE)

    return file_answers.take_in(form, typed, request.FILES, keep)


def _tidy(post: QueryDict) -> QueryDict:
    """What was posted, as it can be kept."""
    boxes = {name: [storable(text) for text in texts] for name, texts in post.lists() if "csrf" not in name}
    return _as_post(boxes)


def _as_post(boxes: Mapping[str, list[str]]) -> QueryDict:
    post = QueryDict(mutable=True)
    for name, texts in boxes.items():
        post.setlist(storable(name), texts)
    return post


def _draft_id(text: str) -> UUID:
    """The id of a sheet as the page sent it; a new one when that is none."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
