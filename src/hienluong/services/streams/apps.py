from django.apps import AppConfig


class StreamsConfig(AppConfig):
    name = "hienluong.services.streams"
    label = "streams"
    verbose_name = "Dòng sự kiện"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
