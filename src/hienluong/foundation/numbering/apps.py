from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "hienluong.foundation.numbering"
    label = "numbering"
    verbose_name = "Đánh số"
