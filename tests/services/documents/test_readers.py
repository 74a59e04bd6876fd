"""Who may read a document: its readers and their records office, nobody else."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import pytest

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.documents import access
from hienluong.services.documents.agencies import agency_of
from hienluong.services.documents.models import Document, Look, Reader, Why
from tests.factories import actor_for_role, make_org


class Offices(NamedTuple):
    """A province with two departments and a division."""

    province: Organization
    health: Organization
    division: Organization
    finance: Organization


@pytest.fixture
def offices(db: None) -> Offices:
    province = make_org("UBND tỉnh thử", code="H50", kind="province")
    health = make_org("Sở Y tế", parent=province)
    division = make_org("Phòng Nghiệp vụ Y", kind="division", parent=health)
    return Offices(province, health, division, make_org("Sở Tài chính", parent=province))


def document_of(agency: Organization, **more: object) -> Document:
    return Document.objects.create(
        direction="incoming",
        agency=agency,
        type="CV",
        code="125/UBND-TH",
        subject="V/v rà soát số liệu",
        issued_on=date(2026, 11, 20),
        state="registered",
        **more,
    )


def official_of(actor: Actor) -> Official:
    return Official.objects.get(pk=actor.official_id)


def test_an_agency_is_the_nearest_with_a_seal(offices: Offices) -> None:
    assert agency_of(offices.division) == offices.health
    assert agency_of(offices.health) == offices.health


def test_only_the_records_office_of_the_agency_reads_what_arrived(offices: Offices) -> None:
    document = document_of(offices.health)
    access.let_read(document, agency=offices.health, why=Why.AGENCY)
    clerk = actor_for_role("document_clerk", offices.health)
    others = [
        actor_for_role(role, place)
        for place in (offices.province, offices.health, offices.division, offices.finance)
        for role in ("leader", "head", "officer", "clerk", "admin", "auditor", "executive", "oversight")
    ]
    others += [actor_for_role("document_clerk", offices.province), actor_for_role("document_clerk", offices.finance)]
    assert list(access.readable(clerk)) == [document]
    assert access.decide_read(clerk, document).reasons == ("Văn thư cơ quan",)
    for other in [*others, Actor()]:
        assert not access.readable(other).exists()
        with pytest.raises(NotFound):
            access.require_read(other, document)


def test_who_is_named_reads_with_the_records_office_of_their_agency(offices: Offices) -> None:
    document = document_of(offices.health)
    officer = actor_for_role("officer", offices.division)
    access.let_read(document, agency=offices.health, why=Why.ASSIGNED, official=official_of(officer))
    clerk = actor_for_role("document_clerk", offices.division)  # sits in a division, keeps the records of the agency
    colleague = actor_for_role("officer", offices.division)
    assert access.decide_read(officer, document).allowed
    assert access.decide_read(clerk, document).allowed
    assert not access.decide_read(colleague, document).allowed


def test_who_no_longer_reads_is_let_in_no_more_but_kept_on_record(offices: Offices) -> None:
    document = document_of(offices.health)
    officer = actor_for_role("officer", offices.health)
    access.let_read(document, agency=offices.health, why=Why.ASSIGNED, official=official_of(officer))
    access.let_read(document, agency=offices.health, why=Why.ASSIGNED, official=official_of(officer))
    assert Reader.objects.count() == 1
    assert access.end_reading(document, why=Why.ASSIGNED, official=official_of(officer)) == 1
    assert not access.decide_read(officer, document).allowed
    assert Reader.objects.count() == 1


def test_who_moved_to_another_agency_reads_there_no_longer(offices: Offices) -> None:
    document = document_of(offices.health)
    officer = actor_for_role("officer", offices.finance)
    access.let_read(document, agency=offices.health, why=Why.SHARED, official=official_of(officer))
    assert not access.decide_read(officer, document).allowed


def test_each_reading_of_a_restricted_document_is_written_down(offices: Offices) -> None:
    officer = actor_for_role("officer", offices.health)
    plain, restricted = document_of(offices.health), document_of(offices.health, restricted=True)
    for document in (plain, restricted):
        access.let_read(document, agency=offices.health, why=Why.SHARED, official=official_of(officer))
        access.look(officer, document, "trang văn bản")
        access.look(officer, document, "trang văn bản")
    assert [(each.document, each.official_id) for each in Look.objects.all()] == [(restricted, officer.official_id)] * 2
    assert Reader.objects.filter(first_read_at__isnull=False).count() == 2


def test_powers_of_a_post_hold_in_its_own_agency_only(offices: Offices) -> None:
    leader = actor_for_role("executive", offices.province)
    access.require_in(leader, "documents.sign", offices.province)
    with pytest.raises(NotAllowed):
        access.require_in(leader, "documents.sign", offices.health)
