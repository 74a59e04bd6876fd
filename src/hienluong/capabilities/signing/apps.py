from django.apps import AppConfig


class SigningConfig(AppConfig):
    name = "hienluong.capabilities.signing"
    label = "signing"
    verbose_name = "Ký số"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.foundation.actions.permissions import Permission, register

        register(Permission("signing.revoke", "Thu hồi kết quả đã ký", "Revoke a signed result"))
        purposes.register("signing.verifying", _("Xác minh kết quả"), "signing")
