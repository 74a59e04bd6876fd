"""Correcting the e-form's answers at the counter, with the person's word."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.forms import fields, pages
from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.services.dossiers import actions, duties

from ..forms import ConfirmationForm
from .guard import actor_of, dossier_for, officials_only
from .looking import look, whole


@require_http_methods(["GET", "POST"])
@officials_only
def correct(request: HttpRequest, code: str) -> HttpResponse:
    """All answers on one sheet, as they are; what is sent is checked and audited field by field."""
    dossier = dossier_for(request, code)
    actor = actor_of(request)
    duties.require(actor, dossier, "correct_answers")
    form = dossier.procedure_version.spec.form
    if form is None:
        raise InvalidInput(_("Thủ tục này không có đơn điện tử."))
    post = request.POST if request.method == "POST" else None
    given: dict[str, Any] = dict(dossier.data)
    for page in form.pages if post is not None else ():
        given |= fields.typed(page, form, post)  # type: ignore[arg-type]
    if post is not None and fields.asks_for_a_row(post):
        post = None  # shown again, with one row more
    sheets = [
        (page, fields.bind(page, form, given, post)) for page in form.pages if page in pages.visible_pages(form, given)
    ]
    confirmation = ConfirmationForm(post, prefix="xac-nhan")
    sound = [sheet.is_valid() for _page, sheet in sheets]
    if post is not None and confirmation.is_valid() and all(sound):
        answers = dict.fromkeys(dossier.data)
        for _page, sheet in sheets:
            answers |= sheet.outcome.data
        try:
            actions.correct_answers(
                actor,
                dossier=dossier,
                data=answers,
                confirmed=confirmation.cleaned_data["confirmed"],
                how=confirmation.cleaned_data["how"],
            )
        except DomainError as error:
            confirmation.add_error(error.field if error.field in confirmation.fields else None, str(error.message))
        else:
            messages.success(request, _("Đã sửa đơn theo xác nhận của người dân."))
            return redirect("workplace:dossier", code=dossier.code)
    look(request, [dossier], whole(dossier), _("Sửa đơn theo xác nhận của người dân"))
    context = {"dossier": dossier, "sheets": sheets, "confirmation": confirmation}
    return render(request, "workplace/correct.html", context, status=422 if post is not None else 200)
