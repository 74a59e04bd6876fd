"""The page that says which rule let, or did not let, a person do a thing."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from hienluong.foundation.actions import Actor, permissions
from hienluong.ui.widgets import DatePartsField, TextField

from . import explain as explaining
from . import looks
from .models import Account

PERMISSION = "identity.explain"


class ExplainForm(forms.Form):
    """Who, what, where, when."""

    ai = TextField(
        label=gettext_lazy("Tài khoản hoặc mã cán bộ"),
        max_length=150,
        help_text=gettext_lazy("Ví dụ: lan hoặc CB000123."),
    )
    quyen = forms.ChoiceField(label=gettext_lazy("Làm việc gì?"))
    o_dau = TextField(
        label=gettext_lazy("Ở cơ quan nào, với hồ sơ nào?"),
        max_length=60,
        help_text=gettext_lazy("Mã cơ quan (H50.08) hoặc mã hồ sơ."),
    )
    ngay = DatePartsField(label=gettext_lazy("Vào ngày"), required=False, help_text=gettext_lazy("Để trống: hôm nay."))

    def __init__(self, data: object = None, **kwargs: object) -> None:
        super().__init__(data, **kwargs)  # type: ignore[arg-type]
        choices = [(each.code, f"{each.label} ({each.code})") for each in permissions.catalogue()]
        field = self.fields["quyen"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean_ai(self) -> Account:
        """The account by its user name, or by the code of its official."""
        text = self.cleaned_data["ai"].strip()
        found = (
            Account.objects.filter(Q(username=text.lower()) | Q(official__code__iexact=text))
            .select_related("official")
            .first()
        )
        if found is None:
            raise ValidationError(_("Không có tài khoản nào như vậy."), code="no_account")
        return found

    def clean_o_dau(self) -> explaining.Place:
        """The place by an organisation's code or an object's."""
        place = explaining.find_place(self.cleaned_data["o_dau"])
        if place is None:
            raise ValidationError(_("Không có cơ quan hay hồ sơ nào mang mã này."), code="no_place")
        return place


@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Ask who may do what, where and when; see the verdict and each rule behind it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require_somewhere(PERMISSION, _("Bạn không có quyền xem giải thích quyền."))
    form = ExplainForm(request.GET) if request.GET else ExplainForm()
    context: dict[str, object] = {
        "form": form,
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Giải thích quyền"), "")],
    }
    if form.is_bound and form.is_valid():
        place: explaining.Place = form.cleaned_data["o_dau"]
        actor.require(PERMISSION, place.path)
        day: date = form.cleaned_data["ngay"] or timezone.localdate()
        looks.at_accounts(request, [form.cleaned_data["ai"]], ("name",), _("Giải thích quyền"))
        context |= {
            "explanation": explaining.explain(form.cleaned_data["ai"], form.cleaned_data["quyen"], place, day),
            "account": form.cleaned_data["ai"],
            "permission": permissions.get(form.cleaned_data["quyen"]),
            "place": place,
            "day": day,
        }
    return render(request, "identity/explain.html", context, status=422 if form.errors else 200)
