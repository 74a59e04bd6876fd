from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "hienluong.foundation.calendars"
    label = "calendars"
    verbose_name = "Lịch làm việc"
