from django.apps import AppConfig


class MergingConfig(AppConfig):
    name = "hienluong.foundation.merging"
    label = "merging"
    verbose_name = "Gộp tài khoản"

    def ready(self) -> None:
        from hienluong.foundation.actions import purposes
        from hienluong.foundation.identity import entering
        from hienluong.ui import navigation

        from . import holdings, leading, own, words

        entering.lead_with(leading.kept)
        own.register_all()
        holdings.hand_over()
        navigation.register("account", words.PAGE, url_name="merging:home", order=92, visible=words.signed_in)
        purposes.register("merging.own", words.PURPOSE, "merging")
        purposes.register("merging.counter", words.AT_COUNTER, "merging:at_counter")
