from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "hienluong.foundation.identity"
    label = "identity"
    verbose_name = "Tài khoản, quyền"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions
        from hienluong.foundation.organisations import roles as roles_below

        from .roles import permissions_by_code

        roles_below.register(permissions_by_code)
        permissions.register(
            Permission("identity.manage", "Quản lý tài khoản và vai trò", "Manage accounts and roles"),
            Permission("identity.explain", "Xem giải thích quyền của tài khoản", "See why an account may do a thing"),
            Permission("audit.view", "Xem nhật ký hệ thống", "Read the audit log"),
        )
        from . import holdings, menu, purposes

        menu.register_entries()
        purposes.register_all()
        holdings.hand_over()
