from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "hienluong.services.assignments"
    label = "assignments"
    verbose_name = "Giao việc"

    def ready(self) -> None:
        from . import access

        access.register_permissions()
