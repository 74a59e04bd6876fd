from django.apps import AppConfig
from django.conf import settings
from django.db.backends.signals import connection_created
from django.db.models.signals import pre_migrate


class HouseConfig(AppConfig):
    name = "hienluong.house"
    label = "house"
    verbose_name = "Hiền Lương"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import Permission, permissions, purposes
        from hienluong.foundation.events.outbox import subscribe
        from hienluong.services.bus import measuring
        from hienluong.services.streams.models import Undelivered
        from hienluong.ui import navigation

        from . import half_built, loading, publishing
        from .database import plan_for_each_value

        connection_created.connect(plan_for_each_value, dispatch_uid="hienluong.house.plans")
        pre_migrate.connect(half_built.before_migrating, dispatch_uid="hienluong.house.half_built")
        subscribe("charge.refunded", publishing.withdraw_receipt)
        permissions.register(
            Permission("house.mend", "Xử lý việc nền, sự kiện, tin nhắn bị hỏng", "Mend failed jobs, events, messages")
        )
        purposes.register("house.operation", _("Vận hành hệ thống"), "failures")
        navigation.register(
            "staff",
            _("Việc hỏng cần xử lý"),
            url_name="failures:show",
            order=850,
            permission="house.mend",
            group=navigation.SYSTEM,
        )
        if settings.DEMO:
            from .demo import guide

            guide.register()
        measuring.register_undelivered("webhooks", Undelivered.objects.filter(given_up_at__isnull=False).count)
        loading.end()
