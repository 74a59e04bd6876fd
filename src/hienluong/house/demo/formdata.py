"""What a person of the demo fills in: the pack's example as a frame, every personal field that of the person.

An example of a pack belongs to somebody invented for it. Filed under another name it would show one person's data
in another's dossier, so each form that can be filed has its own writer here; what the writer does not set (the kind
of paper, the land, the vehicle) is kept from the example.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import yaml

from hienluong.capabilities.forms.prefill import prefilled_fields
from hienluong.foundation.people.models import Party
from hienluong.services.procedures import packs
from hienluong.services.procedures.spec import ProcedureSpec

from . import names

Data = dict[str, Any]

_PAPERS = (
    ("Bằng tốt nghiệp đại học", "DHH", "Đại học Huế", 1),
    ("Bằng tốt nghiệp trung học phổ thông", "THPT", "Sở Giáo dục và Đào tạo", 1),
    ("Giấy chứng nhận quyền sử dụng đất", "CM", "Ủy ban nhân dân huyện Cam Lộ", 4),
    ("Giấy khai sinh", "KS", "Ủy ban nhân dân cấp xã", 1),
    ("Học bạ trung học phổ thông", "HB", "Trường Trung học phổ thông thị xã Quảng Trị", 24),
    ("Hợp đồng lao động", "HDLD", "Công ty Cổ phần Nông sản Quảng Trị", 6),
    ("Giấy phép lái xe", "GPLX", "Sở Giao thông vận tải Quảng Trị", 1),
)
#: Kinds of shops, what they do, and its code of industry.
SHOPS = (
    ("Tạp hóa", "Bán lẻ tổng hợp trong cửa hàng", "4711"),
    ("Quán ăn", "Nhà hàng và các dịch vụ ăn uống phục vụ lưu động", "5610"),
    ("Cà phê", "Dịch vụ phục vụ đồ uống", "5630"),
    ("May đo", "May trang phục", "1410"),
    ("Sửa xe máy", "Sửa chữa, bảo dưỡng mô tô, xe máy", "9532"),
    ("Vật liệu xây dựng", "Bán lẻ vật liệu xây dựng trong cửa hàng chuyên doanh", "4752"),
)


@dataclass(frozen=True)
class Filler:
    """Who fills a form in, on which day, and the chance it is filled in by."""

    party: Party
    day: date
    chance: random.Random

    @property
    def male(self) -> bool:
        """Whether the person is a man."""
        return self.party.sex == Party.Sex.MALE

    @property
    def sex(self) -> str:
        """The sex as the forms write it."""
        return "Nam" if self.male else "Nữ"

    @property
    def born(self) -> date:
        """The day of birth; enterprises have none and are given a founder's."""
        return self.party.date_of_birth or date(1980, 1, 1)

    @property
    def surname(self) -> str:
        """The family name."""
        return self.party.name.split()[0]

    def before(self, most: int, least: int = 1) -> str:
        """A day from `least` to `most` days ago, as ISO text."""
        return (self.day - timedelta(days=self.chance.randint(least, most))).isoformat()

    def number(self, digits: int) -> str:
        """A number of so many digits."""
        return str(self.chance.randint(10 ** (digits - 1), 10**digits - 1))

    def person(self, sex: str, surname: str = "") -> str:
        """Another person's name."""
        while True:
            name, found = names.person(self.chance)
            if found == sex:
                return " ".join([surname, *name.split()[1:]]) if surname else name


def identifier(born: date, *, male: bool, number: int, province: str = "045") -> str:
    """A 12-digit personal number: province, century and sex, year of birth, six digits."""
    century = (0 if born.year < 2000 else 2) + (not male)
    return f"{province}{century}{born.year % 100:02d}{number:06d}"


def data_for(spec: ProcedureSpec, party: Party, day: date, chance: random.Random, *, example: int = -1) -> Data:
    """The form of `spec` filled in by `party` on `day`; empty for a procedure without form."""
    if spec.form is None:
        return {}
    shown = examples().get(spec.code) or [{}]
    data: Data = dict(shown[example] if example >= 0 else chance.choice(shown))
    filler = Filler(party, day, chance)
    own = _WRITERS.get(spec.code)
    if own:
        data |= own(filler, data)
    for name, source in prefilled_fields(spec.form).items():
        if not source.startswith("party."):
            continue  # what a register would say, somebody without a record types: the example does
        value = _own(party, source)
        if value:
            data[name] = value
        else:
            data.pop(name, None)
    if spec.code in _AFTER:
        data |= _AFTER[spec.code](filler, data)
    known = spec.form.data_schema["properties"]
    return {name: value for name, value in data.items() if name in known and value is not None}


def officer_fields(spec: ProcedureSpec, chance: random.Random) -> Data:
    """What the officer writes into the result beside the answers, for the results that ask for it."""
    form = spec.results[0].officer_form
    if form is None:
        return {}
    child = identifier(date(2026, 1, 1), male=chance.random() < 0.5, number=chance.randint(0, 999_999))
    return {name: child for name in form.data_schema["properties"] if name == "granted_personal_id"}


def _own(party: Party, source: str) -> str:
    value = getattr(party, source.removeprefix("party."), "")
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _certified_copy(who: Filler, data: Data) -> Data:
    name, mark, issuer, pages = who.chance.choice(_PAPERS)
    return {
        "paper_name": name,
        "paper_number": f"{mark}-{who.number(6)}",
        "paper_issuer": issuer,
        "paper_date": who.before(4000, 200),
        "pages": pages,
        "copies": who.chance.choice((1, 2, 2, 3, 3, 5, 8)),
        "photocopy": who.chance.choice(("own", "own", "counter")),
    }


def _birth(who: Filler, data: Data) -> Data:
    girl = who.chance.random() < 0.49
    father_name = who.party.name if who.male else who.person("male")
    mother_name = who.person("female") if who.male else who.party.name
    child = who.person("female" if girl else "male", father_name.split()[0])
    young = date(who.chance.randint(1988, 2001), who.chance.randint(1, 12), who.chance.randint(1, 28))
    own = who.born if who.born.year > 1976 else None
    father_born = own if own and who.male else young
    mother_born = own if own and not who.male else young + timedelta(days=400)
    relation = ("father" if who.male else "mother") if own else "grandparent"
    if relation == "grandparent":
        father_name, mother_name = who.person("male", who.surname), who.person("female")
        child = who.person("female" if girl else "male", who.surname)
    home = who.party.address
    return {
        "filer_relation": relation,
        "child_name": child,
        "child_sex": "Nữ" if girl else "Nam",
        "child_dob": who.before(50, 3),
        "within_60_days": "yes",
        "child_birthplace": "Bệnh viện Đa khoa tỉnh Quảng Trị",
        "child_ethnic": "Kinh",
        "child_hometown": home,
        "mother_name": mother_name,
        "mother_dob": mother_born.isoformat(),
        "mother_pid": _pid(who, mother_born, relation == "mother", male=False),
        "mother_ethnic": "Kinh",
        "mother_nationality": "Việt Nam",
        "mother_residence": home,
        "has_father": "yes",
        "parents_married": "yes",
        "father_name": father_name,
        "father_dob": father_born.isoformat(),
        "father_pid": _pid(who, father_born, relation == "father", male=True),
        "father_ethnic": "Kinh",
        "father_nationality": "Việt Nam",
        "father_residence": home,
        "copies": who.chance.choice((0, 1, 2, 3)),
        "exempt_group": "none",
    }


def _pid(who: Filler, born: date, own: bool, *, male: bool) -> str:
    return who.party.identifier if own else identifier(born, male=male, number=who.chance.randint(0, 99_999))


def _birth_across_levels(who: Filler, data: Data) -> Data:
    birth = _birth(who, data)
    return birth | {
        "residence_with": "father",
        "household_head": birth["father_name"],
        "household_head_pid": birth["father_pid"],
        "relation_to_head": "Con",
        "residence_address": who.party.address,
        "clinic": "Trạm Y tế nơi cư trú",
    }


def _marital(who: Filler, data: Data) -> Data:
    marries = who.chance.random() < 0.6
    own: Data = {
        "for_self": "yes",
        "person_name": who.party.name,
        "person_pid": who.party.identifier,
        "person_dob": who.born.isoformat(),
        "person_sex": who.sex,
        "person_ethnic": "Kinh",
        "person_address": who.party.address,
        "stay_from": date(who.born.year + 18, 6, 1).isoformat(),
        "stay_to": who.before(5, 1),
        "marital": "never",
        "divorce_paper": None,
        "spouse_death_paper": None,
        "current_spouse": None,
        "exempt_group": "none",
        "purpose": "marriage" if marries else "other",
    }
    partner = date(min(who.born.year + 2, 2005), 4, 9)
    return own | {
        "partner_name": who.person("female" if who.male else "male") if marries else None,
        "partner_pid": _pid(who, partner, False, male=not who.male) if marries else None,
        "marriage_place": "Ủy ban nhân dân nơi cư trú" if marries else None,
        "purpose_text": None if marries else "Vay vốn mua nhà ở",
    }


def _extract(who: Filler, data: Data) -> Data:
    return {
        "event": "birth",
        "subject_name": who.party.name,
        "subject_dob": who.born.isoformat(),
        "subject_pid": who.party.identifier,
        "relation": "Bản thân",
        "registered_at": "Ủy ban nhân dân nơi cư trú của cha mẹ",
        "registered_year": who.born.year,
        "record_number": who.number(3),
        "copies": who.chance.choice((1, 2, 2, 3, 5)),
        "purpose": who.chance.choice(("Nộp hồ sơ nhập học", "Xin việc làm", "Làm hộ chiếu", "Giải quyết thừa kế")),
    }


def _allowance(who: Filler, data: Data) -> Data:
    bank = who.chance.random() < 0.7
    return {
        "request": "start",
        "declarer": "self",
        "declarer_name": None,
        "declarer_pid": None,
        "declarer_relation": None,
        "contact_phone": None,
        "person_sex": who.sex,
        "person_ethnic": "Kinh",
        "group": "disabled_severe",
        "children": None,
        "disability_paper": f"{who.number(2)}/XNKT ngày {who.day.replace(day=1):%d/%m/%Y}",
        "pay_method": "bank" if bank else "post",
        "bank_name": "Agribank" if bank else None,
        "bank_account": f"3905205{who.number(6)}" if bank else None,
    }


def _household_business(who: Filler, data: Data) -> Data:
    kind, line, code = who.chance.choice(SHOPS)
    return {
        "filer_sex": who.sex,
        "founder": "person",
        "members": None,
        "business_name": f"{kind} {' '.join(who.party.name.split()[1:])}",
        "business_address": who.party.address,
        "business_phone": who.party.phone,
        "main_line": line,
        "main_code": code,
        "other_lines": None,
        "capital": who.chance.choice((50, 80, 100, 150, 200)) * 1_000_000,
        "workers": who.chance.randint(1, 5),
        "start_date": (who.day + timedelta(days=who.chance.randint(7, 40))).isoformat(),
    }


def _house(who: Filler, data: Data) -> Data:
    land = who.chance.randint(90, 320)
    floor = round(land * who.chance.uniform(0.45, 0.75), 1)
    floors = who.chance.choice((1, 1, 2, 2, 3))
    designed = floors >= 3 or floor * floors >= 250
    return {
        "site_address": who.party.address,
        "parcel": who.number(3),
        "map_sheet": who.number(2),
        "land_area": land,
        "land_paper": f"Giấy chứng nhận số DK {who.number(6)}",
        "floors": floors,
        "basement": 0,
        "building_area": floor,
        "total_area": round(floor * floors, 1),
        "height": round(3.8 * floors + 1.2, 1),
        "designer_kind": "organisation" if designed else "self",
        "designer": "Công ty TNHH Tư vấn Kiến trúc Gio Linh" if designed else None,
        "designer_cert": f"QTR-{who.number(8)}" if designed else None,
        "months": who.chance.randint(4, 12),
    }


def _land(who: Filler, data: Data) -> Data:
    change = who.chance.choice(("transfer", "transfer", "gift", "inheritance"))
    born = date(who.chance.randint(1945, 1975), 3, who.chance.randint(1, 28))
    certificate = who.day - timedelta(days=who.chance.randint(900, 4000))
    return {
        "change": change,
        "part": "whole",
        "transferred_area": None,
        "parcel": who.number(3),
        "map_sheet": who.number(2),
        "parcel_address": who.party.address,
        "parcel_area": who.chance.randint(90, 600),
        "land_use": who.chance.choice(("ODT", "ONT")),
        "certificate_number": f"DK {who.number(6)}",
        "certificate_date": certificate.isoformat(),
        "remote": "no",
        "giver_name": who.person("male", who.surname if change != "transfer" else ""),
        "giver_pid": identifier(born, male=True, number=who.chance.randint(0, 99_999)),
        "giver_address": who.party.address,
        "contract_number": f"{who.number(4)}/{who.day.year}",
        "contract_date": who.before(30, 3),
        "price": who.chance.randint(300, 1800) * 1_000_000 if change == "transfer" else 0,
        "tax_relief": "no" if change == "transfer" else "yes",
    }


def _licence(who: Filler, data: Data) -> Data:
    adult = max(who.born.year + 19, 2012)
    issued = date(min(adult, who.day.year - 1), 5, who.chance.randint(1, 28))
    post = who.chance.random() < 0.4
    return {
        "licence_number": f"4501{issued.year % 100:02d}{who.number(6)}",
        "licence_class": "B",
        "licence_issuer": "Sở Giao thông vận tải Quảng Trị",
        "licence_issued": issued.isoformat(),
        "licence_expires": (who.day + timedelta(days=who.chance.randint(5, 60))).isoformat(),
        "reason": "expiring",
        "reason_text": None,
        "health_number": f"{who.number(4)}/GKSKLX",
        "health_date": who.before(60, 2),
        "health_place": "Trung tâm Y tế khu vực nơi cư trú",
        "delivery": "post" if post else "counter",
        "delivery_address": who.party.address if post else None,
    }


def _food(who: Filler, data: Data) -> Data:
    enterprise = who.party.kind == Party.Kind.ENTERPRISE
    return {
        "establishment": who.party.name if enterprise else f"Cơ sở sản xuất nước mắm {who.party.name}",
        "owner_kind": "enterprise" if enterprise else "household",
        "address": who.party.address,
        "request": "new",
        "old_certificate": None,
    }


def _food_representative(who: Filler, data: Data) -> Data:
    director = representative_of(who.party)
    return {"representative": director.name} if director else {}


def _enterprise_change(who: Filler, data: Data) -> Data:
    director = representative_of(who.party) or who.party
    joint = "Cổ phần" in who.party.name
    return {
        "enterprise_kind": "joint_stock" if joint else "one_member",
        "representative": director.name,
        "representative_pid": director.identifier,
        "change": "address",
        "new_name": None,
        "new_name_en": None,
        "added_lines": None,
        "removed_lines": None,
        "new_tax_info": None,
        "new_address": f"Số {who.number(2)} Hùng Vương, {who.party.address}",
        "tax_moved": "no",
        "decision_number": f"{who.number(2)}/QĐ",
        "decision_date": who.before(20, 2),
    }


def representative_of(party: Party) -> Party | None:
    """The person who acts for an enterprise."""
    found = party.representatives.select_related("representative").order_by("pk").first()
    return found.representative if found else None


_WRITERS: Mapping[str, Callable[[Filler, Data], Data]] = {
    "2.000815": _certified_copy,
    "1.001193": _birth,
    "3.000722": _birth_across_levels,
    "1.004873": _marital,
    "2.000635": _extract,
    "1.001776": _allowance,
    "1.001612": _household_business,
    "1.013225": _house,
    "1.013831": _land,
    "3.000347": _licence,
    "2.001827": _food,
    "2.002041": _enterprise_change,
}
#: What comes after the fields taken from the party.
_AFTER: Mapping[str, Callable[[Filler, Data], Data]] = {"2.001827": _food_representative}


@cache
def examples() -> dict[str, list[Data]]:
    """The example dossiers of the packs, by procedure code."""
    found: dict[str, list[Data]] = {}
    for folder in packs.shipped_folders():
        for path in sorted((folder / "examples").glob("*.yaml")):
            rows = (yaml.safe_load(path.read_text("utf-8")) or {}).get("dossiers", [])
            found[path.stem] = [_plain(row) for row in rows]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value
