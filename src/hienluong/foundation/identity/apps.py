from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "hienluong.foundation.identity"
    label = "identity"
    verbose_name = "Tài khoản, quyền"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import Permission, permissions
        from hienluong.foundation.organisations import roles as roles_below
        from hienluong.ui import navigation

        from .roles import permissions_by_code

        roles_below.register(permissions_by_code)
        permissions.register(
            Permission("identity.manage", "Quản lý tài khoản và vai trò", "Manage accounts and roles"),
            Permission("identity.explain", "Xem giải thích quyền của tài khoản", "See why an account may do a thing"),
            Permission("audit.view", "Xem nhật ký hệ thống", "Read the audit log"),
        )
        navigation.register(
            "staff",
            _("Giải thích quyền"),
            url_name="identity:explain",
            order=830,
            permission="identity.explain",
            group=_("Quản trị"),
        )
        navigation.register(
            "staff",
            _("Nhật ký hệ thống"),
            url_name="identity:audit",
            order=840,
            permission="audit.view",
            group=_("Quản trị"),
        )
