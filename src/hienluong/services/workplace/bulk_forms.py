"""One act on many dossiers: what is asked before it is done, and which action does it for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.dossiers import actions, drafting, duties
from hienluong.services.dossiers.models import Dossier, Result
from hienluong.ui.widgets import TextField

MOST = 200


class BulkForm(forms.Form):
    """What is asked once for all, and (`each`) what is asked for every dossier."""

    each = ""

    def __init__(self, *args: Any, dossiers: Sequence[Dossier], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dossiers = list(dossiers)

    def common(self) -> list[BoundField]:
        """The fields asked once."""
        return [self[name] for name in self.fields if not (self.each and name.startswith(f"{self.each}-"))]

    def rows(self) -> list[tuple[Dossier, BoundField | None]]:
        """Each dossier with its own field, if it has one."""
        return [(dossier, self[f"{self.each}-{dossier.pk}"] if self.each else None) for dossier in self.dossiers]

    def of(self, dossier: Dossier) -> Any:
        """What was given for one dossier."""
        return self.cleaned_data.get(f"{self.each}-{dossier.pk}")


class BulkSignForm(BulkForm):
    """The fingerprint of each draft that the list shows: only what was shown is signed."""

    each = "seen"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drafts = Result.objects.filter(dossier__in=self.dossiers, state=Result.State.DRAFT)
        self.drafts = {draft.dossier_id: draft for draft in drafts.select_related("dossier")}
        for dossier in self.dossiers:
            draft = self.drafts.get(dossier.pk)
            self.fields[f"seen-{dossier.pk}"] = forms.CharField(
                required=False,
                max_length=64,
                widget=forms.HiddenInput,
                initial=drafting.digest(draft) if draft else "",
            )


class BulkReturnForm(BulkForm):
    """Who takes each result at the counter; a parcel has a number of its own, so the post is not done in bulk."""

    each = "recipient"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for dossier in self.dossiers:
            self.fields[f"recipient-{dossier.pk}"] = TextField(
                label=_("Người nhận kết quả hồ sơ %(code)s") % {"code": dossier.code},
                max_length=200,
                initial=dossier.filer.name,
            )


class BulkAssignForm(BulkForm):
    """To whom: an official of the organisations that work on all of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        officials = Official.objects.order_by("sort_name")
        for path in sorted({dossier.handling_path for dossier in self.dossiers})[:20]:
            officials = officials.filter(
                pk__in=Official.objects.filter(
                    positions__organization__path__startswith=path, positions__valid__contains=today
                ).values("pk")
            )
        self.fields["official"] = forms.ModelChoiceField(label=_("Cán bộ thụ lý"), queryset=officials)
        self.fields["note"] = TextField(label=_("Ghi chú"), required=False, max_length=2000)


class BulkTransferForm(BulkForm):
    """To which division or organisation, and why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Organization.objects.filter(valid__contains=timezone.localdate()).order_by("sort_name")
        for path in sorted({dossier.competent.path for dossier in self.dossiers})[:20]:
            places = places.filter(path__startswith=path)
        self.fields["to"] = forms.ModelChoiceField(label=_("Đơn vị nhận"), queryset=places)
        self.fields["note"] = TextField(
            label=_("Lý do chuyển"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        )


@dataclass(frozen=True)
class BulkVerb:
    """An act on many. Without a form it is done at once; with one, a list to look through comes first."""

    key: str
    title: str | Promise
    button: str | Promise
    run: Callable[[Actor, Dossier, Any], object]
    form: type[BulkForm] | None = None

    @property
    def permission(self) -> str:
        """What it takes, somewhere, to be offered this act."""
        return duties.DUTIES[self.key].permission


def _sign(actor: Actor, dossier: Dossier, form: BulkSignForm) -> object:
    seen = form.of(dossier)
    if not seen:
        raise InvalidInput(_("Bạn chưa xem dự thảo của hồ sơ này."))
    return actions.sign(actor, dossier=dossier, seen=seen)


VERBS: tuple[BulkVerb, ...] = (
    BulkVerb(
        "receive",
        _("Tiếp nhận các hồ sơ đã chọn"),
        _("Tiếp nhận"),
        lambda a, d, form: actions.receive(a, dossier=d),
    ),
    BulkVerb(
        "assign",
        _("Phân công các hồ sơ đã chọn"),
        _("Phân công"),
        lambda a, d, form: actions.assign(
            a, dossier=d, official=form.cleaned_data["official"], note=form.cleaned_data["note"]
        ),
        BulkAssignForm,
    ),
    BulkVerb(
        "transfer",
        _("Chuyển các hồ sơ đã chọn"),
        _("Chuyển"),
        lambda a, d, form: actions.transfer(a, dossier=d, to=form.cleaned_data["to"], note=form.cleaned_data["note"]),
        BulkTransferForm,
    ),
    BulkVerb(
        "sign",
        _("Xem và ký các hồ sơ đã chọn"),
        _("Ký các kết quả trên"),
        _sign,
        BulkSignForm,
    ),
    BulkVerb(
        "return_result",
        _("Trao tại quầy các kết quả đã chọn"),
        _("Ghi đã trả"),
        lambda a, d, form: actions.return_result(a, dossier=d, recipient=form.of(d)),
        BulkReturnForm,
    ),
)
BY_KEY = {verb.key: verb for verb in VERBS}
