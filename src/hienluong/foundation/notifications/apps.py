from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "hienluong.foundation.notifications"
    label = "notifications"
    verbose_name = "Thông báo"

    def ready(self) -> None:
        from . import menu

        menu.register_entries()
