"""What comes in: once however often it comes, numbered without gaps, refused with a reason; no state secrets."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.events.models import Event
from hienluong.foundation.numbering import current
from hienluong.services.documents import access, finding, secrecy
from hienluong.services.documents.actions import arrivals
from hienluong.services.documents.models import Arrival, Document, Reader, State
from tests.factories import actor_for_role

from .offices import EXCHANGE, Agency, arrived, make_agency, registered


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency()


def test_what_comes_again_is_the_one_that_came_first(health: Agency) -> None:
    first = arrived(health, source_ref="goi-1")
    again = arrived(health, source_ref="goi-1", subject="khác")
    other = arrived(health, source_ref="goi-2")
    assert again == first
    assert other != first
    assert Document.objects.count() == 2
    assert Event.objects.filter(type="document.arrived").count() == 2
    assert [(row.official, row.agency) for row in Reader.objects.filter(document=first)] == [(None, health.place)]


def test_long_and_strange_texts_from_outside_are_made_to_fit(health: Agency) -> None:
    document = arrived(health, subject="a" * 900, code="1\x00/UBND  -TH", sender_name="S" * 400)
    assert len(document.subject) == 500
    assert document.code == "1/UBND -TH"
    assert len(document.author_name) == 200


@pytest.mark.parametrize("level", ["mat", "Tối mật", "TUYỆT MẬT", " tuyet_mat "])
def test_a_state_secret_is_refused_with_the_rule_and_leaves_nothing(health: Agency, level: str) -> None:
    with pytest.raises(secrecy.StateSecret, match="117/2025/QH15"):
        arrived(health, secrecy_level=level)
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("UBND TỈNH\nMẬT\nSố: 12", "mat"),
        ("* TUYỆT MẬT *", "tuyet_mat"),
        ("- TỐI  MẬT.", "toi_mat"),
        ("Giữ bí mật thông tin; sổ MẬT mã", ""),
        ("Mật khẩu", ""),
    ],
)
def test_a_stamp_stands_alone_on_its_line(text: str, level: str) -> None:
    assert secrecy.stamp_in(text) == level


def test_numbers_follow_one_another_in_each_agency(health: Agency) -> None:
    finance = make_agency("Sở Tài chính", parent=health.place.parent)
    numbers = [registered(health, code=f"{n}/TB-UBND").arrival.number for n in range(3)]
    assert numbers == [1, 2, 3]
    assert registered(finance).arrival.number == 1
    registered_event = Event.objects.filter(type="document.registered").first()
    assert registered_event is not None
    assert registered_event.data["number"] == 1


def test_a_number_that_was_not_needed_is_given_to_the_next(health: Agency) -> None:
    document = arrived(health)
    with pytest.raises(InvalidInput):
        arrivals.register(
            health.clerk,
            document=document,
            described=arrivals.Described(type="??", code="1", subject="x", author_name="y", issued_on=None),
        )
    assert arrivals.register(health.clerk, document=document).arrival.number == 1


def test_what_looks_the_same_must_be_confirmed(health: Agency) -> None:
    first = registered(health)
    second = arrived(health, sender_code="", sender_name="UBND TỈNH THỬ")
    with pytest.raises(arrivals.SameAgain) as caught:
        arrivals.register(health.clerk, document=second)
    assert caught.value.other == first.pk
    assert arrivals.register(health.clerk, document=second, despite_same=True).state == State.REGISTERED
    with pytest.raises(arrivals.SameAgain):
        arrivals.arrive(
            health.clerk,
            agency=health.place,
            source="hand",
            subject="x",
            sender_name="UBND tỉnh thử",
            code="125/ubnd-th",
            issued_on=date(2026, 11, 20),
        )


def test_another_day_code_or_author_is_another_document(health: Agency) -> None:
    registered(health)
    for other in (
        {"issued_on": date(2026, 11, 21)},
        {"code": "126/UBND-TH"},
        {"sender_code": "H51"},
        {"issued_on": None},
        {"code": ""},
    ):
        assert arrivals.same_as(arrived(health, **other)) is None


def test_the_office_corrects_what_the_package_said(health: Agency) -> None:
    document = arrived(health)
    said = arrivals.Described(
        type="QD", code="12/QĐ-UBND", subject="Về việc kiểm tra", author_name="UBND tỉnh", issued_on=date(2026, 11, 1)
    )
    document = arrivals.register(health.clerk, document=document, described=said)
    document.refresh_from_db()
    assert (document.type, document.code, document.notation) == ("QD", "12/QĐ-UBND", "QĐ-UBND")
    assert finding.search(health.clerk, "kiem tra").ids == [document.pk]
    with pytest.raises(InvalidInput):
        arrivals.describe(
            health.clerk,
            document=document,
            described=arrivals.Described(type="QD", code="", subject="  ", author_name="", issued_on=None),
        )


def test_what_is_refused_has_a_reason_and_no_number(health: Agency) -> None:
    document = arrived(health)
    with pytest.raises(InvalidInput):
        arrivals.refuse(health.clerk, document=document, reason=" ")
    arrivals.refuse(health.clerk, document=document, reason="Gửi nhầm cơ quan")
    event = Event.objects.get(type="document.refused")
    assert event.data["reason"] == "Gửi nhầm cơ quan"
    with pytest.raises(DomainError) as caught:
        arrivals.register(health.clerk, document=document)
    assert caught.value.code == "documents.wrong_state"
    assert current(f"documents:arrival:{health.place.pk}:2026") == 0


def test_nobody_but_the_records_office_takes_in_registers_or_refuses(health: Agency) -> None:
    document = arrived(health)
    others = [health.leader, health.head, health.officer]
    others += [actor_for_role(role, health.place.parent) for role in ("document_clerk", "executive", "admin")]
    others += [make_agency("Sở Tài chính", parent=health.place.parent).clerk]
    for actor in others:
        with pytest.raises(NotAllowed):
            arrivals.arrive(actor, agency=health.place, source="hand", subject="x")
        with pytest.raises(NotAllowed):
            arrivals.register(actor, document=document)
        with pytest.raises(NotAllowed):
            arrivals.refuse(actor, document=document, reason="x")
        with pytest.raises(NotAllowed):
            arrivals.describe(
                actor,
                document=document,
                described=arrivals.Described(type="CV", code="", subject="x", author_name="", issued_on=None),
            )
        assert not access.readable(actor).exists()


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(plan=st.lists(st.sampled_from(["register", "same", "again"]), min_size=4, max_size=8))
def test_at_once_there_is_no_gap_no_double_and_nothing_twice(plan: list[str]) -> None:
    """Threads register, fail, and take the same package in again, all at once."""
    from hienluong.foundation.organisations.models import Organization

    province = Organization.objects.filter(kind="province").first()
    health = make_agency("Sở Y tế", parent=province)
    waiting = [arrived(health, code=f"{n}/UBND") for n in range(len(plan))]
    start = threading.Barrier(len(plan))
    faults: list[BaseException] = []

    def work(kind: str, document: Document) -> None:
        try:
            start.wait(10)
            if kind == "again":
                arrived(health, source_ref="goi-chung")
                return
            arrivals.register(health.clerk, document=document)
            if kind == "same":
                arrivals.register(health.clerk, document=document)
        except DomainError:
            pass
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=pair) for pair in zip(plan, waiting, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    numbers = sorted(Arrival.objects.filter(agency=health.place, number__isnull=False).values_list("number", flat=True))
    assert numbers == list(range(1, sum(kind != "again" for kind in plan) + 1))
    assert Arrival.objects.filter(agency=health.place, source_ref="goi-chung").count() == int("again" in plan)


def test_a_process_needs_no_post(health: Agency) -> None:
    assert arrivals.arrive(EXCHANGE, agency=health.place, source="inside", subject="x").state == State.ARRIVED
