from django.apps import AppConfig


class FlowsConfig(AppConfig):
    name = "hienluong.services.flows"
    label = "flows"
    verbose_name = "Dịch vụ phối hợp"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
