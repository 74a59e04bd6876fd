from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "hienluong.capabilities.payments"
    label = "payments"
    verbose_name = "Thanh toán"
