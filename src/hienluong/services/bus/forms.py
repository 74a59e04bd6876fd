"""What the pages of the bus ask for."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.organisations.fields import WEEKDAYS, DayField, OrganizationCodeField
from hienluong.ui import money
from hienluong.ui.widgets import TextField

from . import agreements, catalogue, routing, translating, wsdl
from .describing import MOST_BYTES
from .models import Operation, Version

#: Boxes to tick on one page; a version with more fields offers them by their first name.
MOST_BOXES = 1_000
_NUMBER = {"inputmode": "numeric", "class": "govuk-input--width-10"}
Parts = list[tuple[str, list[BoundField]]]


def _bounds(least: int, most: int) -> str:
    return money.grouped_in(_("Từ %(least)d đến %(most)d.") % {"least": least, "most": most})


_lazy_bounds = lazy(_bounds, str)


class WholeField(forms.IntegerField):
    """A whole number, written in a short box."""

    def __init__(self, **kwargs: Any) -> None:
        wrong: dict[str, Any] = {"invalid": gettext_lazy("Nhập một số nguyên.")}
        least, most = kwargs.get("min_value"), kwargs.get("max_value")
        if least is not None and most is not None:
            wrong["min_value"] = wrong["max_value"] = _lazy_bounds(least, most)
        super().__init__(widget=forms.TextInput(dict(_NUMBER)), error_messages=wrong, **kwargs)


class _AddressField(TextField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=300,
            required=False,
            widget=forms.TextInput({"inputmode": "url", "spellcheck": "false"}),
            **kwargs,
        )


class FindForm(forms.Form):
    """What the list is narrowed by."""

    q = TextField(label=gettext_lazy("Tìm dịch vụ"), required=False, max_length=100)
    owner = forms.ChoiceField(label=gettext_lazy("Cơ quan cung cấp"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("Trạng thái"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *Version.State.choices],
    )

    def __init__(self, owners: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["owner"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("Tất cả")), *owners]


class ServiceForm(forms.Form):
    """What is said of a service."""

    use_required_attribute = False
    title = TextField(label=gettext_lazy("Tên dịch vụ"), max_length=200)
    title_en = TextField(label=gettext_lazy("Tên tiếng Anh"), required=False, max_length=200)
    data = TextField(  # type: ignore[assignment]  # a field by this name; what was sent is the form's own `data` as ever
        label=gettext_lazy("Mang dữ liệu gì"),
        help_text=gettext_lazy("Ví dụ: giá đất từng thửa, cập nhật hằng ngày."),
        max_length=500,
    )
    personal = forms.BooleanField(
        label=gettext_lazy("Có dữ liệu cá nhân"),
        help_text=gettext_lazy("Người dân biết mỗi lần dữ liệu của họ được đọc."),
        required=False,
    )
    description = TextField(
        label=gettext_lazy("Mô tả"), required=False, max_length=2000, widget=forms.Textarea({"rows": 4})
    )
    level = TextField(
        label=gettext_lazy("Mức phục vụ"),
        help_text=gettext_lazy("Ví dụ: 24/7, trả lời trong 2 giây, báo trước khi bảo trì."),
        required=False,
        max_length=300,
    )
    contact_name = TextField(label=gettext_lazy("Người liên hệ"), max_length=120)
    contact_email = forms.EmailField(label=gettext_lazy("Thư điện tử liên hệ"))


class _DocumentForm(forms.Form):
    """A description, as a file or pasted. What came as a file stays on the page as text when something else is wrong."""

    use_required_attribute = False
    file = forms.FileField(
        label=gettext_lazy("Tệp mô tả OpenAPI hoặc WSDL"),
        help_text=gettext_lazy(
            "OpenAPI 3.0 hoặc 3.1 (JSON, YAML), hoặc WSDL 1.1, đến 1 MB. WSDL nhập tệp khác thì nén chung thành gói .zip."
        ),
        required=False,
        widget=forms.FileInput({"accept": ".json,.yaml,.yml,.wsdl,.xml,.zip,application/json"}),
    )
    document = TextField(
        label=gettext_lazy("Hoặc dán mô tả vào đây"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 5, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        file: UploadedFile[Any] | None = said.pop("file", None)
        if file is not None:
            said["document"] = self._text_of(file)
            self.data = {**self.data.dict(), self.add_prefix("document"): said["document"]}  # type: ignore[attr-defined]
        if "file" not in self.errors and "document" not in self.errors and not said.get("document", "").strip():
            self.add_error("file", _("Chọn tệp mô tả, hoặc dán mô tả vào ô dưới."))
        return said

    def _text_of(self, file: UploadedFile[Any]) -> str:
        if (file.size or 0) > MOST_BYTES:
            self.add_error("file", _("Mô tả dài hơn 1 MB."))
            return ""
        content = file.read()
        if content[:4] == b"PK\x03\x04":
            try:
                return wsdl.packed(content)
            except InvalidInput as wrong:
                self.add_error("file", str(wrong))
                return ""
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", _("Tệp không phải là văn bản UTF-8."))
            return ""


class _PlaceForm(forms.Form):
    """Where a version is served, and how the gateway goes there."""

    use_required_attribute = False
    upstream = _AddressField(
        label=gettext_lazy("Địa chỉ nơi dịch vụ chạy"),
        help_text=gettext_lazy(
            "Cổng kết nối gọi tới đây, ví dụ https://dulieu.quangtri.gov.vn/gia-dat. Với WSDL: đúng địa chỉ ở soap:address."
        ),
    )
    sandbox = _AddressField(
        label=gettext_lazy("Địa chỉ chạy thử"), help_text=gettext_lazy("Với dữ liệu để thử. Không bắt buộc.")
    )
    timeout = WholeField(
        label=gettext_lazy("Đợi trả lời bao nhiêu giây"), min_value=1, max_value=catalogue.MOST_TIMEOUT, initial=10
    )
    retries = WholeField(
        label=gettext_lazy("Gọi lại mấy lần khi lỗi"),
        help_text=gettext_lazy("Chỉ với thao tác đọc (GET)."),
        min_value=0,
        max_value=catalogue.MOST_RETRIES,
        initial=0,
    )
    whole = forms.BooleanField(
        label=gettext_lazy("Thỏa thuận đủ mọi trường thì cho qua thẳng"),
        help_text=gettext_lazy("Nhanh hơn, nhưng câu trả lời không được soi theo lược đồ."),
        required=False,
    )


class ServeForm(_PlaceForm):
    """The same with all that may be said of the way there. What is provided must be somewhere; what is not yet, need not."""

    def __init__(self, *args: Any, state: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["upstream"].required = state in (Version.State.PUBLISHED, Version.State.DEPRECATED)

    canary = _AddressField(
        label=gettext_lazy("Địa chỉ của máy chủ mới"),
        help_text=gettext_lazy("Nhận trước một phần lời gọi, để thử trước khi chuyển hẳn. Không bắt buộc."),
    )
    canary_percent = WholeField(
        label=gettext_lazy("Bao nhiêu phần trăm lời gọi tới máy chủ mới"),
        required=False,
        min_value=0,
        max_value=100,
        initial=0,
    )
    mirror = _AddressField(
        label=gettext_lazy("Địa chỉ nhận bản sao lời gọi"),
        help_text=gettext_lazy(
            "Mỗi lời gọi được sao tới đây, câu trả lời của nó bị bỏ đi; nó hỏng cũng không ai bị ảnh hưởng. "
            "Dữ liệu cá nhân: chỉ máy chủ cùng tên với nơi dịch vụ chạy."
        ),
    )
    cache = WholeField(
        label=gettext_lazy("Giữ câu trả lời bao nhiêu giây"),
        help_text=gettext_lazy(
            "0 là không giữ. Chỉ với GET, riêng từng thỏa thuận và hệ thống, không quá điều máy chủ cho phép "
            "(Cache-Control). Dữ liệu cá nhân không bao giờ được giữ."
        ),
        required=False,
        min_value=0,
        max_value=routing.MOST_CACHE,
        initial=0,
    )
    at_once = WholeField(
        label=gettext_lazy("Nhiều nhất bao nhiêu lời gọi cùng lúc"),
        help_text=gettext_lazy("Quá số này cổng kết nối báo bận ngay."),
        required=False,
        min_value=1,
        max_value=routing.MOST_AT_ONCE,
        initial=1024,
    )
    failures = WholeField(
        label=gettext_lazy("Ngắt sau bao nhiêu lần hỏng liên tiếp"),
        help_text=gettext_lazy("Hỏng là không nối được, hoặc trả lời 502, 503, 504."),
        required=False,
        min_value=1,
        max_value=routing.MOST_FAILURES,
        initial=10,
    )
    rest = WholeField(
        label=gettext_lazy("Ngắt trong bao nhiêu giây"),
        help_text=gettext_lazy("Rồi cổng kết nối thử lại; còn hỏng thì ngắt lâu hơn."),
        required=False,
        min_value=1,
        max_value=routing.MOST_REST,
        initial=5,
    )
    websocket = forms.BooleanField(
        label=gettext_lazy("Cho WebSocket đi qua"),
        help_text=gettext_lazy("Với thao tác GET. Nội dung đi qua không được soi."),
        required=False,
    )
    grpc = forms.BooleanField(
        label=gettext_lazy("Dịch vụ nói gRPC"),
        help_text=gettext_lazy(
            "Đường dẫn của thao tác là /gói.DịchVụ/PhươngThức, POST. Nội dung đi qua không được soi."
        ),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        usual = asdict(routing.Routing())
        return {name: usual[name] if value is None and name in usual else value for name, value in said.items()}

    @property
    def parts(self) -> Parts:
        """The fields under their headings."""
        return [
            (title, [self[name] for name in names])
            for title, names in (
                (_("Nơi dịch vụ chạy"), ("upstream", "sandbox", "timeout", "retries", "whole")),
                (_("Chuyển dần sang máy chủ mới"), ("canary", "canary_percent")),
                (_("Sao lời gọi"), ("mirror",)),
                (_("Giữ câu trả lời"), ("cache",)),
                (_("Ngắt mạch khi máy chủ hỏng"), ("at_once", "failures", "rest")),
                (_("Giao thức khác"), ("websocket", "grpc")),
            )
        ]


class DeclareForm(ServiceForm, _DocumentForm):
    """A service with its first version."""

    owner = OrganizationCodeField(
        label=gettext_lazy("Cơ quan cung cấp"), help_text=gettext_lazy("Mã (H50.08) hoặc tên đầy đủ.")
    )
    code = TextField(
        label=gettext_lazy("Mã dịch vụ"),
        help_text=gettext_lazy("Chữ thường không dấu, số, gạch nối: gia-dat. Là một phần của địa chỉ, không đổi được."),
        max_length=40,
    )
    upstream = _AddressField(
        label=gettext_lazy("Địa chỉ nơi dịch vụ chạy"),
        help_text=gettext_lazy(
            "Cổng kết nối gọi tới đây, ví dụ https://dulieu.quangtri.gov.vn/gia-dat. Với WSDL: đúng địa chỉ ở soap:address."
        ),
    )
    sandbox = _AddressField(
        label=gettext_lazy("Địa chỉ chạy thử"), help_text=gettext_lazy("Với dữ liệu để thử. Không bắt buộc.")
    )

    @property
    def parts(self) -> Parts:
        """The fields under their headings."""
        return [
            (_("Dịch vụ"), [self[name] for name in ("owner", "title", "title_en", "code", "data", "personal")]),
            (_("Mô tả kỹ thuật"), [self[name] for name in ("file", "document", "upstream", "sandbox")]),
            (
                _("Cho bên khai thác biết"),
                [self[name] for name in ("description", "level", "contact_name", "contact_email")],
            ),
        ]


class VersionForm(_PlaceForm, _DocumentForm):
    """Another version."""

    field_order = ("file", "document")


class DescribeForm(_DocumentForm):
    """Another description of the same version."""

    text = TextField(
        label=gettext_lazy("Có gì mới"), help_text=gettext_lazy("Kỹ sư của bên khai thác đọc."), max_length=1000
    )


class NoteForm(forms.Form):
    """A step in the life of a version, with what is to be said of it."""

    use_required_attribute = False
    text = TextField(
        label=gettext_lazy("Nhắn bên khai thác"),
        help_text=gettext_lazy("Không bắt buộc."),
        required=False,
        max_length=1000,
    )


class DeprecateForm(NoteForm):
    """The day from which on a version is gone."""

    retires_on = DayField(label=gettext_lazy("Ngày ngừng"), help_text=gettext_lazy("Từ ngày này không gọi được nữa."))
    field_order = ("retires_on", "text")


class RetireForm(forms.Form):
    """Why a version ends now."""

    use_required_attribute = False
    text = TextField(label=gettext_lazy("Lý do"), max_length=1000)


class OperationField(forms.MultipleChoiceField):
    """The fields of one operation; nothing ticked is no operation, which the form looks after."""

    def validate(self, value: list[str]) -> None:
        if value:
            super().validate(value)


class AskForm(forms.Form):
    """The terms that are asked for; each operation is a field of boxes, `thao-tac-0`, `thao-tac-1` …"""

    use_required_attribute = False
    consumer = OrganizationCodeField(
        label=gettext_lazy("Cơ quan sử dụng"), help_text=gettext_lazy("Mã (H50.08) hoặc tên đầy đủ.")
    )
    purpose = TextField(label=gettext_lazy("Mục đích sử dụng"), max_length=200)
    legal_ground = TextField(label=gettext_lazy("Căn cứ pháp lý"), max_length=300)
    since = DayField(label=gettext_lazy("Từ ngày"))
    until = DayField(label=gettext_lazy("Đến hết ngày"))
    per_minute = WholeField(
        label=gettext_lazy("Nhiều nhất bao nhiêu lượt gọi mỗi phút"),
        min_value=1,
        max_value=agreements.MAX_PER_MINUTE,
        initial=60,
    )
    per_day = WholeField(
        label=gettext_lazy("Nhiều nhất bao nhiêu bản ghi mỗi ngày"),
        help_text=gettext_lazy("Để trống: không giới hạn ngoài số lượt gọi."),
        min_value=1,
        max_value=agreements.MAX_PER_DAY,
        required=False,
    )
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("Những ngày trong tuần"),
        help_text=gettext_lazy("Không chọn ngày nào: mọi ngày."),
        required=False,
        choices=list(enumerate(WEEKDAYS.values())),
        widget=forms.CheckboxSelectMultiple,
    )
    from_hour = WholeField(label=gettext_lazy("Từ giờ"), min_value=0, max_value=23, initial=0)
    to_hour = WholeField(
        label=gettext_lazy("Đến giờ"),
        help_text=gettext_lazy("24 là hết ngày."),
        min_value=1,
        max_value=24,
        initial=24,
    )
    addresses = TextField(
        label=gettext_lazy("Chỉ từ những địa chỉ mạng"),
        help_text=gettext_lazy("Mỗi dòng một địa chỉ hoặc mạng, ví dụ 203.113.10.0/24. Để trống: từ đâu cũng được."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
    )
    sign = forms.BooleanField(
        label=gettext_lazy("Ký số câu hỏi và câu trả lời (RFC 9421)"),
        help_text=gettext_lazy("Để sau này chứng minh được ai hỏi gì, được trả lời gì."),
        required=False,
    )

    def __init__(self, operations: list[Operation], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.operations = operations
        self._grouped = sum(len(one.fields) for one in operations) > MOST_BOXES
        for place, one in enumerate(operations):
            self.fields[f"thao-tac-{place}"] = OperationField(
                label=one.title or one.name,
                help_text=f"{one.method} {one.template}",
                choices=self._choices(one),
                widget=forms.CheckboxSelectMultiple,
            )

    def _choices(self, operation: Operation) -> list[tuple[str, str]]:
        if not operation.fields:
            return [("*", _("Được gọi; câu trả lời không mô tả trường nào"))]
        if self._grouped:
            first = dict.fromkeys(name.partition(".")[0] for name in operation.fields)
            return [(name, name) for name in first]
        return [(name, name) for name in operation.fields]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        asked: dict[str, list[str]] = {}
        for place, one in enumerate(self.operations):
            if chosen := said.pop(f"thao-tac-{place}", None):
                asked[one.name] = self._wanted(one, chosen)
        if not asked and self.operations:
            self.add_error("thao-tac-0", _("Hãy chọn ít nhất một thao tác."))
        said["fields"] = asked
        said["weekdays"] = [int(day) for day in said.get("weekdays") or ()]
        said["addresses"] = said.get("addresses", "").replace(",", " ").replace(";", " ").split()
        return said

    def _wanted(self, operation: Operation, chosen: list[str]) -> list[str]:
        if self._grouped:
            return [name for name in operation.fields if name.partition(".")[0] in chosen]
        return [name for name in operation.fields if name in chosen]

    @property
    def asked(self) -> list[BoundField]:
        """The fields of boxes, one for each operation."""
        return [self[f"thao-tac-{place}"] for place in range(len(self.operations))]


class CallsForm(forms.Form):
    """Which calls are to be proved."""

    use_required_attribute = False
    ma = TextField(
        label=gettext_lazy("Mã lời gọi"),
        help_text=gettext_lazy("Mã ở trang này, hoặc X-Request-Id mà hai bên ghi trong nhật ký của mình."),
        required=False,
        max_length=64,
    )
    tu = forms.DateField(label=gettext_lazy("Từ ngày"), help_text=gettext_lazy("Ví dụ 28/11/2026"), required=False)
    den = forms.DateField(label=gettext_lazy("Đến ngày"), help_text=gettext_lazy("Ví dụ 28/11/2026"), required=False)
    thoathuan = TextField(
        label=gettext_lazy("Thỏa thuận"),
        help_text=gettext_lazy("Mã, ví dụ TTDV-2026-0001."),
        required=False,
        max_length=40,
    )
    thaotac = forms.ChoiceField(label=gettext_lazy("Thao tác"), required=False)

    def __init__(self, operations: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["thaotac"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("Tất cả")), *((name, name) for name in operations)]


class CompareForm(forms.Form):
    """What somebody kept of a call."""

    use_required_attribute = False
    of_what = forms.ChoiceField(
        label=gettext_lazy("Đây là bản lưu của"),
        choices=[("answer", gettext_lazy("Câu trả lời")), ("request", gettext_lazy("Câu hỏi"))],
        widget=forms.RadioSelect,
        initial="answer",
    )
    file = forms.FileField(
        label=gettext_lazy("Tệp"),
        help_text=gettext_lazy(
            "Thông điệp HTTP đã lưu (dòng đầu, các trường, thân), hoặc chỉ phần thân. Chỉ so mã băm, không giữ lại tệp."
        ),
    )


class LookForm(forms.Form):
    """Why somebody looks at what was asked."""

    use_required_attribute = False
    ly_do = TextField(
        label=gettext_lazy("Lý do xem"),
        help_text=gettext_lazy("Lần xem này được ghi lại; người có dữ liệu trong đó thấy lý do."),
        max_length=200,
    )


class EncodingForm(forms.Form):
    """In which encoding the provider writes Vietnamese."""

    use_required_attribute = False
    encoding = forms.ChoiceField(
        label=gettext_lazy("Chữ Việt trong câu trả lời"),
        help_text=gettext_lazy("Bên khai thác luôn nhận Unicode NFC."),
        required=False,
        choices=list(translating.ENCODINGS.items()),
    )


class RuleForm(forms.Form):
    """Codes of one edition of a shared list that become those of another on the way."""

    use_required_attribute = False
    place = forms.ChoiceField(label=gettext_lazy("Mã đứng ở đâu"), choices=list(translating.PLACES.items()))
    at = TextField(
        label=gettext_lazy("Tên trường hoặc tham số"),
        help_text=gettext_lazy("Như trong mô tả: items.ma_xa."),
        max_length=200,
    )
    editions = forms.ChoiceField(label=gettext_lazy("Danh mục và ấn bản"))
    several = forms.ChoiceField(
        label=gettext_lazy("Khi một mã thành nhiều mã"), choices=list(translating.SEVERAL.items())
    )
    missing = forms.ChoiceField(label=gettext_lazy("Khi không có mã thay"), choices=list(translating.MISSING.items()))

    def __init__(self, pairs: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["editions"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [("", _("Chưa chọn")), *pairs]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if editions := said.pop("editions", ""):
            said["codelist"], said["provider"], said["consumer"] = editions.split("|")
        return said
