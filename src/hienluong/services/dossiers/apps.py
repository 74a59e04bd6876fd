from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "hienluong.services.dossiers"
    label = "dossiers"
    verbose_name = "Hồ sơ"

    def ready(self) -> None:
        from hienluong.capabilities.payments import paying
        from hienluong.foundation.mandates import sources
        from hienluong.services.adapters import takers

        from . import (
            access,
            belongings,
            charging,
            enquiring,
            explaining,
            heads,
            holdings,
            in_hand,
            opening,
            purposes,
            subscriptions,
        )

        access.register_permissions()
        explaining.register_finder()
        opening.register_files()
        subscriptions.subscribe_all()
        in_hand.register()
        paying.register("dossier", charging.may_pay)
        belongings.register_all()
        sources.register(heads.household_businesses)
        holdings.hand_over()
        purposes.register_all()
        from .actions import enquiries, posting

        enquiring.register_questions()
        takers.register(enquiring.TAKER, enquiries.take, wait=enquiries.wait, wanted=enquiries.wanted)
        takers.register(posting.TAKER, posting.take, wanted=posting.wanted)
