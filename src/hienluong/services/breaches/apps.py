from django.apps import AppConfig


class BreachesConfig(AppConfig):
    name = "hienluong.services.breaches"
    label = "breaches"
    verbose_name = "Sổ vi phạm dữ liệu cá nhân"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.foundation.actions.permissions import Permission, register
        from hienluong.foundation.files import access
        from hienluong.foundation.merging import belongings
        from hienluong.ui import navigation

        from . import actions, holdings, papers
        from .permission import HANDLE

        register(Permission(HANDLE, "Xử lý vi phạm dữ liệu cá nhân", "Handle breaches of personal data"))
        purposes.register(
            "breaches.reporting", _("Báo vi phạm dữ liệu cá nhân"), "breaches:report", "breaches:reported"
        )
        purposes.register("breaches.handling", _("Xử lý vi phạm dữ liệu cá nhân"), "breaches")
        access.register(papers.PURPOSE, papers.may_open)
        holdings.hand_over()
        label, once = _("Vi phạm dữ liệu ảnh hưởng đến bạn"), ("breach_id",)
        belongings.register(
            belongings.Belonging("breaches.concerned", label, "breaches.Concerned", "party_id", "party", once)
        )
        navigation.register("footer", _("Báo vi phạm dữ liệu cá nhân"), url_name="breaches:report", order=70)
        navigation.register(
            "staff",
            _("Sổ vi phạm dữ liệu"),
            url_name="breaches:register",
            order=75,
            permission=HANDLE,
            badge=actions.waiting,
        )
