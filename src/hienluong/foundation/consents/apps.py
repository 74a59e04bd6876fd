from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    name = "hienluong.foundation.consents"
    label = "consents"
    verbose_name = "Đồng ý xử lý dữ liệu cá nhân"

    def ready(self) -> None:
        from . import holdings, menu

        menu.register_entries()
        holdings.hand_over()
