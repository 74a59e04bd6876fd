from django.apps import AppConfig


class WorkplaceConfig(AppConfig):
    name = "hienluong.services.workplace"
    label = "workplace"
    verbose_name = "Bàn làm việc"

    def ready(self) -> None:
        from . import menu

        menu.register_entries()
