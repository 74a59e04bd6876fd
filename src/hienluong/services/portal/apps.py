from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "hienluong.services.portal"
    label = "portal"
    verbose_name = "Cổng dịch vụ"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes

        from . import menu

        menu.register_entries()
        purposes.register("dossiers.filing", _("Nộp và theo dõi hồ sơ của mình"), "portal")
