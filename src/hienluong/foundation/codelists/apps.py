from django.apps import AppConfig


class CodelistsConfig(AppConfig):
    name = "hienluong.foundation.codelists"
    label = "codelists"
    verbose_name = "Danh mục dùng chung"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import Permission, permissions, purposes
        from hienluong.foundation.schemas import lists
        from hienluong.ui import navigation

        from . import snapshots

        lists.register(snapshots.Kept())
        permissions.register(Permission("codelists.manage", "Quản lý danh mục dùng chung", "Manage code lists"))
        purposes.register("codelists.administration", _("Quản trị danh mục dùng chung"), "codelists")
        navigation.register("footer", _("Danh mục dùng chung"), url_name="codelists:overview", order=70)
        navigation.register(
            "staff", _("Danh mục dùng chung"), url_name="codelists:overview", order=830, group=navigation.DATA
        )
