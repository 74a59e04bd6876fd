from django.apps import AppConfig


class WorkFilesConfig(AppConfig):
    name = "hienluong.services.workfiles"
    label = "workfiles"
    verbose_name = "Hồ sơ công việc"

    def ready(self) -> None:
        from hienluong.services.documents import links

        from . import access, menu, placing

        access.register_permissions()
        access.register_files()
        menu.register_entries()
        links.register(placing.link)
