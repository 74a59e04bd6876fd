"""Who looks after the catalogue: it belongs to the province as a whole."""

from __future__ import annotations

from django.utils import timezone

from hienluong.foundation.actions import Permission
from hienluong.foundation.organisations.models import Organization

MANAGE = Permission("procedures.manage", "Quản lý danh mục thủ tục hành chính", "Manage the catalogue of procedures")


def province_path() -> str:
    """The path of the province's committee today; the catalogue is its own."""
    province = Organization.objects.filter(
        kind=Organization.Kind.PROVINCE, parent=None, valid__contains=timezone.localdate()
    )
    return province.order_by("-code").values_list("path", flat=True).first() or "/"
