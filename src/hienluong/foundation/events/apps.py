from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "hienluong.foundation.events"
    label = "events"
    verbose_name = "Sự kiện"
