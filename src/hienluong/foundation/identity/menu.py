"""Where the pages of this app stand in the navigation."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hienluong.ui import navigation

from . import people_queries


def register_entries() -> None:
    """Hand the entries over to the navigation."""
    entry, people, security = navigation.register, navigation.PEOPLE, navigation.SECURITY
    entry("staff", _("Cán bộ, công chức"), url_name="identity:officials", order=812, group=people, visible=_administers)
    entry("staff", _("Tài khoản"), url_name="identity:accounts", order=814, group=people, permission="identity.manage")
    entry("staff", _("Vai trò"), url_name="identity:roles", order=816, group=people, visible=_administers)
    entry(
        "staff",
        _("Giải thích quyền"),
        url_name="identity:explain",
        order=830,
        permission="identity.explain",
        group=security,
    )
    entry("staff", _("Nhật ký hệ thống"), url_name="identity:audit", order=840, permission="audit.view", group=security)
    entry("account", _("Ủy quyền"), url_name="identity:delegations", order=80, visible=_is_official)
    entry("account", _("Đổi mật khẩu"), url_name="identity:change_password", order=90, visible=_has_password)


def _administers(request: HttpRequest) -> bool:
    actor = getattr(request, "actor", None)
    return actor is not None and people_queries.may_administer(actor)


def _is_official(request: HttpRequest) -> bool:
    return getattr(request.user, "official_id", None) is not None


def _has_password(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.has_usable_password()
