from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "hienluong.capabilities.scoring"
    label = "scoring"
    verbose_name = "Chấm điểm"

    def ready(self) -> None:
        from . import permissions

        permissions.register_permissions()
