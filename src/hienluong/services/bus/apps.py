from django.apps import AppConfig


class BusConfig(AppConfig):
    name = "hienluong.services.bus"
    label = "bus"
    verbose_name = "Trục chia sẻ dữ liệu"

    def ready(self) -> None:
        from hienluong.foundation.people import holdings

        from . import announce

        announce.register_all()
        holdings.leave_out("decisions of officials in office", "bus.VersionStep", "bus.ServiceAgreementStep")
