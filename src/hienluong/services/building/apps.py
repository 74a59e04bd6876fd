from django.apps import AppConfig


class BuildingConfig(AppConfig):
    name = "hienluong.services.building"
    label = "building"
    verbose_name = "Xưởng khai báo"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import permissions, purposes
        from hienluong.foundation.people import holdings
        from hienluong.ui import navigation

        from .permission import BUILD

        holdings.leave_out("drafts of packs, made by administrators in office", "building.State")
        permissions.register(BUILD)
        purposes.register("packs.building", _("Khai báo gói nghiệp vụ"), "building")
        navigation.register(
            "staff",
            _("Xưởng khai báo"),
            url_name="building:drafts",
            order=810,
            permission=BUILD.code,
            group=navigation.SERVICES,
        )
