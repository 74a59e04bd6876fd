from django.apps import AppConfig


class FormsConfig(AppConfig):
    name = "hienluong.capabilities.forms"
    label = "eforms"
    verbose_name = "Biểu mẫu điện tử"

    def ready(self) -> None:
        from . import sources

        sources.register("commune", sources.communes)
