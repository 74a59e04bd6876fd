from django.apps import AppConfig


class LookupsConfig(AppConfig):
    name = "hienluong.services.lookups"
    label = "lookups"
    verbose_name = "Ai đã xem dữ liệu của tôi"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.foundation.actions.permissions import Permission, register
        from hienluong.foundation.merging import belongings
        from hienluong.ui import navigation

        label = _("Câu hỏi về lần xem dữ liệu")
        belongings.register(belongings.Belonging("lookups.asked", label, "lookups.Question", "party_id", "party"))

        from . import holdings

        holdings.hand_over()
        register(
            Permission("lookups.answer", "Trả lời người dân về lần xem dữ liệu", "Answer questions about data reads")
        )
        purposes.register("lookups.own", _("Xem ai đã xem dữ liệu của mình"), "lookups")
        purposes.register(
            "lookups.answering", _("Trả lời người dân về lần xem dữ liệu"), "lookups:questions", "lookups:answer"
        )
        navigation.register(
            "account",
            _("Ai đã xem dữ liệu của tôi"),
            url_name="lookups:mine",
            order=40,
            visible=lambda request: getattr(request.actor, "party_id", None) is not None,  # type: ignore[attr-defined]
        )
        navigation.register(
            "staff", _("Người dân hỏi về dữ liệu"), url_name="lookups:questions", order=70, permission="lookups.answer"
        )
