from django.apps import AppConfig


class SsoConfig(AppConfig):
    name = "hienluong.foundation.sso"
    label = "sso"
    verbose_name = "Đăng nhập một lần (OpenID Connect)"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from hienluong.foundation.actions import Permission, permissions, purposes
        from hienluong.foundation.signin.sessions import session_ended

        from . import leaving, words

        permissions.register(
            Permission("sso.manage", "Quản lý hệ thống kết nối đăng nhập", "Manage systems that sign people in")
        )
        purposes.register("sso.signing_in", words.PURPOSE, "sso")
        user_logged_out.connect(leaving.when_signed_out, dispatch_uid="sso")
        session_ended.connect(leaving.when_ended, dispatch_uid="sso")
