"""What an official types about the questions that a dossier puts to national systems."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.services.dossiers import enquiring
from hienluong.services.dossiers.models import Dossier, Enquiry
from hienluong.ui.widgets import TextField


class _OfOne(forms.Form):
    """One of the dossier's enquiries; the only one is chosen beforehand."""

    enquiry = forms.ChoiceField(label=_("Câu hỏi"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(look.code, look.title) for look in enquiring.looks_of(dossier) if self.takes(look)]
        box = self.fields["enquiry"]
        assert isinstance(box, forms.ChoiceField)
        box.choices = choices
        if len(choices) == 1:
            box.initial = choices[0][0]

    @staticmethod
    def takes(look: enquiring.Look) -> bool:
        """Whether this enquiry may be chosen."""
        return look.is_open


class ByHandForm(_OfOne):
    """Which question is not waited for, and how it was checked instead."""

    reason = TextField(
        label=_("Đã đối chiếu thế nào, theo giấy tờ nào"),
        help_text=_("Ví dụ: đã xem thẻ căn cước bản gốc. Câu trả lời đến sau vẫn hiện ở đây."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AskAgainForm(_OfOne):
    """Which question is asked once more."""

    @staticmethod
    def takes(look: enquiring.Look) -> bool:
        """Whatever was answered otherwise than hoped for, or could not be asked."""
        settled = (Enquiry.State.WAITING, Enquiry.State.AGREES)
        return look.row is not None and look.row.state not in settled
