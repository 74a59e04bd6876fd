from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "hienluong.foundation.notifications"
    label = "notifications"
    verbose_name = "Thông báo"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions

        from . import holdings, menu, optional

        permissions.register(
            Permission("notifications.send_again", "Gửi lại tin không gửi được", "Send failed messages again")
        )
        menu.register_entries()
        optional.register_purposes()
        holdings.hand_over()
