from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "hienluong.foundation.notifications"
    label = "notifications"
    verbose_name = "Thông báo"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions

        from . import menu

        permissions.register(
            Permission("notifications.send_again", "Gửi lại tin không gửi được", "Send failed messages again")
        )
        menu.register_entries()
