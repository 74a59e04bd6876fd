from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "hienluong.foundation.counter"
    label = "counter"
    verbose_name = "Tài khoản người dân, tại quầy"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions, purposes
        from hienluong.ui import navigation

        from . import holdings, words
        from .checks import IDENTIFY

        permissions.register(
            Permission(
                IDENTIFY,
                "Kiểm tra giấy tờ tùy thân tại quầy, mở và khôi phục tài khoản người dân",
                "Check identity papers at the counter, open and recover accounts of citizens",
            )
        )
        navigation.register("staff", words.PAGE, url_name="counter:home", order=35, permission=IDENTIFY)
        purposes.register("counter.identity", words.PURPOSE, "counter")
        holdings.hand_over()
