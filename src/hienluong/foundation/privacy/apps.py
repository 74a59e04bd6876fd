from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "hienluong.foundation.privacy"
    label = "privacy"
    verbose_name = "Dữ liệu của tôi, đóng tài khoản"

    def ready(self) -> None:
        from hienluong.foundation.files import access

        from . import exporting, menu, own

        menu.register_entries()
        own.hand_over()
        access.register(exporting.PURPOSE, lambda actor, file: False)  # only by its own page, which writes it down
