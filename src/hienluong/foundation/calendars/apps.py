from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "hienluong.foundation.calendars"
    label = "calendars"
    verbose_name = "Lịch làm việc"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions

        permissions.register(Permission("calendars.manage", "Quản lý lịch làm việc", "Manage working calendars"))
