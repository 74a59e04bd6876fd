from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "hienluong.services.exchange"
    label = "exchange"
    verbose_name = "Liên thông văn bản"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
