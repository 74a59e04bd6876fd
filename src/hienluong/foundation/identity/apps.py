from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "hienluong.foundation.identity"
    label = "identity"
    verbose_name = "Tài khoản, quyền"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions

        permissions.register(
            Permission("identity.manage", "Quản lý tài khoản và vai trò", "Manage accounts and roles"),
            Permission("identity.explain", "Xem giải thích quyền của tài khoản", "See why an account may do a thing"),
        )
