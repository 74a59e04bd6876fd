from django.apps import AppConfig


class AdaptersConfig(AppConfig):
    name = "hienluong.services.adapters"
    label = "adapters"
    verbose_name = "Hệ thống quốc gia"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
