"""What is typed to begin, take up again or annul an assessment."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.foundation.organisations.models import Organization


class BeginForm(forms.Form):
    """Who assesses what: a record by its key where the scoring form is for records, else something named."""

    organization = forms.ChoiceField(label=_("Cơ quan chấm"))
    register = forms.ChoiceField(label=_("Cơ sở dữ liệu"))
    key = forms.CharField(label=_("Mã của bản ghi"), max_length=120)
    name = forms.CharField(label=_("Tên cơ sở, đối tượng được chấm"), max_length=300)
    place = forms.CharField(label=_("Nơi chấm"), max_length=300, required=False)

    def __init__(
        self,
        *args: object,
        spec: ScoringSpec,
        places: list[Organization],
        titles: Mapping[str, str],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        organization, register = self.fields["organization"], self.fields["register"]
        assert isinstance(organization, forms.ChoiceField)
        assert isinstance(register, forms.ChoiceField)
        organization.choices = [(str(place.pk), place.name) for place in places]
        register.choices = [(code, titles[code]) for code in spec.targets]
        for name in ("name",) if spec.targets else ("register", "key"):
            del self.fields[name]


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("Lý do"), max_length=500)
