from django.apps import AppConfig


class CorrectionsConfig(AppConfig):
    name = "hienluong.services.corrections"
    label = "corrections"
    verbose_name = "Yêu cầu đính chính dữ liệu"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.capabilities.registers import moves
        from hienluong.foundation.actions import purposes
        from hienluong.foundation.files import access
        from hienluong.foundation.merging.belongings import Belonging, register
        from hienluong.ui import navigation

        from . import actions, evidence, holdings

        moves.register(actions.follow)
        label, open_one = _("Yêu cầu đính chính"), ("record_id", "field")
        register(
            Belonging("corrections.mine", label, "corrections.Correction", "party_id", "party", open_one),
            Belonging("corrections.asked", label, "corrections.Correction", "asked_by_id", "account"),
        )
        holdings.hand_over()
        access.register(evidence.PURPOSE, evidence.may_open, opened=evidence.log_look)
        purposes.register("corrections.own", _("Yêu cầu đính chính dữ liệu của mình"), "corrections")
        purposes.register(
            "corrections.deciding",
            _("Giải quyết yêu cầu đính chính dữ liệu"),
            "corrections:list",
            "corrections:show",
        )
        navigation.register(
            "account",
            _("Yêu cầu đính chính của tôi"),
            url_name="corrections:mine",
            order=41,
            visible=lambda request: getattr(request.actor, "party_id", None) is not None,  # type: ignore[attr-defined]
        )
        navigation.register(
            "staff", _("Yêu cầu đính chính"), url_name="corrections:list", order=65, permission="registers.write"
        )
