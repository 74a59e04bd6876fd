from django.apps import AppConfig


class SigningConfig(AppConfig):
    name = "hienluong.capabilities.signing"
    label = "signing"
    verbose_name = "Ký số"
