from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "hienluong.capabilities.payments"
    label = "payments"
    verbose_name = "Thanh toán"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
