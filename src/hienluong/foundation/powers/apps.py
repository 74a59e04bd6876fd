from django.apps import AppConfig


class PowersConfig(AppConfig):
    name = "hienluong.foundation.powers"
    label = "powers"
    verbose_name = "Xác nhận lại quyền, quyền khẩn cấp"

    def ready(self) -> None:
        from hienluong.foundation.actions import Permission, permissions, purposes
        from hienluong.foundation.people import holdings
        from hienluong.ui import standing

        from . import words

        permissions.register(
            Permission("powers.review", "Xác nhận lại quyền của đơn vị", "Review the powers of one's unit"),
            Permission("powers.manage", "Quản lý đợt xác nhận lại quyền", "Manage reviews of powers"),
            Permission("emergency.take", "Nhận quyền khẩn cấp", "Take powers in an emergency"),
            Permission("emergency.review", "Xem xét việc dùng quyền khẩn cấp", "Review emergency powers"),
        )
        holdings.leave_out("powers of officials that were looked at again, in office", "powers.Item")
        words.register_entries()
        standing.register(words.taken)
        purposes.register("powers", words.PURPOSE, "powers")
