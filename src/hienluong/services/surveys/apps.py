from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "hienluong.services.surveys"
    label = "surveys"
    verbose_name = "Khảo sát hài lòng"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes

        from . import invitations

        invitations.register_all()
        purposes.register("surveys.rating", _("Đánh giá mức độ hài lòng"), "surveys")
