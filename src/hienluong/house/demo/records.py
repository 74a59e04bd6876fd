"""Demo: the household businesses of the communes, with what happened to them since they were registered."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from hienluong.capabilities.registers import actions, agreements, bulk
from hienluong.capabilities.registers.models import Change, Record, Register, Version
from hienluong.capabilities.registers.row import Row
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party

from . import Progress, formdata
from .people import SYSTEM
from .places import MERGED

#: Household businesses of the demo.
COUNT = 600
#: Middles of some communes (latitude, longitude in degrees), by the end of their names; shops lie around them.
_MIDDLES = {
    "Đông Hà": (16.817, 107.097),
    "Nam Đông Hà": (16.805, 107.105),
    "Quảng Trị": (16.748, 107.186),
    "Đồng Hới": (17.469, 106.601),
    "Ba Đồn": (17.754, 106.422),
    "Lao Bảo": (16.617, 106.598),
    "Khe Sanh": (16.629, 106.731),
    "Cửa Việt": (16.893, 107.165),
    "Vĩnh Linh": (17.062, 107.008),
    "Gio Linh": (16.930, 107.076),
    "Cam Lộ": (16.811, 106.998),
    "Lệ Thủy": (17.221, 106.790),
    "Hoàn Lão": (17.583, 106.538),
}


def households(progress: Progress) -> None:
    """Fill the register of household businesses, once."""
    register = Register.objects.filter(code="business.household").first()
    if register is None or Record.objects.filter(register=register).exists():
        return
    chance = random.Random(168)  # noqa: S311
    rows = list(progress.track(_rows(chance), COUNT))
    come_from = Provenance(source=Change.Source.MIGRATION, reason="Chuyển từ sổ đăng ký cũ")
    bulk.create_many(SYSTEM, register, rows, come_from, whole=True)
    _live_on(register, chance)
    _own_shop(register, come_from)
    _shared(register)


def _rows(chance: random.Random) -> Iterator[Row]:
    communes = {
        row.commune_code: row
        for row in Organization.objects.filter(kind=Organization.Kind.COMMUNE, valid__contains=timezone.localdate())
    }
    owners = Party.objects.filter(kind=Party.Kind.CITIZEN, commune_code__in=communes, account=None).order_by("pk")
    for number, owner in enumerate(chance.sample(list(owners), COUNT)):
        commune = communes[owner.commune_code]
        day = MERGED + timedelta(days=chance.randrange(max(1, (timezone.localdate() - MERGED).days - 1)))
        kind, line, code = chance.choice(formdata.SHOPS)
        data: dict[str, Any] = {
            "code": f"32{number + 1:08d}",
            "name": f"{kind} {' '.join(owner.name.split()[1:])}",
            "owner_name": owner.name,
            "owner_number": owner.identifier,
            "founder": "person",
            "address": owner.address,
            "phone": owner.phone,
            "lines": [{"code": code, "name": line}],
            "capital": chance.choice((50, 80, 100, 150, 200)) * 1_000_000,
            "registered_on": day.isoformat(),
            "status": "active",
            "agency": commune.code,
        }
        middle = next((place for name, place in _MIDDLES.items() if commune.name.endswith(name)), None)
        if middle:
            latitude, longitude = (round(part + chance.uniform(-0.012, 0.012), 5) for part in middle)
            data["place"] = {"type": "Point", "coordinates": [longitude, latitude]}
        yield Row(data, day)


def _own_shop(register: Register, come_from: Provenance) -> None:
    """The first person of the demo has a shop, so that forms about it are filled in for them."""
    owner = Party.objects.filter(account__username="nguyenthilanh").first()
    commune = Organization.objects.filter(kind=Organization.Kind.COMMUNE, commune_code="19333").first()
    if owner is None or commune is None:
        return
    data = {
        "code": owner.identifier,
        "name": "Nước mắm Bà Lành",
        "owner_name": owner.name,
        "owner_number": owner.identifier,
        "founder": "person",
        "address": "12 Trần Hưng Đạo, phường Đông Hà, tỉnh Quảng Trị",
        "phone": owner.phone,
        "lines": [{"code": "4711", "name": "Bán lẻ tổng hợp trong cửa hàng"}],
        "capital": 80_000_000,
        "registered_on": "2025-09-15",
        "status": "active",
        "agency": commune.code,
    }
    theirs = Version.objects.filter(register=register, data__owner_number=owner.identifier)
    for record in Record.objects.filter(pk__in=theirs.values("record_id")):  # one that chance gave them
        actions.end(SYSTEM, record=record, void=True)
    actions.create(SYSTEM, register=register, data=data, since=date(2025, 9, 15), provenance=come_from)


def _shared(register: Register) -> None:
    """The department that certifies food premises reads names and addresses of shops for that procedure."""
    today = timezone.localdate()
    consumer = Organization.objects.filter(
        kind=Organization.Kind.DEPARTMENT, versions__short_name="SNNMT", valid__contains=today
    ).first()
    if consumer is None:
        return
    asked = agreements.request(
        SYSTEM,
        register=register,
        consumer=consumer,
        fields=["code", "name", "address"],
        purpose="Điền sẵn đơn đề nghị chứng nhận an toàn thực phẩm",
        legal_ground="Nghị định 278/2025/NĐ-CP",
        since=today,
        until=today + timedelta(days=365),
        volume=1000,
        procedures=["2.001827"],
    )
    agreements.approve(SYSTEM, agreement=asked)


def _live_on(register: Register, chance: random.Random) -> None:
    """Some grow, some stop for a while, some close, some were written wrong."""
    today = timezone.localdate()
    records = list(Record.objects.filter(register=register).order_by("pk"))
    for record in chance.sample(records, 48):
        begun = date.fromisoformat(record.versions.latest("pk").data["registered_on"])
        day = begun + timedelta(days=max(1, (today - begun).days // 2))
        what = chance.choice(("grow", "grow", "stop", "close", "wrong"))
        if what == "grow":
            _change(record, {"capital": chance.choice((250, 300, 500)) * 1_000_000}, day, "Đăng ký tăng vốn")
        elif what == "stop":
            away = {"status": "suspended", "suspended": {"from": day.isoformat()}}
            _change(record, away, day, "Thông báo tạm ngừng kinh doanh")
        elif what == "close":
            _change(record, {"status": "dissolved"}, day, "Thông báo chấm dứt hoạt động")
        else:
            _change(
                record, {"phone": f"09{chance.randint(10**7, 10**8 - 1)}"}, begun, "Gõ sai số điện thoại", wrong=True
            )


def _change(record: Record, data: dict[str, Any], day: date, reason: str, *, wrong: bool = False) -> None:
    actions.change(SYSTEM, record=record, data=data, since=day, correction=wrong, provenance=Provenance(reason=reason))
