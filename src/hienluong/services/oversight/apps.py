from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "hienluong.services.oversight"
    label = "oversight"
    verbose_name = "Chỉ đạo, điều hành"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes

        from . import announce

        announce.register_all()
        purposes.register("oversight.statistics", _("Thống kê, giám sát việc giải quyết"), "oversight")
