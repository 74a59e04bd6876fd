"""What the portal asks beside the e-forms: for whom, where, why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.queries import limit_of
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party, Representation
from hienluong.services.dossiers.requirements import may_apply
from hienluong.services.procedures.spec import ProcedureSpec
from hienluong.ui.widgets import PatternField, TextField

SELF, OTHER = "toi", "nguoi-khac"
_PARTY = "ben-"


class WhomForm(forms.Form):
    """Whose matter it is: mine, that of somebody I am known to represent, or another person's."""

    whom = forms.ChoiceField(
        label=_("Bạn nộp hồ sơ này cho ai?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Hãy chọn bạn nộp hồ sơ cho ai.")},
    )

    def __init__(self, *args: Any, party: Party, spec: ProcedureSpec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.party = party
        self.parties = {f"{_PARTY}{r.represented_id}": r.represented for r in _represented(party, spec)}
        choices: list[tuple[str, object]] = []
        if may_apply(spec, Party.Kind.CITIZEN):
            choices.append((SELF, _("Cho tôi: %(name)s") % {"name": party.name}))
        for value, represented in self.parties.items():
            choices.append((value, f"{represented.name} ({represented.get_kind_display()})"))
        if may_apply(spec, Party.Kind.CITIZEN):
            choices.append((OTHER, _("Cho một người khác mà tôi đại diện")))
        whom = self.fields["whom"]
        whom.choices = choices  # type: ignore[attr-defined]
        whom.widget.hints = {OTHER: _("Con chưa thành niên, cha mẹ, người đã ủy quyền cho tôi…")}
        self.possible = bool(choices)

    @property
    def subject(self) -> Party | None:
        """Whom was chosen; None for another person, to be named on the next page."""
        value = self.cleaned_data["whom"]
        return self.party if value == SELF else self.parties.get(value)


def whom_of(party_id: int) -> str:
    """The choice that stands for somebody represented."""
    return f"{_PARTY}{party_id}"


def chosen_whom(party: Party, subject: Party | None) -> str:
    """The choice that stands for this subject of a draft."""
    if subject is None:
        return ""
    if subject.pk == party.pk:
        return SELF
    known = Representation.objects.filter(
        representative=party, represented=subject, valid__contains=timezone.localdate()
    )
    return whom_of(subject.pk) if known.exists() else OTHER


def _represented(party: Party, spec: ProcedureSpec) -> list[Representation]:
    known = Representation.objects.filter(representative=party, valid__contains=timezone.localdate())
    rows = known.select_related("represented").order_by("represented__name")
    return [row for row in rows if may_apply(spec, row.represented.kind) and _may_file(row, spec.code)]


def _may_file(row: Representation, code: str) -> bool:
    """Whether what somebody was appointed to do includes filing for this procedure."""
    limit = limit_of(row)
    return limit is None or limit.allows("file", code)


class RepresentedForm(forms.Form):
    """The person one files for: name, number, and what one is to that person."""

    name = TextField(label=_("Họ và tên của người đó"), max_length=200)
    identifier = PatternField(
        label=_("Số định danh cá nhân của người đó"),
        regex=r"^\s*(\d[\s.]*){12}$",
        help_text=_("12 chữ số trên thẻ căn cước hoặc giấy khai sinh"),
        error_messages={"invalid": _("Số định danh cá nhân gồm đúng 12 chữ số.")},
    )
    relation = TextField(
        label=_("Bạn là gì của người đó?"),
        max_length=100,
        help_text=_("Ví dụ: mẹ, con, người giám hộ, người được ủy quyền"),
    )


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
        communes = Organization.objects.filter(
            kind=Organization.Kind.COMMUNE, valid__contains=timezone.localdate()
        ).order_by("sort_name")
        by_commune = spec.agency.level == "commune"
        few = list(communes[:2]) if by_commune else []
        self.only = few[0] if len(few) == 1 else None
        if not by_commune or self.only:
            del self.fields["commune"]
            return
        field = self.fields["commune"]
        field.queryset = communes  # type: ignore[attr-defined]
        field.widget.attrs |= {
            "hx-get": "?",
            "hx-trigger": "change",
            "hx-target": "#co-quan",
            "hx-select": "#co-quan",
            "hx-swap": "outerHTML",
        }

    def commune_shown(self) -> Organization | None:
        """The commune that the page shows as chosen."""
        value = str(self["commune"].value() or "")
        if not value.isdecimal():
            return None
        communes = self.fields["commune"].queryset  # type: ignore[attr-defined]
        found: Organization | None = communes.filter(pk=int(value[:18])).first()
        return found

    @classmethod
    def delivery_words(cls, value: str) -> str:
        """How the result comes back, as the choice reads."""
        words: Mapping[str, object] = dict(cls.base_fields["delivery"].choices)  # type: ignore[attr-defined]
        return str(words.get(value, ""))


class SupplementAnswerForm(forms.Form):
    """The person's answer to a supplement request."""

    note = TextField(
        label=_("Nội dung trả lời"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )


class WithdrawForm(forms.Form):
    """Why the person takes the dossier back."""

    reason = TextField(
        label=_("Lý do rút hồ sơ (không bắt buộc)"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
