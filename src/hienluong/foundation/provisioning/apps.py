from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    name = "hienluong.foundation.provisioning"
    label = "provisioning"
    verbose_name = "Cấp tài khoản cán bộ"

    def ready(self) -> None:
        from hienluong.foundation.actions import purposes
        from hienluong.foundation.identity import helping
        from hienluong.foundation.people import holdings
        from hienluong.foundation.sso import registry_views
        from hienluong.ui import standing

        from . import delegating, menu

        delegating.listen()
        standing.register(delegating.acting_for)
        menu.register_entries()
        helping.hand_over(helping.Way(menu.INVITE, "provisioning:invite", menu.INVITE_WHEN, menu.may_be_invited))
        registry_views.more.append((menu.DIRECTORY, "provisioning:directory", "scim"))
        purposes.register("provisioning", menu.PURPOSE, "provisioning")
        purposes.register("scim", menu.SCIM, "scim")
        holdings.leave_out("files of officials that administrators took in, in office", "provisioning.Sheet")
        holdings.leave_out("a link for an official's first password: gone when it is used", "provisioning.Invitation")
