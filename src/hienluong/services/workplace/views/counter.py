"""Filing at the counter or from the post: the clerk types for a person who is there, never as that person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.capabilities.forms import fields, pages
from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.actions import find_or_register
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.competence import competent_for
from hienluong.services.dossiers.models import Channel, Dossier
from hienluong.services.procedures.models import Procedure, ProcedureVersion
from hienluong.services.procedures.spec import Form, FormPage
from hienluong.ui import asked
from hienluong.ui.widgets import PatternField, TextField

from .guard import actor_of, officials_only


class PersonForm(forms.Form):
    """Who stands at the counter, and how the dossier came."""

    channel = forms.ChoiceField(
        label=_("Cách nộp"),
        choices=((Channel.COUNTER, Channel.COUNTER.label), (Channel.POST, Channel.POST.label)),
        widget=forms.RadioSelect,
        initial=Channel.COUNTER,
    )
    name = TextField(label=_("Họ và tên người nộp"), max_length=200)
    identifier = PatternField(
        label=_("Số định danh cá nhân"),
        regex=r"^\d{12}$",
        help_text=_("12 chữ số trên thẻ căn cước"),
        error_messages={"invalid": _("Số định danh cá nhân gồm đúng 12 chữ số.")},
    )
    phone = PatternField(
        label=_("Số điện thoại"),
        regex=r"^0\d{9}$",
        required=False,
        error_messages={"invalid": _("Số điện thoại gồm 10 chữ số, bắt đầu bằng 0.")},
    )
    address = TextField(label=_("Nơi cư trú"), max_length=300, required=False)
    commune = forms.ModelChoiceField(
        label=_("Xã, phường giải quyết"),
        help_text=_("Người dân được nộp ở bất kỳ bộ phận một cửa nào trong tỉnh."),
        queryset=Organization.objects.none(),
        required=False,
        to_field_name="commune_code",
    )
    delivery = forms.ChoiceField(
        label=_("Nhận kết quả"),
        choices=(("counter", _("Tại quầy")), ("post", _("Qua bưu chính")), ("online", _("Bản điện tử"))),
        widget=forms.RadioSelect,
        initial="counter",
    )

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["commune"].queryset = Organization.objects.filter(  # type: ignore[attr-defined]
            kind=Organization.Kind.COMMUNE, valid__contains=on
        ).order_by("sort_name")


@require_GET
@officials_only
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the procedure."""
    text = asked.text(request, "q", 200)
    found = (
        Procedure.objects.filter(state=Procedure.State.PUBLISHED, complete=True)
        .select_related("field")
        .order_by("sort_name")
    )
    if text:
        found = found.filter(name__icontains=text)
    return render(request, "workplace/choose.html", {"procedures": found[:60], "text": text})


@require_http_methods(["GET", "POST"])
@officials_only
def file(request: HttpRequest, procedure: str) -> HttpResponse:
    """Type in the form for the person, tick the papers presented, file."""
    actor = actor_of(request)
    today = timezone.localdate()
    version = (
        ProcedureVersion.objects.select_related("procedure")
        .filter(procedure__code=procedure, state=ProcedureVersion.State.PUBLISHED, valid__contains=today)
        .first()
    )
    paths = actor.paths_with("dossiers.file_at_counter")
    counter = Organization.objects.filter(path__in=paths).order_by("pk").first()
    if version is None or counter is None:
        raise InvalidInput(_("Không lập được hồ sơ cho thủ tục này tại quầy của bạn."))
    spec = version.spec
    person = PersonForm(request.POST or None, on=today, prefix="p")
    sheets = _sheets(spec.form, request.POST if request.method == "POST" else None)
    filled = [sheet.is_valid() for _page, sheet in sheets]
    if request.method == "POST" and person.is_valid() and all(filled):
        try:
            dossier = _file(request, version, counter, person, _answers(sheets))
        except DomainError as error:
            person.add_error(error.field if error.field in person.fields else None, str(error.message))
        else:
            return redirect("workplace:dossier", code=dossier.code)
    context = {"spec": spec, "person": person, "sheets": sheets, "counter": counter}
    return render(request, "workplace/file.html", context, status=422 if request.method == "POST" else 200)


Sheet = tuple[FormPage, fields.PageForm]


def _sheets(form: Form | None, post: QueryDict | None) -> list[Sheet]:
    """Every page of the e-form on one sheet, as far as the answers so far ask for it."""
    if form is None:
        return []
    given: dict[str, Any] = {}
    for page in form.pages if post is not None else ():
        given |= fields.typed(page, form, post)  # type: ignore[arg-type]
    return [
        (page, fields.bind(page, form, given, post)) for page in form.pages if page in pages.visible_pages(form, given)
    ]


def _answers(sheets: list[Sheet]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for _page, sheet in sheets:
        answers |= sheet.outcome.data
    return answers


def _file(
    request: HttpRequest,
    version: ProcedureVersion,
    counter: Organization,
    person: PersonForm,
    answers: dict[str, Any],
) -> Dossier:
    actor, spec, data = actor_of(request), version.spec, person.cleaned_data
    commune = data["commune"]
    party = find_or_register(
        actor, name=data["name"], identifier=data["identifier"], phone=data["phone"], address=data["address"]
    )
    papers = tuple(
        actions.PaperIn(code=paper.code, name=paper.name, originals=paper.originals, copies=paper.copies)
        for paper in spec.papers
        if request.POST.get(f"paper-{paper.code}")
    )
    filing = actions.Filing(
        version=version,
        subject=party,
        filer=party,
        competent=competent_for(spec, on=timezone.localdate(), commune_code=commune.commune_code if commune else ""),
        channel=data["channel"],
        data=answers,
        papers=papers,
        delivery=data["delivery"],
        received_at_org=counter,
        helped_at=counter,
    )
    return actions.file_at_counter(actor, filing=filing)
