from django.apps import AppConfig


class AssignmentsConfig(AppConfig):
    name = "hienluong.services.assignments"
    label = "assignments"
    verbose_name = "Giao việc"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.ui import navigation

        from . import access

        access.register_permissions()
        purposes.register("assignments.working", _("Giao việc, theo dõi việc được giao"), "assignments")
        navigation.register(
            "staff",
            _("Giao việc"),
            url_name="assignments:list",
            order=57,
            group=_("Văn bản"),
            visible=lambda request: any(
                request.actor.paths_with(code)  # type: ignore[attr-defined]
                for code in ("assignments.give", "assignments.follow", "documents.read")
            ),
        )
