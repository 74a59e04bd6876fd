from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "hienluong.services.oversight"
    label = "oversight"
    verbose_name = "Chỉ đạo, điều hành"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
