from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "hienluong.capabilities.registers"
    label = "registers"
    verbose_name = "Cơ sở dữ liệu chuyên ngành"

    def ready(self) -> None:
        from hienluong.foundation.schemas import references
        from hienluong.foundation.sso import machines

        from . import access, holdings, naming

        access.register_permissions()
        references.register(naming.Records())
        machines.opens("api.read", "registers.read")
        holdings.hand_over()
