from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "hienluong.capabilities.scoring"
    label = "scoring"
    verbose_name = "Chấm điểm"

    def ready(self) -> None:
        from hienluong.foundation.files import access
        from hienluong.foundation.people import holdings

        from . import permissions, photos

        permissions.register_permissions()
        tables = ("Assessment", "AssessmentAnswer", "AssessmentPhoto", "AssessmentStep")
        holdings.leave_out("what officials assessed in office", *(f"scoring.{name}" for name in tables))
        access.register(photos.PURPOSE, photos.may_open)
