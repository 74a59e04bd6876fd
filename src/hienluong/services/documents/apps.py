from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "hienluong.services.documents"
    label = "documents"
    verbose_name = "Văn bản điều hành"

    def ready(self) -> None:
        from . import access

        access.register_permissions()
        access.register_files()
