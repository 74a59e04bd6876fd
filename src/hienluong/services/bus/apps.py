from django.apps import AppConfig


class BusConfig(AppConfig):
    name = "hienluong.services.bus"
    label = "bus"
    verbose_name = "Trục chia sẻ dữ liệu"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.people import holdings
        from hienluong.ui import navigation

        from . import announce

        announce.register_all()
        navigation.register("footer", _("Dịch vụ dữ liệu"), url_name="bus:portal", order=61)
        navigation.register(
            "staff",
            _("Dịch vụ dữ liệu"),
            url_name="bus:services",
            order=823,
            group=navigation.DATA,
            visible=lambda request: any(
                request.actor.paths_with(code)  # type: ignore[attr-defined]
                for code in (announce.PROVIDE, announce.REQUEST, announce.SHARE, announce.MONITOR)
            ),
        )
        holdings.leave_out("decisions of officials in office", "bus.VersionStep", "bus.ServiceAgreementStep")
