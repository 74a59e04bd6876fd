"""The rating page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import DomainError, NotFound
from hienluong.foundation.identity import kept
from hienluong.services.dossiers import access
from hienluong.services.dossiers.models import Dossier, State
from hienluong.ui.widgets import TextField

from .actions import rate
from .models import QUESTIONS, Rating, Score


class RatingForm(forms.Form):
    """Five questions and a comment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in QUESTIONS:
            self.fields[key] = forms.TypedChoiceField(
                label=label,  # type: ignore[arg-type]
                coerce=int,
                choices=list(reversed(Score.choices)),
                widget=forms.RadioSelect,
                error_messages={"required": _("Hãy chọn một câu trả lời.")},
            )
        self.fields["comment"] = TextField(
            label=_("Điều bạn muốn chúng tôi làm tốt hơn"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 4}),
        )


@require_http_methods(["GET", "POST"])
def rate_dossier(request: HttpRequest, code: str) -> HttpResponse:
    """Ask once, after the result; a second visit thanks, an early one says when."""
    if not request.user.is_authenticated:
        return kept.sign_in_first(request)
    return kept.remember(request, _rate(request, code))


def _rate(request: HttpRequest, code: str) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    dossier = Dossier.objects.filter(code=code).first()
    if dossier is None or not access.is_own(actor, dossier):
        raise NotFound(_("Không tìm thấy hồ sơ."))
    if Rating.objects.filter(dossier=dossier).exists():
        return render(request, "surveys/thanks.html", {"dossier": dossier})
    if dossier.state != State.RETURNED:
        return render(request, "surveys/too_early.html", {"dossier": dossier}, status=409)
    restored = kept.take(request)
    form = RatingForm(request.POST or (restored.data if restored else None))
    if request.method == "POST" and form.is_valid():
        scores = {key: form.cleaned_data[key] for key, _label in QUESTIONS}
        try:
            rate(actor, dossier=dossier, scores=scores, comment=form.cleaned_data["comment"])
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.message))
        else:
            messages.success(request, _("Cảm ơn bạn đã đánh giá."))
            return redirect("surveys:rate", code=code)
    return render(request, "surveys/rate.html", {"dossier": dossier, "form": form}, status=422 if form.errors else 200)
