from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "hienluong.capabilities.payments"
    label = "payments"
    verbose_name = "Thanh toán"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.foundation.merging.belongings import Belonging, register

        from . import announce, holdings

        announce.register_all()
        register(Belonging("payments.charges", _("Khoản thu"), "payments.Charge", "payer_id", "party"))
        holdings.hand_over()
        purposes.register("payments.paying", _("Nộp và đối soát phí, lệ phí"), "payments")
