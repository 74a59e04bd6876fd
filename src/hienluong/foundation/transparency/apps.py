from django.apps import AppConfig


class TransparencyConfig(AppConfig):
    name = "hienluong.foundation.transparency"
    label = "transparency"
    verbose_name = "Sổ minh bạch"
