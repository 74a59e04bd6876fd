from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    name = "hienluong.foundation.recovery"
    label = "recovery"
    verbose_name = "Khôi phục tài khoản"

    def ready(self) -> None:
        from hienluong.foundation.actions import purposes
        from hienluong.foundation.identity import entering, helping
        from hienluong.ui import navigation

        from . import holdings, words

        entering.below.append("recovery/_lost.html")
        helping.hand_over(
            helping.Way(words.RECOVER, "recovery:ask_for", words.RECOVER_WHEN, lambda one: one.official_id is not None)
        )
        navigation.register(
            "staff",
            words.RECOVER,
            url_name="recovery:list",
            order=815,
            group=navigation.PEOPLE,
            permission="identity.manage",
        )
        purposes.register("recovery.own", words.PURPOSE, "recovery")
        purposes.register(
            "recovery.administration",
            words.ADMINISTRATION,
            *(f"recovery:{name}" for name in ("list", "decide", "ask_for")),
        )
        holdings.hand_over()
