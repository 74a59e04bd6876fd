"""What is typed to draft, ask, approve, number, sign, issue and recall a document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.organisations.fields import DayField, OfficialField
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.ui.widgets import TextField

from .. import secrecy, types
from ..bodies import Parts
from ..competence import Post
from ..models import Competence, Direction, Document, Opinion, TakenNumber, Urgency

_END_OF_DAY = time(17, 0)
Choices = list[tuple[str, str]]


def end_of(day: date | None) -> datetime | None:
    """Until when, for a day that was named: the end of its office hours."""
    return timezone.make_aware(datetime.combine(day, _END_OF_DAY)) if day else None


class LongField(TextField):
    """A text that may be long, without a count of what is left below it."""

    def __init__(self, *, most: int, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.Textarea({"rows": rows}), "required": False, **kwargs})
        self.most = most

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if len(text) > self.most:
            raise ValidationError(_("Dài nhất %(most)s ký tự.") % {"most": self.most}, code="max_length")
        return text


class LinesField(LongField):
    """A text with one thing a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"most": 20_000, **kwargs})

    def clean(self, value: Any) -> Any:
        return "\n".join(line.strip() for line in super().clean(value).splitlines() if line.strip())


class OfficialsField(TextField):
    """Several officials, one a line, each by code or full name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 4000, "widget": forms.Textarea({"rows": 3}), "required": False, **kwargs})

    def clean(self, value: Any) -> Any:
        field, found = OfficialField(), []
        for line in super().clean(value).splitlines():
            if line.strip():
                try:
                    found.append(field.clean(line))
                except ValidationError as error:
                    raise ValidationError(f"{line.strip()}: {' '.join(error.messages)}") from None
        return found


def type_choices() -> Choices:
    """The 29 types."""
    return [(found.key, found.name) for found in types.TYPES.values()]


def secrecy_field() -> forms.ChoiceField:
    """Whether it is a state secret: asked so that nobody types one in here."""
    return forms.ChoiceField(
        label=gettext_lazy("Độ mật"),
        choices=[("", gettext_lazy("Không mật")), *secrecy.LEVELS.items()],
        required=False,
        help_text=gettext_lazy("Văn bản mật không được soạn thảo, lưu giữ trên hệ thống này."),
    )


def _people(posts: Sequence[Post]) -> Choices:
    seen: dict[int, str] = {}
    for post in posts:
        seen.setdefault(post.official.pk, post.label)
    return [(str(pk), label) for pk, label in seen.items()]


class BeginForm(forms.Form):
    """What is begun: which type, about what, in which agency."""

    agency = forms.ChoiceField(label=gettext_lazy("Cơ quan ban hành"))
    direction = forms.ChoiceField(
        label=gettext_lazy("Gửi đi đâu"),
        choices=[
            (Direction.OUTGOING, gettext_lazy("Gửi ra ngoài cơ quan")),
            (Direction.INTERNAL, gettext_lazy("Nội bộ cơ quan")),
        ],
        widget=forms.RadioSelect,
        initial=Direction.OUTGOING,
    )
    type = forms.ChoiceField(label=gettext_lazy("Loại văn bản"), choices=type_choices, initial="CV")
    subject = TextField(label=gettext_lazy("Trích yếu nội dung"), max_length=500, widget=forms.Textarea({"rows": 2}))
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị soạn thảo"), required=False)
    urgency = forms.TypedChoiceField(label=gettext_lazy("Độ khẩn"), choices=Urgency.choices, coerce=int, initial=0)
    secrecy_level = secrecy_field()
    restricted = forms.BooleanField(label=gettext_lazy("Hạn chế: mỗi lượt đọc đều được ghi lại"), required=False)
    word = forms.FileField(
        label=gettext_lazy("Bắt đầu từ tệp Word (.docx)"),
        required=False,
        widget=forms.FileInput({"accept": ".docx"}),
        help_text=gettext_lazy("Bỏ trống thì bắt đầu từ mẫu của loại văn bản đã chọn."),
    )

    def __init__(
        self, *args: Any, agencies: Sequence[Organization], units: Sequence[Organization], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        agency, unit = self.fields["agency"], self.fields["unit"]
        assert isinstance(agency, forms.ChoiceField)
        assert isinstance(unit, forms.ChoiceField)
        agency.choices = [(str(each.pk), each.name) for each in agencies]
        unit.choices = [("", _("Không ghi đơn vị")), *((str(each.pk), each.name) for each in units)]
        if len(agencies) == 1:
            agency.initial, agency.widget = str(agencies[0].pk), forms.HiddenInput()


class TextForm(forms.Form):
    """The text of a draft and the parts around it."""

    based_on = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=30_000)
    authority = TextField(
        label=gettext_lazy("Thẩm quyền ban hành"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Trên căn cứ của quyết định, nghị quyết: Chủ tịch Ủy ban nhân dân tỉnh Quảng Trị."),
    )
    grounds = LinesField(label=gettext_lazy("Căn cứ ban hành"), help_text=gettext_lazy("Mỗi căn cứ một dòng."))
    addressees = LinesField(
        label=gettext_lazy("Kính gửi"), rows=3, help_text=gettext_lazy("Mỗi nơi một dòng; bỏ trống nếu không có.")
    )
    body = LongField(
        label=gettext_lazy("Nội dung"),
        most=3_000_000,
        widget=forms.Textarea({"rows": 24, "data-hl-editor": ""}),
        help_text=gettext_lazy(
            "Mỗi đoạn một dòng. “Điều 1.”, “Chương I”, “1.” ở đầu dòng được trình bày theo Nghị định 30."
        ),
    )
    archive = TextField(label=gettext_lazy("Lưu"), max_length=60, required=False, initial="VT")
    circulation = TextField(
        label=gettext_lazy("Chỉ dẫn phạm vi lưu hành"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Ví dụ: LƯU HÀNH NỘI BỘ."),
    )
    note = TextField(label=gettext_lazy("Đã sửa gì"), max_length=300, required=False)
    word = forms.FileField(
        label=gettext_lazy("Thay nội dung bằng tệp Word (.docx)"),
        required=False,
        widget=forms.FileInput({"accept": ".docx"}),
    )

    @property
    def typed_parts(self) -> Parts:
        """The parts around the text."""
        data = self.cleaned_data
        return Parts(
            grounds=tuple(data["grounds"].splitlines()),
            addressees=tuple(data["addressees"].splitlines()),
            authority=data["authority"],
            archive=data["archive"] or "VT",
            circulation=data["circulation"],
        )


class SetOutForm(forms.Form):
    """What stands around the text: type, signer, where it goes."""

    subject = TextField(label=gettext_lazy("Trích yếu nội dung"), max_length=500, widget=forms.Textarea({"rows": 2}))
    type = forms.ChoiceField(label=gettext_lazy("Loại văn bản"))
    unit = forms.ChoiceField(label=gettext_lazy("Đơn vị soạn thảo"), required=False)
    signer = forms.ChoiceField(label=gettext_lazy("Người ký"), required=False)
    competence = forms.ChoiceField(label=gettext_lazy("Thể thức ký"), choices=Competence.choices, required=False)
    places = LinesField(
        label=gettext_lazy("Gửi đến cơ quan"),
        help_text=gettext_lazy(
            "Mỗi dòng một cơ quan: tên đầy đủ hoặc mã định danh; ngoài tỉnh ghi mã rồi tên (G18 Bộ Y tế)."
        ),
    )
    group = forms.MultipleChoiceField(
        label=gettext_lazy("Gửi cả nhóm"),
        choices=[
            ("so", gettext_lazy("Tất cả sở, ban, ngành")),
            ("xa", gettext_lazy("Tất cả UBND xã, phường, đặc khu")),
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    lines = LinesField(
        label=gettext_lazy("Nơi nhận ghi trên văn bản"),
        rows=3,
        help_text=gettext_lazy("Mỗi dòng một nơi, ví dụ: Như trên. Dòng “Lưu” hệ thống tự ghi."),
    )
    urgency = forms.TypedChoiceField(label=gettext_lazy("Độ khẩn"), choices=Urgency.choices, coerce=int, initial=0)
    due = DayField(label=gettext_lazy("Hạn trả lời cho nơi nhận"), required=False)
    restricted = forms.BooleanField(label=gettext_lazy("Hạn chế: mỗi lượt đọc đều được ghi lại"), required=False)

    def __init__(
        self, *args: Any, signers: Sequence[Post], units: Sequence[Organization], kind: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("signer", [("", _("Chưa chọn")), *_people(signers)]),
            ("unit", [("", _("Không ghi đơn vị")), *((str(each.pk), each.name) for each in units)]),
            ("type", [(each.key, each.name) for each in types.like(kind)]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class AskForm(forms.Form):
    """Whose opinion is asked."""

    colleagues = forms.MultipleChoiceField(
        label=gettext_lazy("Người trong cơ quan"), required=False, widget=forms.CheckboxSelectMultiple
    )
    others = OfficialsField(
        label=gettext_lazy("Người ở cơ quan khác"), help_text=gettext_lazy("Mỗi dòng một người: mã cán bộ hoặc họ tên.")
    )
    due = DayField(label=gettext_lazy("Hạn cho ý kiến"), required=False)
    question = TextField(
        label=gettext_lazy("Điều cần hỏi"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, members: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "colleagues", members)

    def clean(self) -> dict[str, Any]:
        """Somebody must be asked."""
        data = super().clean() or self.cleaned_data
        if not data.get("colleagues") and not data.get("others") and "others" not in self.errors:
            self.add_error("colleagues", _("Chọn người cho ý kiến."))
        return data


def _offer(form: forms.Form, name: str, posts: Sequence[Post]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.MultipleChoiceField)
    field.choices = _people(posts)
    if not posts:
        del form.fields[name]


class OpinionForm(forms.Form):
    """An opinion."""

    stance = forms.ChoiceField(label=gettext_lazy("Ý kiến"), choices=Opinion.Stance.choices, widget=forms.RadioSelect)
    text = TextField(
        label=gettext_lazy("Nội dung góp ý"), max_length=10_000, required=False, widget=forms.Textarea({"rows": 5})
    )


class SubmitForm(forms.Form):
    """The way up, in order."""

    STEPS = 4
    note = TextField(
        label=gettext_lazy("Lời trình"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, approvers: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = _people(approvers)
        own = {
            f"step{n}": forms.ChoiceField(
                label=_("Bước %(n)s") % {"n": n}, choices=[("", _("Không có")), *people], required=False
            )
            for n in range(1, self.STEPS + 1)
        }
        self.fields = {**own, **self.fields}

    def clean(self) -> dict[str, Any]:
        """The steps as one list."""
        data = super().clean() or self.cleaned_data
        steps = [data.pop(f"step{n}", "") for n in range(1, self.STEPS + 1)]
        return {**data, "approvers": [int(pk) for pk in steps if pk]}


class SubmitCopyForm(forms.Form):
    """A copy goes to the records office: nobody approves a text."""

    note = TextField(
        label=gettext_lazy("Lời trình"), max_length=2000, required=False, widget=forms.Textarea({"rows": 3})
    )


class ApproveForm(forms.Form):
    """An approval, of the version that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=30_000)
    note = TextField(
        label=gettext_lazy("Ý kiến"),
        max_length=4000,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )


class ReasonForm(forms.Form):
    """Why."""

    reason = TextField(label=gettext_lazy("Lý do"), max_length=4000, widget=forms.Textarea({"rows": 3}))


class CommentForm(forms.Form):
    """A remark."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=30_000)
    quote = TextField(
        label=gettext_lazy("Đoạn góp ý"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Chép đúng đoạn trong dự thảo; bỏ trống nếu góp ý chung."),
    )
    text = TextField(label=gettext_lazy("Góp ý"), max_length=4000, widget=forms.Textarea({"rows": 3}))


class NumberForm(forms.Form):
    """Which number, of which day."""

    reserved = forms.ModelChoiceField(
        label=gettext_lazy("Dùng số đã giữ"),
        queryset=TakenNumber.objects.none(),
        required=False,
        empty_label=gettext_lazy("Không, lấy số tiếp theo"),
    )
    on = DayField(
        label=gettext_lazy("Ngày văn bản"),
        required=False,
        help_text=gettext_lazy("Bỏ trống là hôm nay. Ngày lùi về trước phải có lý do."),
    )
    reason = TextField(label=gettext_lazy("Lý do ghi lùi ngày"), max_length=300, required=False)

    def __init__(self, *args: Any, document: Document, key: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = TakenNumber.objects.filter(
            book__agency=document.agency_id, book__key=key, state=TakenNumber.State.RESERVED
        ).select_related("book")
        field = self.fields["reserved"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = kept.order_by("book__year", "number")
        if not kept.exists():
            del self.fields["reserved"]


class ReserveForm(forms.Form):
    """How many numbers of which book."""

    type = forms.ChoiceField(label=gettext_lazy("Loại văn bản"), choices=types.choices, initial="CV")
    count = forms.IntegerField(label=gettext_lazy("Bao nhiêu số"), min_value=1, max_value=20, initial=1)
    reason = TextField(label=gettext_lazy("Lý do giữ số"), max_length=300)


class IssueForm(forms.Form):
    """Who in the agency gets it to read."""

    share_with = forms.MultipleChoiceField(
        label=gettext_lazy("Gửi cho người trong cơ quan để biết"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, members: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "share_with", members)


class ShareForm(forms.Form):
    """With whom it is shared."""

    officials = forms.MultipleChoiceField(
        label=gettext_lazy("Người trong cơ quan"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, members: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["officials"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = _people(members)


class DrafterForm(forms.Form):
    """Who drafts with one."""

    official = forms.ChoiceField(label=gettext_lazy("Người cùng soạn thảo"))

    def __init__(self, *args: Any, members: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["official"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _people(members)


class PlacesForm(forms.Form):
    """More places."""

    places = LinesField(
        label=gettext_lazy("Gửi thêm đến"),
        required=True,
        help_text=gettext_lazy(
            "Mỗi dòng một cơ quan: tên đầy đủ hoặc mã định danh; ngoài tỉnh ghi mã rồi tên (G18 Bộ Y tế)."
        ),
    )


class AttachForm(forms.Form):
    """An annex in a file of its own."""

    file = forms.FileField(label=gettext_lazy("Tệp kèm theo"))
    name = TextField(label=gettext_lazy("Tên tài liệu"), max_length=200, required=False)


class CopyForm(forms.Form):
    """A copy: which kind, who signs it, where it goes."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Hình thức sao"),
        choices=[(each.key, each.name) for each in types.COPIES.values()],
        widget=forms.RadioSelect,
        initial="SY",
    )
    signer = forms.ChoiceField(label=gettext_lazy("Người ký sao"))
    competence = forms.ChoiceField(label=gettext_lazy("Thể thức ký"), choices=Competence.choices, required=False)
    places = LinesField(
        label=gettext_lazy("Gửi đến cơ quan"), rows=3, help_text=gettext_lazy("Mỗi dòng một cơ quan: tên hoặc mã.")
    )
    lines = LinesField(label=gettext_lazy("Nơi nhận ghi trên bản sao"), rows=2)

    def __init__(self, *args: Any, signers: Sequence[Post], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["signer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _people(signers)


class LetterheadForm(forms.Form):
    """How the agency appears on its documents; empty boxes keep what its name and kind say."""

    name = TextField(label=gettext_lazy("Tên cơ quan in trên văn bản"), max_length=200, required=False)
    superior = TextField(label=gettext_lazy("Cơ quan chủ quản"), max_length=200, required=False)
    abbreviation = TextField(label=gettext_lazy("Chữ viết tắt trong ký hiệu"), max_length=20, required=False)
    place = TextField(label=gettext_lazy("Địa danh"), max_length=100, required=False)
    collective = TextField(
        label=gettext_lazy("Tập thể mà người đứng đầu ký thay mặt (TM.)"), max_length=120, required=False
    )
    head_title = TextField(label=gettext_lazy("Chức vụ người đứng đầu"), max_length=80, required=False)
    contact = TextField(label=gettext_lazy("Địa chỉ, điện thoại ở chân công văn"), max_length=300, required=False)
    own_books = forms.MultipleChoiceField(
        label=gettext_lazy("Loại văn bản có sổ số riêng"),
        choices=type_choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    units = LinesField(
        label=gettext_lazy("Chữ viết tắt của đơn vị"),
        help_text=gettext_lazy("Mỗi dòng: chữ viết tắt, dấu =, tên đơn vị."),
    )


class FilterForm(forms.Form):
    """What a list is narrowed by."""

    q = TextField(label=gettext_lazy("Tìm"), max_length=200, required=False)
    type = forms.ChoiceField(label=gettext_lazy("Loại văn bản"), required=False)
    urgency = forms.ChoiceField(
        label=gettext_lazy("Độ khẩn"), choices=[("", gettext_lazy("Tất cả")), *Urgency.choices], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Tất cả")), *types.choices()]

    @property
    def used(self) -> int:
        """How many of the folded conditions are set."""
        data = getattr(self, "cleaned_data", {})
        return sum(bool(data.get(name)) for name in ("type", "urgency"))


def officials_of(keys: Sequence[str | int]) -> list[Official]:
    """The officials with these ids, in this order."""
    found = Official.objects.in_bulk([int(key) for key in keys])
    return [found[int(key)] for key in keys if int(key) in found]
