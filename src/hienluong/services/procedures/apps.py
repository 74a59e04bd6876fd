from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "hienluong.services.procedures"
    label = "procedures"
    verbose_name = "Thủ tục hành chính"

    def ready(self) -> None:
        from hienluong.foundation.actions import permissions

        from .scope import MANAGE

        permissions.register(MANAGE)
