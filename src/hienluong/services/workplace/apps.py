from django.apps import AppConfig


class WorkplaceConfig(AppConfig):
    name = "hienluong.services.workplace"
    label = "workplace"
    verbose_name = "Bàn làm việc"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes

        from . import menu

        menu.register_entries()
        purposes.register("dossiers.settling", _("Tiếp nhận, giải quyết hồ sơ"), "workplace")
