from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "hienluong.capabilities.decisions"
    label = "decisions"
    verbose_name = "Bảng quyết định"
