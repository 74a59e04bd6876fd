from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "hienluong.services.procedures"
    label = "procedures"
    verbose_name = "Thủ tục hành chính"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import permissions, purposes
        from hienluong.foundation.mandates import sources
        from hienluong.ui import navigation

        from .queries import names_of
        from .scope import MANAGE

        permissions.register(MANAGE)
        sources.register_procedures(names_of)
        purposes.register("procedures.administration", _("Quản trị danh mục thủ tục"), "procedures")
        navigation.register(
            "staff",
            _("Thủ tục hành chính"),
            url_name="procedures:list",
            order=800,
            permission=MANAGE.code,
            group=navigation.SERVICES,
        )
