"""The national land database: one parcel, by commune, map sheet and parcel number (Luật Đất đai 31/2024/QH15)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ..base import Adapter, Operation
from .shapes import LINE, closed

_COUNT = {"type": "integer", "minimum": 1, "maximum": 99999}


class Land(Adapter):
    """Cơ sở dữ liệu quốc gia về đất đai."""

    code = "land"
    title = _("Cơ sở dữ liệu quốc gia về đất đai")
    owner = _("Bộ Nông nghiệp và Môi trường")
    known = _("Địa chỉ, tên trường, mã loại đất và mã lỗi khai trong cấu hình.")
    operations = (
        Operation(
            name="parcel",
            title=_("Thông tin thửa đất"),
            path="/thua-dat",
            question=closed(
                ("commune_code", "sheet", "parcel"),
                commune_code={"type": "string", "pattern": "^[0-9]{5}$"},
                sheet=_COUNT,
                parcel=_COUNT,
            ),
            answer=closed(
                ("sheet", "parcel", "area_m2", "use"),
                sheet=_COUNT,
                parcel=_COUNT,
                area_m2={"type": "number", "exclusiveMinimum": 0, "maximum": 1e10},
                use=LINE,
                address=LINE,
                certificate={"type": "string", "maxLength": 60},
                restrictions={"type": "array", "maxItems": 50, "items": LINE},
            ),
            names={"commune_code": "maXa", "sheet": "soTo", "parcel": "soThua"},
            answers={
                "sheet": "soTo",
                "parcel": "soThua",
                "area_m2": "dienTich",
                "use": "mucDichSuDung",
                "address": "diaChi",
                "certificate": "soPhatHanhGCN",
                "restrictions": "hanCheQuyen",
            },
            items={"restrictions": {}},
            keep_s=3600,
            stale_s=24 * 3600,
            personal=("certificate", "restrictions"),
            sample={"commune_code": "19333", "sheet": 12, "parcel": 45},
        ),
    )
