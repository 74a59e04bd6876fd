from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "hienluong.services.dossiers"
    label = "dossiers"
    verbose_name = "Hồ sơ"
