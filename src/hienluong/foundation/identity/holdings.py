"""What is held of a person's account, posts and roles."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.organisations.models import Delegation, Official, Position
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person, belonging, values

from .models import Account, RoleGrant, SavedView

_ACCOUNT = {
    "username": _("Tên đăng nhập"),
    "display_name": _("Tên hiển thị"),
    "email": _("Thư điện tử"),
    "language": _("Ngôn ngữ"),
    "theme": _("Giao diện"),
    "is_active": _("Đang mở"),
    "created_at": _("Mở lúc"),
    "last_login": _("Đăng nhập lần cuối"),
}
_ROLE = {
    "role__name": _("Vai trò"),
    "organization__name": _("Cơ quan"),
    "valid": _("Thời gian"),
    "reason": _("Lý do"),
}
_VIEW = {"page": _("Danh sách"), "name": _("Tên"), "query": _("Bộ lọc")}
_OFFICIAL = {"code": _("Mã cán bộ"), "full_name": _("Họ tên"), "email": _("Thư điện tử"), "phone": _("Điện thoại")}
_POST = {"title": _("Chức vụ"), "organization__name": _("Cơ quan"), "valid": _("Thời gian")}
_LENT = {"position__title": _("Chức vụ"), "position__official__full_name": _("Của"), "valid": _("Thời gian")}


def hand_over() -> None:
    """Say what is held, and what of it is erased with the account."""
    posts, lent = Position.objects.order_by("pk"), Delegation.objects.order_by("pk")
    holdings.hand_over(
        Holding(
            "identity.account",
            _("Tài khoản"),
            ("identity.Account",),
            _ACCOUNT,
            lambda person: values(belonging(Account.objects.all(), "pk", to=person.account_id), list(_ACCOUNT)),
        ),
        Holding(
            "identity.roles",
            _("Vai trò được giao"),
            ("identity.RoleGrant",),
            _ROLE,
            lambda person: values(
                belonging(RoleGrant.objects.order_by("pk"), "account_id", to=person.account_id), list(_ROLE)
            ),
        ),
        Holding(
            "identity.saved_views",
            _("Bộ lọc đã lưu"),
            ("identity.SavedView",),
            _VIEW,
            lambda person: values(belonging(SavedView.objects.all(), "account_id", to=person.account_id), list(_VIEW)),
        ),
        Holding(
            "organisations.official",
            _("Hồ sơ cán bộ"),
            ("organisations.Official",),
            _OFFICIAL,
            lambda person: values(belonging(Official.objects.all(), "pk", to=person.official_id), list(_OFFICIAL)),
        ),
        Holding(
            "organisations.posts",
            _("Chức vụ"),
            ("organisations.Position",),
            _POST,
            lambda person: values(belonging(posts, "official_id", to=person.official_id), list(_POST)),
        ),
        Holding(
            "organisations.delegations",
            _("Ủy quyền đã nhận, đã giao"),
            ("organisations.Delegation",),
            _LENT,
            lambda person: values(
                belonging(lent, "delegate_id", "position__official_id", to=person.official_id), list(_LENT)
            ),
        ),
    )
    holdings.leave_out("powers that officials took in an emergency, in office", "identity.Emergency")
    closing.hinder("identity.official", _still_official)
    closing.erase(closing.Erased("identity.saved_views", _("Bộ lọc đã lưu"), _erase_views))


def _still_official(person: Person) -> list[str]:
    if person.official_id is None:
        return []
    return [
        str(
            _(
                "Tài khoản này gắn với cán bộ, công chức. Khi bạn rời cơ quan, người quản trị của cơ quan đóng; nhật ký công vụ "
                "được giữ theo luật."
            )
        )
    ]


def _erase_views(act: Act, person: Person) -> int:
    return belonging(SavedView.objects.all(), "account_id", to=person.account_id).delete()[0]
