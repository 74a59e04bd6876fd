from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "hienluong.foundation.calendars"
    label = "calendars"
    verbose_name = "Lịch làm việc"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import Permission, permissions
        from hienluong.foundation.organisations import opening
        from hienluong.ui import navigation

        from . import hours

        opening.register(hours.weekly)
        permissions.register(Permission("calendars.manage", "Quản lý lịch làm việc", "Manage working calendars"))
        navigation.register(
            "staff",
            _("Lịch làm việc"),
            url_name="calendars:overview",
            order=820,
            permission="calendars.manage",
            group=navigation.SYSTEM,
        )
