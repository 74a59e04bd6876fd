"""What the pages of connected systems ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.fields import DayField, OrganizationCodeField
from hienluong.ui.widgets import TextField

from .models import System
from .scopes import SCOPES

LEVELS = (
    ("1", _("Mức 1: mật khẩu là đủ")),
    ("2", _("Mức 2: phải có yếu tố thứ hai")),
    ("3", _("Mức 3: phải dùng khóa truy cập")),
)


#: Which way of proving suits which system.
_PROOF_HINTS = {
    System.Proof.NONE: _("Trang web chạy trong trình duyệt, ứng dụng điện thoại: không có máy chủ riêng."),
    System.Proof.BASIC: _("Phần mềm có máy chủ. Mật khẩu chỉ hiện một lần, dùng được một năm."),
    System.Proof.POST: _("Chỉ khi thư viện không làm được cách trên."),
    System.Proof.KEY: _("Phần mềm có máy chủ. Không có mật khẩu để lộ."),
    System.Proof.CERTIFICATE: _("Cơ quan có chứng thư máy chủ riêng."),
}
#: The boxes of a system by what they are about.
_PARTS: tuple[tuple[Promise, tuple[str, ...]], ...] = (
    (_("Hệ thống"), ("name", "owner", "purpose", "homepage", "contact_name", "contact_email")),
    (_("Biết gì về người dùng"), ("scopes", "level")),
    (_("Địa chỉ"), ("redirect_uris", "logout_redirects", "logout_uri")),
    (_("Chứng minh là hệ thống đó"), ("proof", "keys", "certificate_subject", "certificate_until")),
    (_("Cách đăng nhập khác"), ("for_itself", "for_devices")),
)


class LinesField(forms.CharField):
    """Several values, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), max_length=4000, **kwargs)

    def clean(self, value: Any) -> Any:
        """The lines that are not empty."""
        text = super().clean(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]


class AddressForm(forms.Form):
    """Where a system is, and whom to ask about it."""

    homepage = forms.URLField(label=_("Trang giới thiệu"), required=False, assume_scheme="https")
    contact_name = TextField(label=_("Người phụ trách kỹ thuật"), max_length=120)
    contact_email = forms.EmailField(label=_("Thư điện tử của người phụ trách"))
    redirect_uris = LinesField(
        label=_("Địa chỉ quay về sau khi đăng nhập"),
        help_text=_("Mỗi dòng một địa chỉ, đúng từng chữ. Máy thử của kỹ sư: http://127.0.0.1:9000/callback."),
        required=False,
    )
    logout_redirects = LinesField(label=_("Địa chỉ quay về sau khi đăng xuất"), required=False)
    logout_uri = TextField(
        label=_("Địa chỉ nhận tin đăng xuất"),
        max_length=200,
        required=False,
        help_text=_("Máy chủ của hệ thống nhận tin khi phiên kết thúc (back-channel logout)."),
    )


class SystemForm(AddressForm):
    """A system to be registered."""

    name = TextField(label=_("Tên hệ thống"), max_length=100)
    owner = OrganizationCodeField(label=_("Cơ quan chủ quản"), help_text=_("Mã hoặc tên đầy đủ của cơ quan."))
    purpose = TextField(
        label=_("Hệ thống làm gì cho người dùng"),
        max_length=300,
        help_text=_("Người dùng đọc câu này trước khi đồng ý."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Hệ thống cần biết"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Mỗi dòng là câu người dùng đọc trước khi đồng ý; “bạn” là người dùng. Chỉ chọn điều hệ thống thật cần."
        ),
        choices=[(name, scope.words) for name, scope in SCOPES.items() if name != "openid"],
        error_messages={"required": _("Chọn những gì hệ thống cần biết.")},
    )
    level = forms.TypedChoiceField(label=_("Mức xác thực"), choices=LEVELS, coerce=int, initial="1")
    proof = forms.ChoiceField(
        label=_("Hệ thống chứng minh mình bằng"),
        choices=System.Proof.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Chọn cách hệ thống chứng minh mình.")},
    )
    keys = TextField(
        label=_("Khóa công khai (JWK Set)"),
        required=False,
        max_length=20000,
        help_text=_("Chỉ khi chứng minh bằng khóa riêng. Không bao giờ gửi khóa riêng cho ai."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    certificate_subject = TextField(
        label=_("Chủ thể của chứng thư"),
        required=False,
        max_length=300,
        help_text=_("Chỉ khi dùng mTLS, ví dụ CN=kho,O=Sở Nội vụ,C=VN."),
    )
    certificate_until = DayField(
        label=_("Chứng thư dùng đến ngày"),
        required=False,
        help_text=_("Chỉ khi dùng mTLS: để nhắc người phụ trách trước khi chứng thư hết hạn."),
    )
    for_itself = forms.BooleanField(
        label=_("Hệ thống cũng tự làm việc, không có người (client credentials)"), required=False
    )
    for_devices = forms.BooleanField(
        label=_("Quầy, ki-ốt của hệ thống được người dùng đăng nhập bằng điện thoại (mã thiết bị)"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proof"].widget.hints = _PROOF_HINTS

    def parts(self) -> list[tuple[Promise, list[BoundField]]]:
        """The boxes by what they are about, each part with its heading."""
        return [(heading, [self[name] for name in names]) for heading, names in _PARTS]


class DeviceCodeForm(forms.Form):
    """The code that a counter or kiosk shows."""

    code = TextField(
        label=_("Mã trên màn hình của thiết bị"),
        help_text=_("8 chữ cái, ví dụ BCDF-GHJK. Viết hoa hay thường đều được."),
        max_length=20,
        error_messages={"required": _("Nhập mã đang hiện trên thiết bị."), "max_length": _("Mã quá dài.")},
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-10", "autocomplete": "off", "autocapitalize": "characters"}
        ),
    )


class BesideDeviceForm(forms.Form):
    """That the person stands before the device; who was sent a link by a stranger cannot say so."""

    here = forms.BooleanField(
        error_messages={"required": _("Chỉ đồng ý khi bạn đang ở trước thiết bị và thấy đúng mã này trên đó.")}
    )


class KeysForm(forms.Form):
    """Other public keys."""

    keys = TextField(
        label=_("Khóa công khai (JWK Set)"),
        max_length=20000,
        help_text=_(
            "Đưa cả khóa cũ và khóa mới trong lúc chuyển, rồi bỏ khóa cũ. Không bao giờ gửi khóa riêng cho ai."
        ),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )


class EngineerForm(forms.Form):
    """Who is to look after a system."""

    username = TextField(label=_("Tên đăng nhập của kỹ sư"), max_length=150)


class ReasonForm(forms.Form):
    """Why."""

    reason = TextField(label=_("Lý do"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
