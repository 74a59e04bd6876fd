from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "hienluong.foundation.files"
    label = "files"
    verbose_name = "Tệp"
