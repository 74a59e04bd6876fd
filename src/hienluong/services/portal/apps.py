from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "hienluong.services.portal"
    label = "portal"
    verbose_name = "Cổng dịch vụ"

    def ready(self) -> None:
        from . import menu

        menu.register_entries()
