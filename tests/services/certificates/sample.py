"""Food premises in the small province: the leader of a commune signs their certificates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from hienluong.capabilities.registers import actions
from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.certificates import course
from hienluong.capabilities.registers.models import CertificateAct, Record, Version
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.standing import standing
from hienluong.services.certificates import papers
from tests.capabilities.registers.certified import GOOD, premises
from tests.capabilities.registers.sample import official
from tests.services.dossiers.province import Province

WHY = Provenance(reason="Theo biên bản kiểm tra")


class Food:
    """The province, the register of premises, and one of them without a certificate."""

    def __init__(self) -> None:
        self.province = p = Province()
        self.leader, self.officer = p.leader, p.officer
        chief = official(p.agency_one, "define", "read", "write")
        self.register = actions.install(chief, spec=premises(owner=p.agency_one.code), owner=p.agency_one).register
        self.shop = self.add()

    def add(self, code: str = "C001", **data: Any) -> Record:
        given = {**GOOD, "code": code, "agency": self.province.division.code, **data}
        since = timezone.localdate() - timedelta(days=400)
        return actions.create(self.officer, register=self.register, data=given, since=since)

    def issued(self, record: Record | None = None, **how: Any) -> CertificateAct:
        """The certificate issued, its paper signed."""
        return papers.produce(certificates.perform(self.leader, kind="issue", record=record or self.shop, **how))

    def data(self, record: Record | None = None) -> dict[str, Any]:
        record = record or self.shop
        now = Version.objects.filter(register=self.register, record=record, known__upper_inf=True)
        data: dict[str, Any] = now.order_by("-valid")[0].data
        return data

    def stands(self, record: Record | None = None) -> str:
        """The standing of the certificate today."""
        section = premises().certificate
        assert section is not None
        return course.standing_on(section.terms(self.data(record)), timezone.localdate())


def paper_says(done: CertificateAct) -> str:
    """What the verification page says of the paper of an act."""
    done.refresh_from_db()
    return standing(IssuedFile.objects.get(pk=done.token))
