from django.apps import AppConfig


class NationalConfig(AppConfig):
    name = "hienluong.services.national"
    label = "national"
    verbose_name = "Cổng Dịch vụ công quốc gia"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
