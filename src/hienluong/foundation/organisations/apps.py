from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "hienluong.foundation.organisations"
    label = "organisations"
    verbose_name = "Cơ quan, đơn vị"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import Permission, permissions
        from hienluong.ui import navigation

        permissions.register(
            Permission("organisations.manage", "Quản lý cơ quan, đơn vị", "Manage organisations"),
            Permission("organisations.appoint", "Bổ nhiệm cán bộ, công chức", "Appoint officials"),
            Permission("organisations.delegate", "Ghi nhận ủy quyền của người khác", "Record delegations of others"),
        )
        navigation.register("footer", _("Bộ máy chính quyền"), url_name="organisations:tree", order=60)
        navigation.register(
            "staff", _("Cơ quan, đơn vị"), url_name="organisations:tree", order=810, group=navigation.PEOPLE
        )
