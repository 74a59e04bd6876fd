from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    name = "hienluong.services.assessments"
    label = "assessments"
    verbose_name = "Chấm điểm, kiểm tra"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.foundation.files import access
        from hienluong.ui import navigation

        from . import looks, reports

        access.register(reports.PURPOSE, reports.may_open, opened=looks.log_report)
        purposes.register("scoring.assessing", _("Chấm điểm, kiểm tra theo biểu"), "assessments")
        navigation.register(
            "staff",
            _("Chấm điểm, kiểm tra"),
            url_name="assessments:list",
            order=65,
            visible=lambda request: any(
                request.actor.paths_with(code)  # type: ignore[attr-defined]
                for code in ("scoring.read", "scoring.assess", "scoring.sign")
            ),
        )
