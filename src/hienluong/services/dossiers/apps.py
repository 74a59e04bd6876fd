from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "hienluong.services.dossiers"
    label = "dossiers"
    verbose_name = "Hồ sơ"

    def ready(self) -> None:
        from . import access, subscriptions

        access.register_permissions()
        access.register_finder()
        subscriptions.subscribe_all()
