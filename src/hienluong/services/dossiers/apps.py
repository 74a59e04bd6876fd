from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "hienluong.services.dossiers"
    label = "dossiers"
    verbose_name = "Hồ sơ"

    def ready(self) -> None:
        from hienluong.capabilities.payments import paying
        from hienluong.foundation.mandates import sources

        from . import (
            access,
            belongings,
            charging,
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
