from django.apps import AppConfig


class AgentNodeConfig(AppConfig):
    name = "hienluong.services.agentnode"
    label = "agentnode"
    verbose_name = "Nút đại lý quốc gia"

    def ready(self) -> None:
        from . import announce

        announce.register_all()
