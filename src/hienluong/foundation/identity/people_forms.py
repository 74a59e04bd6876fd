"""What the pages of officials, posts, accounts, roles and delegations ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import permissions
from hienluong.foundation.organisations.fields import DayField, LastDayField, OfficialField, OrganizationCodeField
from hienluong.foundation.organisations.models import Position
from hienluong.ui.widgets import TextField

from .models import Role

_WHICH = _("Mã (H50.08 hoặc 000.00.08.H50) hoặc tên đầy đủ.")


class RoleField(forms.ChoiceField):
    """One of the roles that are declared."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_roles, **kwargs)


def _roles() -> list[tuple[str, str]]:
    return [("", "—"), *Role.objects.order_by("name").values_list("code", "name")]


class FindForm(forms.Form):
    """Words to look for."""

    q = TextField(label=_("Tìm"), required=False, max_length=100, help_text=_("Tên, mã cán bộ hoặc tên đăng nhập."))


class NewOfficialForm(forms.Form):
    """An official with the first post."""

    full_name = TextField(label=_("Họ và tên"), max_length=100)
    code = TextField(label=_("Mã cán bộ"), max_length=30, help_text=_("Chữ không dấu, chữ số và dấu gạch nối."))
    email = forms.EmailField(label=_("Thư điện tử công vụ"), required=False)
    phone = TextField(label=_("Điện thoại"), max_length=20, required=False)
    organization = OrganizationCodeField(label=_("Cơ quan"), help_text=_WHICH)
    title = TextField(label=_("Chức vụ"), max_length=120)
    role = RoleField(label=_("Vai trò"))
    valid_from = DayField(label=_("Từ ngày"))


class AppointForm(forms.Form):
    """A post."""

    organization = OrganizationCodeField(label=_("Cơ quan"), help_text=_WHICH)
    title = TextField(label=_("Chức vụ"), max_length=120)
    role = RoleField(label=_("Vai trò"))
    valid_from = DayField(label=_("Từ ngày"))
    valid_to = LastDayField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống nếu chưa định ngày."))
    is_primary = forms.BooleanField(label=_("Là chức vụ chính"), required=False, initial=True)


class ChangeOfficialForm(forms.Form):
    """How an official is called and reached."""

    full_name = TextField(label=_("Họ và tên"), max_length=100)
    email = forms.EmailField(label=_("Thư điện tử công vụ"), required=False)
    phone = TextField(label=_("Điện thoại"), max_length=20, required=False)


class ChangePostForm(forms.Form):
    """What can be put right about a post; another organisation or role is another post."""

    title = TextField(label=_("Chức vụ"), max_length=120)
    valid_to = LastDayField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống nếu chưa định ngày."))
    is_primary = forms.BooleanField(label=_("Là chức vụ chính"), required=False)


class EndForm(forms.Form):
    """The last day of a post or a role."""

    on = LastDayField(label=_("Ngày cuối cùng giữ"))


class OpenAccountForm(forms.Form):
    """An account for an official."""

    username = TextField(label=_("Tên đăng nhập"), max_length=150)
    email = forms.EmailField(label=_("Thư điện tử"), required=False)


class ReasonForm(forms.Form):
    """Why."""

    reason = TextField(label=_("Lý do"), max_length=200)


class GrantForm(forms.Form):
    """A role without a post."""

    role = RoleField(label=_("Vai trò"))
    organization = OrganizationCodeField(
        label=_("Trong phạm vi"), help_text=_("Cơ quan và mọi đơn vị trực thuộc. Mã hoặc tên đầy đủ.")
    )
    valid_from = DayField(label=_("Từ ngày"))
    valid_to = LastDayField(label=_("Đến hết ngày"), required=False, help_text=_("Để trống nếu chưa định ngày."))
    reason = TextField(label=_("Lý do"), max_length=200)


class DelegateForm(forms.Form):
    """Powers to lend: of which post, to whom, which, for which days, why."""

    position = forms.TypedChoiceField(label=_("Quyền của chức vụ"), coerce=int)
    to = OfficialField(label=_("Ủy quyền cho"), help_text=_("Mã cán bộ, hoặc họ tên đầy đủ nếu không trùng."))
    powers = forms.MultipleChoiceField(
        label=_("Những quyền nào"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Không chọn quyền nào nghĩa là mọi quyền của chức vụ."),
    )
    valid_from = DayField(label=_("Từ ngày"))
    valid_to = LastDayField(label=_("Đến hết ngày"))
    reason = TextField(label=_("Lý do"), max_length=200)

    def __init__(self, *args: Any, posts: Iterable[Position], powers: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.posts = {post.pk: post for post in posts}
        position, chosen = self.fields["position"], self.fields["powers"]
        assert isinstance(position, forms.ChoiceField)
        assert isinstance(chosen, forms.ChoiceField)
        position.choices = [(pk, f"{post.title}, {post.organization.name}") for pk, post in self.posts.items()]
        chosen.choices = [(code, label) for label, code in sorted((permissions.label(code), code) for code in powers)]

    def clean_position(self) -> Position:
        """The post itself."""
        return self.posts[self.cleaned_data["position"]]


class PasswordForm(forms.Form):
    """The password one has, and the one to come, twice."""

    old = forms.CharField(
        label=_("Mật khẩu đang dùng"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("Mật khẩu mới"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Ít nhất 12 ký tự; một câu bốn, năm từ không liên quan nhau là tốt. Không dùng tên, ngày sinh, tên cơ quan."
        ),
    )
    again = forms.CharField(
        label=_("Nhập lại mật khẩu mới"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both times the same."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", _("Hai lần nhập mật khẩu mới không giống nhau."))
        return cleaned
