from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "hienluong.services.dossiers"
    label = "dossiers"
    verbose_name = "Hồ sơ"

    def ready(self) -> None:
        from . import access, explaining, in_hand, opening, subscriptions

        access.register_permissions()
        explaining.register_finder()
        opening.register_files()
        subscriptions.subscribe_all()
        in_hand.register()
