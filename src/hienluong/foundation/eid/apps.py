from django.apps import AppConfig


class EidConfig(AppConfig):
    name = "hienluong.foundation.eid"
    label = "eid"
    verbose_name = "Định danh điện tử"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions, purposes
        from hienluong.foundation.identity import entering
        from hienluong.foundation.merging.belongings import Belonging, register
        from hienluong.foundation.signin import places

        from . import holdings, menu

        permissions.register(Permission("eid.manage", "Xem nguồn định danh điện tử", "Look after identity providers"))
        purposes.register("eid.signing_in", menu.PURPOSE, "eid")
        entering.ways.insert(0, "eid/_ways.html")
        places.on_security.append("eid/_links.html")
        places.on_confirm.append("eid/_confirm.html")
        menu.register_entries()
        register(Belonging("eid.links", menu.LINKS, "eid.Link", "account_id", "account", ("provider",)))
        holdings.hand_over()
