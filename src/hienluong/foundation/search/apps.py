from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "hienluong.foundation.search"
    label = "search"
    verbose_name = "Tìm kiếm"
