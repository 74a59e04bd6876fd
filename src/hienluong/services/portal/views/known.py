"""What registers gave: which record is meant, where an answer came from, and saying that it is not right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.forms import browser, fields
from hienluong.foundation.actions import DomainError, InvalidInput, NotFound
from hienluong.foundation.files import store
from hienluong.foundation.files.checks import clean_name
from hienluong.foundation.identity.limits import too_many
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.corrections import evidence
from hienluong.services.dossiers import actions, prefilling
from hienluong.services.dossiers.models import Draft
from hienluong.ui import dates
from hienluong.ui.widgets import TextField

from .begin import go_on
from .drafts import form_of, look_for_papers, own_draft
from .guard import actor_of, kept_data

NONE = "0"


@dataclass(frozen=True)
class ToldOrigin:
    """Where an answer came from, in words."""

    title: str
    day: str
    contested: str = ""


def told_origin(origin: Mapping[str, Any] | None) -> ToldOrigin | None:
    """The origin of an answer as the page says it; None for what the person typed."""
    if not origin:
        return None
    day = dates.short(timezone.localdate(datetime.fromisoformat(str(origin["since"]))))
    return ToldOrigin(str(origin["title"]), day, str(origin.get("contested", "")))


class RecordForm(forms.Form):
    """One question for each register that has several records of the person."""

    use_required_attribute = False

    def __init__(self, data: Any, questions: list[prefilling.Question]) -> None:
        super().__init__(data)
        for number, question in enumerate(questions):
            choices = [(str(record), called) for record, called in question.options]
            self.fields[f"ban-ghi-{number}"] = forms.ChoiceField(
                label=_("%(title)s: đơn này về mục nào?") % {"title": question.title},
                choices=[*choices, (NONE, _("Không phải mục nào ở đây, tôi tự điền"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("Hãy chọn một mục.")},
            )


@require_http_methods(["GET", "POST"])
@own_draft()
def choose(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Which of one's records the dossier is about; the answer fills the form."""
    questions = prefilling.questions(draft)
    if not questions:
        return go_on(request, draft)
    form = RecordForm(request.POST or kept_data(request), questions)
    if request.method == "POST" and form.is_valid():
        try:
            for number, question in enumerate(questions):
                chosen = int(form.cleaned_data[f"ban-ghi-{number}"])
                actions.choose_record(actor_of(request), draft=draft, register=question.register, record=chosen)
        except DomainError as error:
            form.add_error(None, str(error.message))
        else:
            look_for_papers(request, draft)
            return go_on(request, draft)
    context = {"draft": draft, "spec": draft.procedure_version.spec, "form": form}
    return render(request, "portal/choose_record.html", context, status=422 if form.errors else 200)


class ContestForm(forms.Form):
    """What is wrong, and what shows it; the right value is asked for by the question of the form itself."""

    use_required_attribute = False
    wrong = TextField(label=gettext_lazy("Chưa đúng chỗ nào?"), max_length=1000, widget=forms.Textarea({"rows": 4}))
    evidence = forms.FileField(
        label=gettext_lazy("Tệp chứng minh"),
        help_text=gettext_lazy("Ảnh JPEG, PNG hoặc tệp PDF, tối đa 25 MB."),
        required=False,
        error_messages={"empty": gettext_lazy("Tệp rỗng.")},
    )


@require_http_methods(["GET", "POST"])
@own_draft()
def contest(request: HttpRequest, draft: Draft, field: str) -> HttpResponse:
    """Say that what a register gave is not right: opens a request to correct it, and the form goes on with the right value."""
    form, origin = form_of(draft), draft.origins.get(field)
    page = next((page for page in form.pages if field in page.fields), None)
    if origin is None or page is None or origin.get("contested"):
        raise NotFound(_("Mục này không lấy từ cơ sở dữ liệu nào, hoặc bạn đã yêu cầu đính chính."))
    post = request.POST if request.method == "POST" else kept_data(request)
    about = ContestForm(post, request.FILES or None)
    one = _Only(page, field)
    answer = fields.bind(one, form, draft.data, post) if post is not None else fields.bind(one, form, draft.data)
    right = browser.live(form, one, answer).questions
    if request.method == "POST" and about.is_valid() & answer.is_valid():
        actor = actor_of(request)
        try:
            if too_many("contest", str(actor.account_id), limit=20, seconds=3600):
                raise InvalidInput(_("Bạn đã thử quá nhiều lần. Xin thử lại sau một giờ."))
            made = actions.contest(
                actor,
                draft=draft,
                field=field,
                wrong=about.cleaned_data["wrong"],
                right=answer.outcome.data.get(field),
                evidence=_kept(request, about.cleaned_data.get("evidence")),
            )
        except DomainError as error:
            if error.status in (403, 404):
                raise
            place = {"right": (answer, field)}.get(error.field or "", (about, error.field))
            place[0].add_error(place[1] if place[1] in place[0].fields else None, str(error.message))
        else:
            messages.success(
                request, _("Đã gửi yêu cầu đính chính %(code)s. Bạn làm tiếp hồ sơ.") % {"code": made.code}
            )
            return redirect("portal:draft_page", draft_id=draft.pk, page_id=page.id)
    prop = properties(form.data_schema)[field]
    context = {
        "draft": draft,
        "spec": draft.procedure_version.spec,
        "back": page,
        "label": label_of(field, prop),
        "said": show(origin.get("value"), prop),
        "origin": told_origin(origin),
        "answer": answer,
        "right": [question for question in right if question.name == field],
        "form": about,
    }
    return render(request, "portal/contest.html", context, status=422 if about.errors or answer.errors else 200)


class _Only:
    """A page of a form with one of its questions."""

    def __init__(self, page: Any, field: str) -> None:
        self.id, self.title, self.help, self.when = page.id, page.title, page.help, page.when
        self.fields = [field]


def _kept(request: HttpRequest, upload: Any) -> UUID | None:
    if not upload:
        return None
    owner, name = actor_of(request).account_id, clean_name(upload.name or "")
    try:
        return store(upload, name=name, owner=owner, purpose=evidence.PURPOSE).pk
    except DomainError as error:
        raise InvalidInput(str(error.message), field="evidence") from error
