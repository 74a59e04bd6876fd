from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "hienluong.capabilities.scoring"
    label = "scoring"
    verbose_name = "Chấm điểm"

    def ready(self) -> None:
        from hienluong.foundation.files import access

        from . import permissions, photos

        permissions.register_permissions()
        access.register(photos.PURPOSE, photos.may_open)
