"""A people's committee with its office, and a department, each with its records office: who writes to whom in the tests."""

from __future__ import annotations

from dataclasses import dataclass

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.documents.actions import approvals, drafting
from hienluong.services.documents.models import Document
from tests.factories import make_account, make_official, make_org, make_roles


@dataclass(frozen=True)
class Person:
    """Somebody with a post."""

    official: Official
    account: Account

    @property
    def actor(self) -> Actor:
        """The actor, with the powers of today."""
        return actor_of(self.account)


@dataclass(frozen=True)
class Bureau:
    """The committee (`province`), its office, and the department of health."""

    province: Organization
    office: Organization
    health: Organization
    drafter: Person  # in the committee's office
    colleague: Person  # in the same office, drafts other things
    head: Person  # chief of the office
    deputy: Person  # deputy chairman
    chairman: Person
    clerk: Person
    health_clerk: Person
    health_leader: Person

    def draft(self, **more: object) -> Document:
        """A letter to the department, drafted and with its signer."""
        document = drafting.begin(
            self.drafter.actor,
            agency=self.province,
            unit=self.office,
            type=str(more.get("type", "CV")),
            subject=str(more.get("subject", "rà soát số liệu tiêm chủng")),
            restricted=bool(more.get("restricted", False)),
        )
        return self.set_out(document, type=str(more.get("type", "CV")))

    def set_out(self, document: Document, **more: object) -> Document:
        """Give a draft its signer and its receivers."""
        values: dict[str, object] = {
            "subject": document.subject,
            "type": document.type,
            "unit": self.office,
            "urgency": 0,
            "restricted": document.restricted,
            "competence_": "TM.",
            "signer": self.deputy.official,
            "due_at": None,
            "places_": self.health.code,
            "lines": "Như trên",
            **more,
        }
        return drafting.set_out(self.drafter.actor, document=document, **values)  # type: ignore[arg-type]

    def approved(self, **more: object) -> Document:
        """A letter that its signer approved: it waits for its number."""
        document = self.draft(**more)
        approvals.submit(self.drafter.actor, document=document, approvers=[self.head.official])
        for person in (self.head, self.deputy):
            approvals.approve(person.actor, document=document, version=1)
        document.refresh_from_db()
        return document


def make_bureau() -> Bureau:
    """All of it."""
    make_roles()
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    office = make_org("Văn phòng", kind="division", parent=province)
    health = make_org("Sở Y tế", parent=province)

    def person(name: str, role: str, org: Organization, title: str) -> Person:
        official = make_official(name, role=role, org=org, title=title)
        return Person(official, make_account(official=official))

    return Bureau(
        province,
        office,
        health,
        drafter=person("Nguyễn Hữu Phước", "drafter", office, "Chuyên viên"),
        colleague=person("Trần Thị Mai", "drafter", office, "Chuyên viên"),
        head=person("Hoàng Văn Dũng", "head", office, "Chánh Văn phòng"),
        deputy=person("Lê Công Minh", "executive", province, "Phó Chủ tịch"),
        chairman=person("Phan Văn Thắng", "executive", province, "Chủ tịch"),
        clerk=person("Phạm Thị Tâm", "document_clerk", province, "Văn thư"),
        health_clerk=person("Võ Thị Kim Oanh", "document_clerk", health, "Văn thư"),
        health_leader=person("Đỗ Văn Hải", "leader", health, "Giám đốc"),
    )
