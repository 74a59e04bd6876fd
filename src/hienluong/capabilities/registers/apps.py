from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "hienluong.capabilities.registers"
    label = "registers"
    verbose_name = "Cơ sở dữ liệu chuyên ngành"

    def ready(self) -> None:
        from . import access

        access.register_permissions()
