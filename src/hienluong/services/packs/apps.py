from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "hienluong.services.packs"
    label = "packs"
    verbose_name = "Gói ngành"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import permissions, purposes
        from hienluong.foundation.people import holdings
        from hienluong.ui import navigation

        from .actions import MANAGE

        holdings.leave_out("packs installed by administrators in office", "packs.Offer", "packs.Installation")
        permissions.register(MANAGE)
        purposes.register("packs.administration", _("Quản trị gói ngành"), "packs")
        navigation.register(
            "staff",
            _("Gói ngành"),
            url_name="packs:list",
            order=808,
            permission=MANAGE.code,
            group=navigation.SERVICES,
        )
