from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "hienluong.foundation.organisations"
    label = "organisations"
    verbose_name = "Cơ quan, đơn vị"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions

        permissions.register(
            Permission("organisations.manage", "Quản lý cơ quan, đơn vị", "Manage organisations"),
            Permission("organisations.appoint", "Bổ nhiệm cán bộ, công chức", "Appoint officials"),
            Permission("organisations.delegate", "Ghi nhận ủy quyền của người khác", "Record delegations of others"),
        )
