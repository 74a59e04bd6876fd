"""What the register builder asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.registers.parts import series_fault
from hienluong.foundation.organisations.fields import OrganizationInput
from hienluong.foundation.schemas.properties import Property
from hienluong.ui.widgets import DatePartsField, PatternField, TextField, WholeField

from . import field_properties as props
from .forms import NAME, OWNER_HELP, ChoiceLines, Lines, OwnerField, UnitLines
from .labels import EVENTS, GROUPS
from .numbers import TypedDecimalField

Choices = Sequence[tuple[str, Any]]
_NONE = ("", _("Không"))


def _plainly(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def kinds() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """The kinds of fields as grouped choices."""
    return [(heading, list(kinds.items())) for heading, kinds in GROUPS.items()]


class SeriesField(TextField):
    """How the numbers of a series are written; what is wrong with it is said here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 80, **kwargs})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if text and (fault := series_fault(text)):
            raise forms.ValidationError(f"{fault[0].upper()}{fault[1:]}.", code="series")
        return text


class NewRegisterForm(forms.Form):
    """A new register."""

    use_required_attribute = False
    title = TextField(label=_("Tên cơ sở dữ liệu"), max_length=200, help_text=_("Ví dụ: Chợ trên địa bàn tỉnh"))
    name_label = TextField(
        label=_("Nhãn của trường tên"),
        required=False,
        max_length=200,
        help_text=_("Câu hỏi về tên của mỗi bản ghi. Để trống là “Tên” kèm tên cơ sở dữ liệu, ví dụ: Tên giếng khoan"),
    )
    code = PatternField(
        NAME,
        label=_("Mã"),
        required=False,
        max_length=60,
        help_text=_(
            "Chữ thường không dấu, hai phần nối bằng dấu chấm. Ví dụ: thuongmai.cho. Để trống thì lấy từ mã gói và tên."
        ),
        error_messages={"invalid": _("Mã gồm hai phần chữ thường không dấu nối bằng dấu chấm, ví dụ thuongmai.cho.")},
    )
    owner = OwnerField(label=_("Cơ quan chủ quản"), help_text=OWNER_HELP)
    effective_from = DatePartsField(label=_("Có hiệu lực từ ngày"), initial=timezone.localdate)
    kept_by = forms.ChoiceField(
        label=_("Ai quản lý từng bản ghi?"),
        choices=(
            ("owner", _("Cơ quan chủ quản quản lý mọi bản ghi")),
            ("each", _("Mỗi bản ghi có cơ quan quản lý riêng, ví dụ từng xã (thêm sẵn trường “Cơ quan quản lý”)")),
        ),
        widget=forms.RadioSelect,
        initial="owner",
        required=False,
    )


class FieldForm(forms.Form):
    """What one field is. Which boxes there are depends on its kind."""

    use_required_attribute = False
    prefix = "t"
    title = TextField(label=_("Nhãn"), max_length=200, help_text=_("Người nhập và người đọc thấy chữ này."))
    kind = forms.ChoiceField(label=_("Kiểu"))
    hint = TextField(
        label=_("Gợi ý khi nhập"), required=False, max_length=500, widget=forms.Textarea({"rows": 2}), empty_value=""
    )
    required = forms.BooleanField(label=_("Bắt buộc nhập"), required=False)
    options = ChoiceLines()
    units = UnitLines(required=True)
    list = forms.ChoiceField(
        label=_("Mã lấy từ danh mục nào?"), error_messages={"required": _("Chọn danh mục mà mã lấy từ đó.")}
    )
    leaf = forms.BooleanField(label=_("Chỉ nhận mã ở cấp cuối cùng"), required=False)
    unit_only = forms.BooleanField(label=_("Chỉ hỏi tới xã, phường"), required=False)
    register = forms.ChoiceField(label=_("Cơ sở dữ liệu được chỉ tới"))
    shortest = WholeField(label=_("Ít nhất bao nhiêu ký tự"), required=False, min_value=0, max_value=20_000)
    longest = WholeField(label=_("Nhiều nhất bao nhiêu ký tự"), required=False, min_value=1, max_value=20_000)
    least = TypedDecimalField(label=_("Không nhỏ hơn"), required=False)
    most = TypedDecimalField(label=_("Không lớn hơn"), required=False)
    rows_least = WholeField(label=_("Ít nhất mấy dòng"), required=False, min_value=0, max_value=500)
    rows_most = WholeField(label=_("Nhiều nhất mấy dòng"), required=False, min_value=1, max_value=500)
    pattern = TextField(
        label=_("Khuôn (biểu thức chính quy)"),
        required=False,
        max_length=200,
        help_text=_(r"Ví dụ: ^\d{10}$ là đúng 10 chữ số."),
    )
    computed = TextField(
        label=_("Công thức"),
        required=False,
        max_length=1000,
        help_text=_("Để trống nếu người nhập tự ghi. Viết nhãn của trường như trên màn hình, ví dụ Số bàn * Giá thuê"),
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
    )
    name = PatternField(
        r"^[a-z][a-z0-9_]{0,39}\Z",
        label=_("Tên trong dữ liệu"),
        max_length=40,
        help_text=_("Dùng trong công thức, tệp xuất và API. Chữ thường không dấu, số, gạch dưới."),
        error_messages={"invalid": _("Chỉ gồm chữ thường không dấu, số, gạch dưới, bắt đầu bằng chữ.")},
    )

    def __init__(self, data: Any, *, kind: str, lists: Choices, registers: Choices, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        _plainly(self, "kind", kinds())
        for box, offered in (("list", lists), ("register", registers)):
            _plainly(self, box, props.menu(offered, str(initial.get(box) or "")))
        for box in set(self.fields) - props.boxes_of(kind):
            del self.fields[box]
        if data and data.get(self.add_prefix("kind"), kind) != kind:  # what only the old kind asks for is asked no more
            for box in {"list", "register"} & set(self.fields):
                self.fields[box].required = False

    def clean_options(self) -> Sequence[tuple[str, str]]:
        """Code and label of each choice."""
        found, fault = props.options_checked(self.cleaned_data["options"])
        if fault:
            raise forms.ValidationError(fault)
        return found


class AboutForm(forms.Form):
    """What the register is, and which of its fields mean something to the engine."""

    use_required_attribute = False
    title = TextField(label=_("Tên cơ sở dữ liệu"), max_length=200)
    title_en = TextField(label=_("Tên tiếng Anh"), required=False, max_length=200)
    description = TextField(label=_("Mô tả"), required=False, max_length=2000, widget=forms.Textarea({"rows": 3}))
    owner = TextField(label=_("Cơ quan chủ quản"), max_length=200, help_text=OWNER_HELP, widget=OrganizationInput)
    legal_basis = Lines(label=_("Căn cứ pháp lý"), help_text=_("Mỗi văn bản một dòng."))
    effective_from = DatePartsField(label=_("Có hiệu lực từ ngày"))
    key_kind = forms.ChoiceField(
        label=_("Mỗi bản ghi được nhận ra bằng gì?"),
        choices=(("series", _("Số do hệ thống cấp lần lượt")), ("field", _("Một trường, mỗi bản ghi một giá trị"))),
        widget=forms.RadioSelect,
    )
    series = SeriesField(
        label=_("Dạng của số"),
        required=False,
        help_text=_("{n:05} là số thứ tự năm chữ số, {year} là năm. Ví dụ: CHO-{year}-{n:05}"),
    )
    key_field = forms.ChoiceField(label=_("Trường làm khóa"), required=False)
    name = forms.ChoiceField(label=_("Trường là tên gọi của bản ghi"))
    subject = forms.ChoiceField(label=_("Trường ghi số của người, doanh nghiệp mà bản ghi nói về"), required=False)
    responsible = forms.ChoiceField(
        label=_("Trường ghi mã cơ quan quản lý bản ghi"),
        required=False,
        help_text=_("Để “Không” thì cơ quan chủ quản quản lý mọi bản ghi."),
    )
    map = forms.ChoiceField(label=_("Trường cho bản đồ"), required=False)
    retention_years = WholeField(
        label=_("Lưu mấy năm sau khi chấm dứt?"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Để trống là vĩnh viễn."),
    )
    retention_clears = forms.MultipleChoiceField(
        label=_("Hết thời hạn thì xóa các trường"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Xóa trong cả lịch sử, không lấy lại được. Khóa và cơ quan quản lý thì giữ."),
    )
    retention_basis = TextField(label=_("Căn cứ của thời hạn lưu"), required=False, max_length=200)
    events = forms.MultipleChoiceField(
        label=_("Báo cho hệ thống khác khi"),
        choices=tuple(EVENTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, fields: Mapping[str, Property], initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        clearable = [(name, f"{prop.get('title') or name} ({name})") for name, prop in fields.items()]
        _plainly(self, "retention_clears", clearable)
        for box, fits in (
            ("key_field", props.can_be_key),
            ("name", props.can_be_key),
            ("subject", props.can_be_subject),
            ("responsible", props.can_be_key),
            ("map", props.is_geometry),
        ):
            choices = [(name, f"{prop.get('title') or name} ({name})") for name, prop in fields.items() if fits(prop)]
            _plainly(self, box, [("", _("Chọn…")) if box == "name" else _NONE, *choices])

    def clean(self) -> dict[str, Any]:
        """The key is told whole."""
        said = self.cleaned_data
        if said.get("key_kind") == "series" and not said.get("series") and "series" not in self.errors:
            self.add_error("series", _("Ghi dạng của số, ví dụ CHO-{year}-{n:05}."))
        if said.get("key_kind") == "field" and not said.get("key_field"):
            self.add_error("key_field", _("Chọn trường làm khóa."))
        if said.get("retention_years") and not said.get("retention_clears"):
            self.add_error("retention_clears", _("Chọn trường sẽ xóa khi hết thời hạn lưu."))
        if said.get("retention_clears") and not said.get("retention_years") and not self.errors.get("retention_years"):
            self.add_error("retention_years", _("Ghi số năm lưu trước khi xóa."))
        return said


class ListForm(forms.Form):
    """One list."""

    use_required_attribute = False
    title = TextField(label=_("Tên danh sách"), required=False, max_length=100)
    columns = forms.MultipleChoiceField(label=_("Các cột"), widget=forms.CheckboxSelectMultiple)
    filters = forms.MultipleChoiceField(label=_("Lọc được theo"), required=False, widget=forms.CheckboxSelectMultiple)
    sort = forms.ChoiceField(label=_("Xếp theo"), required=False)

    def __init__(self, data: Any, *, fields: Mapping[str, Property], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        named = [(name, str(prop.get("title") or name)) for name, prop in fields.items()]
        sortable = [(name, label) for name, label in named if props.can_be_sorted(fields[name])]
        _plainly(self, "columns", named)
        _plainly(self, "filters", [(name, label) for name, label in named if props.can_narrow(fields[name])])
        up = [(name, _("%(field)s, tăng dần") % {"field": label}) for name, label in sortable]
        down = [(f"-{name}", _("%(field)s, giảm dần") % {"field": label}) for name, label in sortable]
        _plainly(self, "sort", [("", _("Mới ghi trước")), *up, *down])


class FindingForm(forms.Form):
    """Which fields are found by words, and which have an index of their own."""

    use_required_attribute = False
    prefix = "tim"
    search = forms.MultipleChoiceField(
        label=_("Tìm bằng chữ trong"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Ngoài tên gọi và khóa, luôn tìm được. Không phân biệt có dấu hay không dấu."),
    )  # fmt: skip
    index = forms.MultipleChoiceField(
        label=_("Lập chỉ mục riêng"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Để sắp xếp nhanh khi có nhiều bản ghi; trường dùng để lọc đã có sẵn chỉ mục."),
    )  # fmt: skip

    def __init__(self, data: Any, *, fields: Mapping[str, Property], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        named = [(name, str(prop.get("title") or name)) for name, prop in fields.items()]
        _plainly(self, "search", [(name, label) for name, label in named if props.is_text(fields[name])])
        _plainly(self, "index", [(name, label) for name, label in named if props.can_be_sorted(fields[name])])


class NextVersionForm(forms.Form):
    """From which day the version after holds."""

    use_required_attribute = False
    effective_from = DatePartsField(label=_("Phiên bản mới có hiệu lực từ ngày"))


_SERIES = _(
    "Ghi theo giấy của cơ quan cấp. {n:04} là số thứ tự bốn chữ số, {year} là năm. Ví dụ: {n:04}/{year}/GCN-SCT"
)


class BeginCertificateForm(forms.Form):
    """The records of a register carry a certificate from now on."""

    use_required_attribute = False
    title = TextField(label=_("Tên giấy chứng nhận"), max_length=200, help_text=_("In ở đầu giấy."))
    holder = forms.ChoiceField(label=_("Cấp cho ai? Trường ghi tên người, cơ sở được cấp"))
    series = SeriesField(
        label=_("Dạng của số giấy"),
        help_text=_SERIES,
        error_messages={"required": _("Ghi dạng của số giấy, ví dụ: {n:04}/{year}/GCN-SCT")},
    )
    years = WholeField(
        label=_("Có giá trị mấy năm?"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Để trống là không thời hạn."),
    )

    def __init__(self, data: Any, *, fields: Mapping[str, Property]) -> None:
        super().__init__(data)
        named = [(name, str(prop.get("title") or name)) for name, prop in fields.items() if props.can_be_key(prop)]
        _plainly(self, "holder", [("", _("Chọn…")), *named])


class CertificateForm(forms.Form):
    """Which fields say what of the certificate, and what its paper shows."""

    use_required_attribute = False
    title = TextField(label=_("Tên giấy chứng nhận"), max_length=200)
    legal_basis = TextField(label=_("Căn cứ pháp lý in trên giấy"), required=False, max_length=500)
    series = SeriesField(label=_("Dạng của số giấy"), required=False, help_text=_SERIES)
    years = WholeField(
        label=_("Có giá trị mấy năm?"),
        required=False,
        min_value=1,
        max_value=100,
        help_text=_("Để trống là không thời hạn."),
    )
    renew_keeps_number = forms.BooleanField(label=_("Gia hạn thì giữ số cũ"), required=False)
    holder = forms.ChoiceField(label=_("Trường tên người, cơ sở được cấp"))
    number = forms.ChoiceField(label=_("Trường số giấy"))
    issued = forms.ChoiceField(label=_("Trường ngày cấp"))
    expires = forms.ChoiceField(label=_("Trường ngày hết hạn"), required=False)
    standing = forms.ChoiceField(label=_("Trường tình trạng"))
    suspended = forms.ChoiceField(label=_("Trường thời gian đình chỉ"), required=False)
    shows = forms.MultipleChoiceField(label=_("In thêm trên giấy"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Any, *, fields: Mapping[str, Property], initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        fitting = {
            "holder": ("text", "multilingual", "rich"),
            "number": ("text",),
            "issued": ("date",),
            "expires": ("date",),
            "standing": ("choice",),
            "suspended": ("period",),
        }
        for part, wanted in fitting.items():
            named = [(n, str(p.get("title") or n)) for n, p in fields.items() if props.kind_of(p) in wanted]
            _plainly(self, part, [("", _("Không") if part in ("expires", "suspended") else _("Chọn…")), *named])
        _plainly(self, "shows", [(name, str(prop.get("title") or name)) for name, prop in fields.items()])
