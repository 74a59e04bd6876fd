from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "hienluong.services.records"
    label = "records"
    verbose_name = "Cơ sở dữ liệu chuyên ngành"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.capabilities.registers import attached
        from hienluong.foundation.actions import purposes
        from hienluong.foundation.files import access
        from hienluong.foundation.people import holdings
        from hienluong.ui import navigation

        from .exporting import permission

        holdings.leave_out("files that officials took in or out in office", "records.Import", "records.Export")
        access.register(permission.FILES, permission.may_open)
        access.register(attached.PURPOSE, attached.may_open, opened=attached.log_look)
        purposes.register("registers.keeping", _("Quản lý cơ sở dữ liệu chuyên ngành"), "records")
        purposes.register("registers.looking_up", _("Tra cứu công khai cơ sở dữ liệu"), "registry")
        purposes.register("registers.importing", _("Nhập dữ liệu từ tệp vào cơ sở dữ liệu chuyên ngành"))
        navigation.register("footer", _("Tra cứu cơ sở dữ liệu"), url_name="registry:registers", order=60)
        purposes.register("registers.exporting", _("Xuất dữ liệu của cơ sở dữ liệu chuyên ngành"), "records:export")
        purposes.register("registers.sharing", _("Thỏa thuận chia sẻ dữ liệu"), "sharing")
        navigation.register(
            "staff",
            _("Chia sẻ dữ liệu"),
            url_name="sharing:list",
            order=822,
            group=navigation.DATA,
            visible=lambda request: any(
                request.actor.paths_with(code)  # type: ignore[attr-defined]
                for code in ("registers.share", "registers.read")
            ),
        )
        navigation.register(
            "staff", _("Cơ sở dữ liệu"), url_name="records:registers", order=60, permission="registers.read"
        )
