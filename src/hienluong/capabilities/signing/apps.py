from django.apps import AppConfig


class SigningConfig(AppConfig):
    name = "hienluong.capabilities.signing"
    label = "signing"
    verbose_name = "Ký số"

    def ready(self) -> None:
        from hienluong.foundation.actions.permissions import Permission, register

        register(Permission("signing.revoke", "Thu hồi kết quả đã ký", "Revoke a signed result"))
