from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "hienluong.foundation.recovery"
    label = "recovery"
    verbose_name = "Khôi phục tài khoản"

    def ready(self) -> None:
        from hienluong.foundation.actions import purposes
        from hienluong.foundation.identity import account_views, entering
        from hienluong.ui import navigation

        from . import holdings, words

        entering.below.append("recovery/_lost.html")
        account_views.more.append((words.RECOVER, "recovery:ask_for"))
        navigation.register(
            "staff", words.RECOVER, url_name="recovery:list", order=815, group=words.GROUP, permission="identity.manage"
        )
        purposes.register("recovery.own", words.PURPOSE, "recovery")
        purposes.register(
            "recovery.administration",
            words.ADMINISTRATION,
            *(f"recovery:{name}" for name in ("list", "decide", "ask_for")),
        )
        holdings.hand_over()
