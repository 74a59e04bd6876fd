"""Demo: food safety. All made up: premises, people, an outbreak that never was, a batch that was never recalled."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from hienluong.capabilities.registers import bulk
from hienluong.capabilities.registers.models import Change, Record, Register
from hienluong.capabilities.registers.row import Row
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.capabilities.scoring import actions as scoring
from hienluong.capabilities.scoring import installing
from hienluong.capabilities.scoring.models import ScoringForm
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.people.models import Party
from hienluong.sectors.health.food_safety.planning import months_after
from hienluong.services.assessments import targets

from . import Progress
from .people import ENTERPRISE, SYSTEM

_MADE_UP = "Số liệu minh họa, không có thật"
#: Name, kind, risk, address, latitude, longitude, months since it opened, months since its last inspection (None: never),
#: serious faults found then, months until its certificate ends (None: it has none).
PREMISES: tuple[tuple[str, str, str, str, float, float, int, int | None, int, int | None], ...] = (
    ("Bếp ăn Trường Mầm non Hoa Phượng", "kitchen", "high", "Phường Đông Hà", 16.8195, 107.0951, 70, 7, 0, 20),
    ("Bếp ăn Khu công nghiệp Nam Đông Hà", "kitchen", "high", "Phường Nam Đông Hà", 16.8012, 107.1018, 55, 2, 1, 31),
    ("Suất ăn công nghiệp Bến Hải", "catering", "high", "Xã Gio Linh", 16.9312, 107.0733, 40, 5, 0, 4),
    ("Nhà hàng Cửa Việt Xanh", "restaurant", "medium", "Xã Cửa Việt", 16.8951, 107.1702, 33, 10, 0, 26),
    ("Quán bún hến Mai Xá", "restaurant", "medium", "Xã Gio Linh", 16.9204, 107.0925, 28, 13, 0, None),
    ("Quán cháo bột cá lóc Hải Lăng", "restaurant", "medium", "Xã Hải Lăng", 16.6882, 107.2464, 60, 4, 2, 9),
    ("Nhà hàng Nhật Lệ", "restaurant", "high", "Phường Đồng Hới", 17.4774, 106.6253, 80, 6, 0, 15),
    ("Bếp ăn Trường Tiểu học Đồng Phú", "kitchen", "high", "Phường Đồng Hới", 17.4701, 106.6138, 50, 3, 0, 22),
    ("Bánh mì cổng chợ Ba Đồn", "street", "low", "Phường Ba Đồn", 17.7528, 106.4237, 15, None, 0, None),
    ("Cà phê Khe Sanh", "shop", "low", "Xã Khe Sanh", 16.6293, 106.7326, 44, 20, 0, None),
    ("Cơ sở rượu men lá Hướng Hóa", "maker", "medium", "Xã Hướng Phùng", 16.7113, 106.5841, 36, 12, 0, 5),
    ("Nước uống đóng bình Ái Tử", "maker", "medium", "Xã Ái Tử", 16.7702, 107.1521, 62, 11, 0, 30),
)
#: Supplier, receiver, product, batch, the batch it was made from, days ago; the last but one goes round in a circle.
SHIPMENTS: tuple[tuple[str, str, str, str, str, int], ...] = (
    ("Trại gà Vĩnh Thủy", "Lò mổ Cam Lộ", "Gà sống", "GA-2611", "", 12),
    ("Trại gà Hướng Hiệp", "Lò mổ Cam Lộ", "Gà sống", "GA-2612", "", 12),
    ("Lò mổ Cam Lộ", "Kho lạnh Đông Hà", "Thịt gà", "TG-1101", "GA-2611", 11),
    ("Kho lạnh Đông Hà", "Suất ăn công nghiệp Bến Hải", "Thịt gà", "TG-1101", "", 10),
    ("Kho lạnh Đông Hà", "Siêu thị Đông Hà", "Thịt gà", "TG-1101", "", 10),
    ("Suất ăn công nghiệp Bến Hải", "Bếp ăn Khu công nghiệp Nam Đông Hà", "Gỏi gà", "GG-1118", "TG-1101", 8),
    ("Siêu thị Đông Hà", "Kho lạnh Đông Hà", "Thịt gà trả lại", "TG-1101", "", 7),
    ("Vườn rau Ái Tử", "Suất ăn công nghiệp Bến Hải", "Rau răm", "RR-77", "", 9),
)
#: Of these premises the demo's enterprise is the owner, so that its person finds the certificate, and may renew it.
OWNED = "Suất ăn công nghiệp Bến Hải"
#: Product, parameter, result and the limit that the report states (None: it states none), in mg/kg.
SAMPLES: tuple[tuple[str, str, float, float | None], ...] = (
    ("Gạo", "cd_rice", 0.11, 0.4),
    ("Thịt gà", "pb_meat", 0.13, 0.1),
    ("Cá thu", "hg_predator", 0.4, None),
    ("Nghêu", "cd_bivalve", 0.6, None),
)
#: Who inspects, and what they find not in order in a kitchen that is checked and in one that is being checked.
INSPECTOR = "chuyenvien.syt"
CHECK = "food.catering_check"
FOUND = (("waste", "Thùng rác không có nắp"), ("three_steps", "Sổ kiểm thực ba bước bỏ trống ba ngày"))
#: Foods of the meal: the share of the guests who ate it, in tenths.
MENU = (("Gỏi gà", 6), ("Cơm trắng", 9), ("Canh rau ngót", 7), ("Chả ram", 5), ("Dưa hấu", 6))
GUESTS = 48


def food(progress: Progress) -> None:
    """Fill the registers of food safety, once."""
    registers = {one.code: one for one in Register.objects.filter(code__startswith="food.").select_related("owner")}
    premises = registers.get("food.premises")
    if premises is None or Record.objects.filter(register=premises).exists():
        return
    _fill(registers, premises.owner.code, timezone.localdate())


def _fill(registers: Mapping[str, Register], agency: str, today: date) -> None:
    def write(code: str, rows: Iterable[dict[str, Any]], since: date | None = None) -> list[str]:
        given = [Row({**row, "agency": agency}, since or today - timedelta(days=1)) for row in rows]
        come_from = Provenance(source=Change.Source.MIGRATION, reason=_MADE_UP)
        made = bulk.create_many(SYSTEM, registers[code], given, come_from, whole=True)
        keys = dict(Record.objects.filter(pk__in=[one.record for one in made]).values_list("pk", "key"))
        return [keys[one.record] for one in made if one.record]

    keys = write("food.premises", (_premises(row, today) for row in PREMISES))
    rows = list(zip(keys, PREMISES, strict=True))
    write("food.certificates", (_certificate(n, key, row, today) for n, (key, row) in enumerate(rows, 1) if row[9]))
    write("food.inspections", (_inspection(key, row, today) for key, row in rows if row[7] is not None))
    write("food.declarations", _declarations(today))
    write("food.samples", _samples(keys, today))
    write("food.shipments", (_shipment(row, today) for row in SHIPMENTS))
    (outbreak,) = write("food.outbreaks", [_outbreak(keys[1], today)])
    write("food.cases", _guests(outbreak, today))
    _checks(registers["food.premises"], keys)


def _before(today: date, months: int) -> str:
    return (today - timedelta(days=30 * months)).isoformat()


def _owner(name: str) -> dict[str, str]:
    owner = Party.objects.filter(name=ENTERPRISE).first() if name == OWNED else None
    return {"owner_number": owner.identifier} if owner and owner.identifier else {}


def _premises(row: tuple[Any, ...], today: date) -> dict[str, Any]:
    name, kind, risk, address, north, east, opened, *_rest = row
    owner = _owner(name)
    return {
        **owner,
        "title": name,
        "owner_name": ENTERPRISE if owner else "Chủ cơ sở minh họa",
        "kind": kind,
        "risk": risk,
        "address": f"{address}, tỉnh Quảng Trị",
        "place": {"type": "Point", "coordinates": [east, north]},
        "opened_on": _before(today, opened),
        "status": "active",
    }


def _certificate(number: int, key: str, row: tuple[Any, ...], today: date) -> dict[str, Any]:
    issued = months_after(today, row[9] - 36)
    return {
        **_owner(row[0]),
        "number": f"{number:03d}/{issued.year}/ATTP-CNĐK",  # as the register of before counted
        "title": row[0],
        "premises": key,
        "address": f"{row[3]}, tỉnh Quảng Trị",
        "issued_on": issued.isoformat(),
        "expires_on": months_after(issued, 36).isoformat(),
        "status": "valid",
    }


def _inspection(key: str, row: tuple[Any, ...], today: date) -> dict[str, Any]:
    return {
        "title": row[0],
        "premises": key,
        "inspected_on": _before(today, row[7]),
        "result": "waiting" if row[8] else "passed",
        "serious": row[8],
        "minor": 1,
    }


def _declarations(today: date) -> Iterable[dict[str, Any]]:
    products = (("Cao chè vằng La Vang", "La Vang", 200), ("Nước mắm Mỹ Thủy", "Mỹ Thủy", 90), ("Tiêu Cùa", "Cùa", 30))
    for name, maker, days in products:
        declared = today - timedelta(days=days)
        yield {
            "product": name,
            "group": "packaged",
            "maker": f"Cơ sở {maker} (minh họa)",
            "way": "self",
            "declared_on": declared.isoformat(),
            "tested_on": (declared - timedelta(days=40)).isoformat(),
            "status": "declared",
        }


def _samples(keys: list[str], today: date) -> Iterable[dict[str, Any]]:
    for place, (product, parameter, value, stated) in enumerate(SAMPLES):
        said = {"stated_limit": stated} if stated is not None else {}
        yield {
            **said,
            "product": product,
            "premises": keys[place],
            "parameter": parameter,
            "value": value,
            "taken_on": (today - timedelta(days=5 + place)).isoformat(),
            "laboratory": "Trung tâm kiểm nghiệm minh họa",
        }


def _shipment(row: tuple[str, str, str, str, str, int], today: date) -> dict[str, Any]:
    supplier, receiver, product, batch, made_from, days = row
    data = {
        "supplier": supplier,
        "receiver": receiver,
        "product": product,
        "batch": batch,
        "quantity": 50,
        "unit": "kg",
        "sent_on": (today - timedelta(days=days)).isoformat(),
    }
    return {**data, "made_from": made_from} if made_from else data


def _outbreak(premises: str, today: date) -> dict[str, Any]:
    return {
        "title": "Ngộ độc sau bữa trưa tại bếp ăn khu công nghiệp (minh họa)",
        "place_name": "Phường Nam Đông Hà, tỉnh Quảng Trị",
        "meal_at": f"{today - timedelta(days=8)}T11:30",
        "premises": premises,
        "hospitalised": 9,
        "deaths": 0,
        "suspect": "Gỏi gà",
        "status": "open",
    }


def _guests(outbreak: str, today: date) -> Iterable[dict[str, Any]]:
    """Who ate the salad mostly fell ill, five to thirty hours after the meal."""
    chance = random.Random(2611)  # noqa: S311
    meal = today - timedelta(days=8)
    for number in range(1, GUESTS + 1):
        foods = [{"name": name, "ate": chance.randrange(10) < share} for name, share in MENU]
        ill = chance.randrange(10) < (7 if foods[0]["ate"] else 1)
        data: dict[str, Any] = {"person": f"Người {number:02d}", "outbreak": outbreak, "ill": ill, "foods": foods}
        if ill:
            late = 17 + int(chance.triangular(0, 25, 6))
            data["onset"] = f"{meal + timedelta(days=late // 24)}T{late % 24:02d}:{chance.randrange(60):02d}"
        yield data


def _checks(register: Register, keys: list[str]) -> None:
    """One kitchen is checked and waits for the signature, another is half checked; where the demo has its inspector."""
    account = Account.objects.filter(username=INSPECTOR).first()
    if account is None or not ScoringForm.objects.filter(code=CHECK).exists():
        return
    inspector = actor_of(account)
    items = installing.spec_of(installing.definition_on(CHECK, timezone.localdate())).asked
    for key, count in ((keys[0], len(items)), (keys[2], len(items) // 2)):
        begun = targets.begin(inspector, form=CHECK, register=register.code, key=key, organization_id=register.owner_id)
        for item in items[:count]:
            note = dict(FOUND).get(item.code, "")
            given = scoring.Given(item=item.code, key=uuid4(), value="no" if note else "yes", note=note)
            scoring.answer(inspector, assessment_id=begun.pk, given=given)
        if count == len(items):
            scoring.finish(inspector, assessment_id=begun.pk)
