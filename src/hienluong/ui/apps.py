from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from . import navigation, translations


class UiConfig(AppConfig):
    name = "hienluong.ui"
    label = "ui"
    verbose_name = "Giao diện"

    def ready(self) -> None:
        translations.compile_stale(Path(folder) for folder in settings.LOCALE_PATHS)
        works, figures = _("Hồ sơ"), _("Điều hành")
        navigation.register(
            "gallery", _("Việc của tôi"), url_name="ui:gallery_staff", order=10, group=works, badge=lambda _request: 12
        )
        navigation.register("gallery", _("Thành phần giao diện"), url_name="ui:gallery", order=20, group=works)
        navigation.register("gallery", _("Bản in"), url_name="ui:gallery_print", order=30, group=figures)
