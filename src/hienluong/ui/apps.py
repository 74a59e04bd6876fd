from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "hienluong.ui"
    label = "ui"
    verbose_name = "Giao diện"
