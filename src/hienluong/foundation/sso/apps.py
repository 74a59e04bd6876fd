from django.apps import AppConfig


class SsoConfig(AppConfig):
    name = "hienluong.foundation.sso"
    label = "sso"
    verbose_name = "Đăng nhập một lần (OpenID Connect)"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out
        from django.db.models import Q

        from hienluong.foundation.actions import Permission, permissions, purposes
        from hienluong.foundation.merging.belongings import Belonging, register
        from hienluong.foundation.signin.sessions import account_closed, session_ended, session_renamed
        from hienluong.ui import navigation

        from . import holdings, leaving, words

        permissions.register(
            Permission("sso.manage", "Quản lý hệ thống kết nối đăng nhập", "Manage systems that sign people in")
        )
        purposes.register("sso.signing_in", words.PURPOSE, "sso")
        own = ("systems", "add_engineer", "remove_engineer", "new_system", "system", "new_secret", "disable", "enable")
        purposes.register("sso.administration", words.ADMINISTRATION, *(f"sso:{name}" for name in own))
        entry, group = navigation.register, navigation.SECURITY
        entry("staff", words.SYSTEMS, url_name="sso:systems", order=818, group=group, permission="sso.manage")
        entry("account", words.CONSENTS, url_name="sso:consents", order=87, visible=words.signed_in)
        in_force = Q(withdrawn_at=None)
        register(
            Belonging("sso.consents", words.AGREED, "sso.Consent", "account_id", "account", ("client_id",), in_force)
        )
        user_logged_out.connect(leaving.when_signed_out, dispatch_uid="sso")
        session_ended.connect(leaving.when_ended, dispatch_uid="sso")
        account_closed.connect(leaving.when_closed, dispatch_uid="sso")
        session_renamed.connect(leaving.when_renamed, dispatch_uid="sso")
        holdings.hand_over()
