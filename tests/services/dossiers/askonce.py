"""The small province with a register about people, and a procedure whose form and papers are filled from it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import agreements
from hienluong.capabilities.registers.models import Agreement, Record
from hienluong.foundation.organisations.models import Organization
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Draft
from hienluong.services.procedures.models import ProcedureVersion
from tests.capabilities.registers.sample import GOOD, official, wells
from tests.services.dossiers.province import Province

CODE = "8.000960"
FORM: dict[str, Any] = {
    "code": "gieng",
    "title": "Đơn về giếng",
    "schema": {
        "type": "object",
        "required": ["reason", "well_name"],
        "properties": {
            "well_code": {"type": "string", "title": "Số giấy phép", "x-prefill": "register.thu.gieng.code"},
            "well_name": {
                "type": "string",
                "title": "Tên giếng",
                "maxLength": 100,
                "x-prefill": "register.thu.gieng.name",
                "x-prefill-locked": True,
            },
            "fee": {"x-kind": "money", "title": "Tiền cấp quyền", "x-prefill": "register.thu.gieng.fee"},
            "reason": {"type": "string", "title": "Lý do", "minLength": 1, "maxLength": 200},
        },
    },
    "pages": [
        {"id": "gieng", "title": "Giếng của bạn", "fields": ["well_code", "well_name", "fee"]},
        {"id": "ly-do", "title": "Lý do của bạn", "fields": ["reason"]},
    ],
}
PAPERS: list[dict[str, Any]] = [
    {"code": "GP", "name": "Giấy phép giếng khoan", "copies": 1, "from": "register thu.gieng"},
    {"code": "XN", "name": "Giấy xác nhận đã được cấp", "copies": 1, "from": "result 8.000900/XN"},
]


class Town:
    """The register of wells (kept by one commune, owned by a department), and the procedure."""

    def __init__(self) -> None:
        self.province = p = Province()
        self.owner, self.person = p.agency_one, p.party
        chief = official(self.owner, "define", "read", "write")
        self.register = registers.install(chief, spec=wells(owner=self.owner.code), owner=self.owner).register
        self.version = p.publish(CODE, form=FORM, papers=PAPERS)

    def well(self, code: str = "G001", **data: Any) -> Record:
        p = self.province
        given = {**GOOD, "code": code, "owner_number": p.party.identifier, "agency": p.commune.code, **data}
        return registers.create(
            official(p.commune, "read", "write"), register=self.register, data=given, since=date(2026, 1, 1)
        )

    def draft(self, version: ProcedureVersion | None = None) -> Draft:
        """A new draft of the person."""
        p = self.province
        Draft.objects.filter(account=p.account, filed_as=None).delete()
        return actions.start_draft(p.citizen, version=version or self.version, subject=p.party)

    def elsewhere(self) -> ProcedureVersion:
        """The same procedure, decided by a department that keeps neither the register nor the record."""
        code = f"{CODE}.S2"
        return self.province.publish(code, form=FORM, papers=PAPERS, agency={"level": "department", "key": "S2"})

    def agreement(self, consumer: Organization, *procedures: str, days: int = 30) -> Agreement:
        """An agreement in force for these procedures."""
        today = timezone.localdate()
        asked = agreements.request(
            official(consumer, "read"),
            register=self.register,
            consumer=consumer,
            fields=["name", "fee"],
            purpose="Giải quyết thủ tục về giếng",
            legal_ground="Nghị định 278/2025/NĐ-CP",
            since=today,
            until=today + timedelta(days=days),
            volume=100,
            procedures=procedures,
        )
        return agreements.approve(official(self.owner, "share"), agreement=asked)


__all__ = ["CODE", "FORM", "PAPERS", "Town"]
