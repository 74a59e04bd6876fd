"""What payments hand over: permissions and the reconciliation page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions.permissions import Permission, register
from hienluong.ui import navigation


def register_all() -> None:
    """Called from ``ready()``."""
    register(
        Permission("payments.collect", "Thu tiền tại quầy", "Take cash"),
        Permission("payments.reconcile", "Đối soát", "Reconcile"),
        Permission("payments.refund", "Hoàn trả", "Refund"),
        Permission("payments.accounts", "Đặt tài khoản nhận tiền của cơ quan", "Set receiving accounts"),
    )
    navigation.register(
        "staff", _("Đối soát thanh toán"), url_name="payments:reconcile", order=70, permission="payments.reconcile"
    )
