from django.apps import AppConfig


class ProceduresConfig(AppConfig):
    name = "hienluong.services.procedures"
    label = "procedures"
    verbose_name = "Thủ tục hành chính"
