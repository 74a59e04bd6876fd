from django.apps import AppConfig


class MandatesConfig(AppConfig):
    name = "hienluong.foundation.mandates"
    label = "mandates"
    verbose_name = "Đại diện doanh nghiệp"

    def ready(self) -> None:
        from hienluong.foundation.actions import purposes
        from hienluong.ui import navigation

        from . import holdings, words

        navigation.register("account", words.PAGE, url_name="mandates:list", order=60, visible=words.is_citizen)
        purposes.register("mandates.own", words.PURPOSE, "mandates")
        holdings.hand_over()
