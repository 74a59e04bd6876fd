"""What becomes of a document that came in: submitted, assigned, worked on, answered; who reads it on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.events.models import Event
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment, Part, Quality
from hienluong.services.assignments.models import State as TaskState
from hienluong.services.documents import access
from hienluong.services.documents.actions import arrivals, handling
from hienluong.services.documents.models import Arrival, Document, Look, Relation, State
from tests.factories import actor_for_role

from .offices import EXCHANGE, Agency, arrived, make_agency, official_of, registered


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency()


def submitted(health: Agency, **more: Any) -> Document:
    return handling.submit(
        health.clerk, document=registered(health, **more), leader=official_of(health.leader), proposal="Giao phòng NVY"
    )


def assigned(health: Agency, **more: Any) -> tuple[Document, Assignment]:
    document = submitted(health, **more)
    tasks = handling.assign(
        health.leader,
        document=document,
        tasks=[Task("", health.division, due_at=timezone.now() + timedelta(days=5))],
        note="Khẩn trương",
    )
    document.refresh_from_db()
    return document, tasks[0]


def readers(document: Document, *actors: Actor) -> list[bool]:
    return [access.decide_read(actor, document).allowed for actor in actors]


def told(document: Document) -> list[str]:
    found = Event.objects.filter(subject=f"documents.document:{document.pk}").order_by("pk")
    return [event.type.removeprefix("document.") for event in found]


def test_from_the_records_office_to_the_officer_and_back(health: Agency) -> None:
    document, task = assigned(health)
    assert document.state == State.ASSIGNED
    below = assignments.give_on(
        health.head, parent=task, task=Task("Dự thảo trả lời", health.division, official_of(health.officer))
    )
    document.refresh_from_db()
    assert document.state == State.PROCESSING
    assignments.report(health.officer, assignment=below, result="Đã dự thảo")
    assignments.evaluate(health.head, assignment=below, quality=Quality.GOOD)
    assignments.report(health.head, assignment=task, result="Đã trả lời")
    assignments.evaluate(health.leader, assignment=task, quality=Quality.GOOD)
    document.refresh_from_db()
    assert document.state == State.COMPLETED
    assert document.arrival.completed_at is not None
    assert told(document) == ["arrived", "registered", "submitted", "assigned", "processing", "completed"]
    titles = list(document.steps.order_by("pk").values_list("title", flat=True))
    assert titles[0].startswith("Đến:")
    assert titles[-1] == "Hoàn thành"


def test_each_reads_from_when_it_concerns_them(health: Agency) -> None:
    document = registered(health)
    who = (health.clerk, health.leader, health.head, health.officer, health.colleague)
    assert readers(document, *who) == [True, False, False, False, False]
    handling.submit(health.clerk, document=document, leader=official_of(health.leader))
    assert readers(document, *who) == [True, True, False, False, False]
    task = handling.assign(health.leader, document=document, tasks=[Task("", health.division)])[0]
    assert readers(document, *who) == [True, True, True, False, False]
    below = assignments.give_on(health.head, parent=task, task=Task("x", health.division, official_of(health.officer)))
    assert readers(document, *who) == [True, True, True, True, False]
    assignments.take_back(health.head, assignment=below, reason="Giao lại")
    assert readers(document, *who) == [True, True, True, False, False]
    assignments.give_on(health.head, parent=task, task=Task("x", health.division, official_of(health.colleague)))
    assert readers(document, *who) == [True, True, True, False, True]
    assignments.take_back(health.leader, assignment=task, reason="Nhầm")
    assert readers(document, *who) == [True, True, False, False, False]
    document.refresh_from_db()
    assert document.state == State.SUBMITTED


def test_every_other_role_reads_nothing_on_the_way(health: Agency) -> None:
    document, _task = assigned(health)
    roles = (
        "clerk",
        "officer",
        "head",
        "leader",
        "accountant",
        "admin",
        "auditor",
        "oversight",
        "executive",
        "drafter",
    )
    finance = make_agency("Sở Tài chính", parent=health.place.parent)
    others = [actor_for_role(role, place) for role in roles for place in (health.place, finance.place)]
    others += [actor_for_role(role, health.place.parent) for role in (*roles, "document_clerk")]
    others += [finance.clerk, finance.leader, health.colleague, health.officer, Actor()]
    for actor in others:
        with pytest.raises(NotFound):
            access.require_read(actor, document)
        for run in VERBS.values():
            with pytest.raises((NotFound, NotAllowed)):
                run(actor, document)
    document.refresh_from_db()
    assert document.state == State.ASSIGNED


VERBS: dict[str, Callable[[Actor, Document], Any]] = {
    "submit": lambda who, doc: handling.submit(who, document=doc, leader=handling.leaders_of(doc)[0]),
    "assign": lambda who, doc: handling.assign(who, document=doc, tasks=[Task("x", doc.agency)]),
    "processing": lambda who, doc: handling.mark_processing(who, document=doc),
    "complete": lambda who, doc: handling.complete(who, document=doc),
    "reopen": lambda who, doc: handling.reopen(who, document=doc, reason="x"),
    "share": lambda who, doc: handling.share(who, document=doc, officials=handling.leaders_of(doc)),
    "unshare": lambda who, doc: handling.stop_sharing(who, document=doc, official=handling.leaders_of(doc)[0]),
    "ask_take_back": lambda who, doc: handling.ask_take_back(who, document=doc, reason="x"),
    "answer_take_back": lambda who, doc: handling.answer_take_back(who, document=doc, agrees=True),
    "task about it": lambda who, doc: assignments.give(
        who, task=Task("x", doc.agency), subject_ref=handling.ref_of(doc), subject_label="x"
    ),
}


def test_who_reads_it_may_not_do_what_is_others(health: Agency) -> None:
    document, _task = assigned(health)
    handling.share(health.leader, document=document, officials=[official_of(health.colleague)])
    for actor in (health.head, health.colleague):
        for verb in ("submit", "assign", "complete", "reopen", "unshare", "ask_take_back", "answer_take_back"):
            with pytest.raises(NotAllowed):
                VERBS[verb](actor, document)
    with pytest.raises(NotAllowed):
        handling.share(health.colleague, document=document, officials=[official_of(health.officer)])
    with pytest.raises(NotAllowed):
        VERBS["assign"](health.clerk, document)
    with pytest.raises(NotAllowed):
        VERBS["submit"](health.leader, document)


def test_a_document_is_submitted_to_a_leader_of_the_agency_and_may_go_to_another(health: Agency) -> None:
    deputy = actor_for_role("leader", health.place)
    document = submitted(health)
    with pytest.raises(InvalidInput):
        handling.submit(health.clerk, document=document, leader=official_of(health.head))
    handling.submit(health.clerk, document=document, leader=official_of(deputy))
    assert readers(document, health.leader, deputy) == [False, True]
    assert Notification.objects.filter(account__official=deputy.official_id, kind="documents.incoming").count() == 1


def test_somebody_must_lead_and_only_one_does(health: Agency) -> None:
    document = submitted(health)
    with pytest.raises(InvalidInput) as caught:
        handling.assign(health.leader, document=document, tasks=[Task("", health.division, part=Part.COORDINATE)])
    assert caught.value.field == "lead"
    two = [Task("", health.division), Task("", health.division, official_of(health.officer))]
    with pytest.raises(DomainError):
        handling.assign(health.leader, document=document, tasks=two)
    assert not Assignment.objects.exists()
    assert readers(document, health.head, health.officer) == [False, False]


def test_only_to_be_known_leaves_it_before_the_leader(health: Agency) -> None:
    document = submitted(health)
    handling.assign(health.leader, document=document, tasks=[Task("", health.division, part=Part.INFORMED)])
    document.refresh_from_db()
    assert document.state == State.SUBMITTED
    assert readers(document, health.head) == [True]
    assert handling.complete(health.leader, document=document, note="Lưu").state == State.COMPLETED


def test_another_agency_is_sent_a_document_not_given_a_task_about_it(health: Agency) -> None:
    province = make_agency_of_province(health)
    document = handling.submit(province.clerk, document=registered(province), leader=official_of(province.leader))
    with pytest.raises(InvalidInput):
        handling.assign(province.leader, document=document, tasks=[Task("", health.place)])
    assert readers(document, health.leader, health.clerk) == [False, False]


def make_agency_of_province(health: Agency) -> Agency:
    place = health.place.parent
    assert place is not None
    leader = actor_for_role("executive", place)
    return Agency(place, place, actor_for_role("document_clerk", place), leader, leader, leader, leader)


def test_an_answer_that_goes_out_closes_it_with_its_tasks(health: Agency) -> None:
    document, task = assigned(health)
    below = assignments.give_on(health.head, parent=task, task=Task("x", health.division, official_of(health.officer)))
    answer = outgoing(health)
    handling.answered(health.clerk, incoming=document, by=answer)
    handling.answered(health.clerk, incoming=document, by=answer)
    document.refresh_from_db()
    assert document.state == State.COMPLETED
    assert {each.state for each in Assignment.objects.all()} == {TaskState.COMPLETED}
    below.refresh_from_db()
    assert below.result == "Trả lời bằng văn bản 7/SYT-NVY"
    assert Relation.objects.get().kind == Relation.Kind.ANSWERS
    event = Event.objects.get(type="document.completed")
    assert event.data["code"] == "7/SYT-NVY"


def outgoing(agency: Agency, **more: Any) -> Document:
    said = {"state": "issued", "number": 7, "code": "7/SYT-NVY", "issued_on": date(2026, 11, 25), "subject": "Trả lời"}
    return Document.objects.create(direction="outgoing", agency=agency.place, type="CV", **{**said, **more})


def test_what_is_not_issued_or_not_of_this_agency_answers_nothing(health: Agency) -> None:
    document, _task = assigned(health)
    finance = make_agency("Sở Tài chính", parent=health.place.parent)
    for other in (outgoing(finance), outgoing(health, state="signed"), document):
        with pytest.raises(DomainError):
            handling.answered(health.clerk, incoming=document, by=other)
    document.refresh_from_db()
    assert document.state == State.ASSIGNED


def test_a_document_with_work_left_is_not_closed_by_hand(health: Agency) -> None:
    document, task = assigned(health)
    with pytest.raises(DomainError) as caught:
        handling.complete(health.clerk, document=document)
    assert caught.value.code == "documents.tasks_open"
    assignments.return_task(health.head, assignment=task, reason="Không thuộc thẩm quyền")
    document.refresh_from_db()
    assert document.state == State.SUBMITTED
    handling.complete(health.clerk, document=document)
    with pytest.raises(InvalidInput):
        handling.reopen(health.leader, document=document, reason=" ")
    assert handling.reopen(health.leader, document=document, reason="Còn việc").state == State.SUBMITTED


def test_the_sender_gets_back_what_has_no_number_at_once_and_else_is_answered(health: Agency) -> None:
    fresh = arrived(health)
    assert handling.ask_take_back(EXCHANGE, document=fresh, reason="Sai").state == State.TAKEN_BACK
    document, _task = assigned(health, code="9/UBND")
    with pytest.raises(DomainError):
        handling.answer_take_back(health.clerk, document=document, agrees=True)
    handling.ask_take_back(EXCHANGE, document=document, reason="Gửi nhầm")
    with pytest.raises(InvalidInput):
        handling.answer_take_back(health.clerk, document=document, agrees=False)
    handling.answer_take_back(health.clerk, document=document, agrees=False, reason="Đã xử lý")
    assert told(document)[-1] == "take_back_refused"
    handling.ask_take_back(EXCHANGE, document=document, reason="Gửi nhầm")
    handling.answer_take_back(health.clerk, document=document, agrees=True)
    document.refresh_from_db()
    assert document.state == State.TAKEN_BACK
    assert readers(document, health.clerk, health.leader, health.head) == [True, False, False]
    assert Assignment.objects.get().state == TaskState.TAKEN_BACK
    assert told(document)[-1] == "taken_back"


def test_sharing_lets_colleagues_read_and_nobody_else(health: Agency) -> None:
    document, _task = assigned(health)
    finance = make_agency("Sở Tài chính", parent=health.place.parent)
    with pytest.raises(InvalidInput):
        handling.share(health.leader, document=document, officials=[official_of(finance.officer)])
    assert handling.share(health.head, document=document, officials=[official_of(health.colleague)]) == 1
    assert handling.share(health.leader, document=document, officials=[official_of(health.colleague)]) == 0
    assert readers(document, health.colleague) == [True]
    handling.stop_sharing(health.clerk, document=document, official=official_of(health.colleague))
    assert readers(document, health.colleague) == [False]


def test_a_restricted_one_is_shared_by_the_leader_only_and_says_nothing_in_tasks(health: Agency) -> None:
    document, task = assigned(health, restricted=True)
    assert document.subject not in task.title + task.subject_label
    with pytest.raises(NotAllowed):
        handling.share(health.head, document=document, officials=[official_of(health.colleague)])
    handling.share(health.leader, document=document, officials=[official_of(health.colleague)])
    access.look(health.colleague, document, "trang văn bản")
    assert Look.objects.get().official_id == health.colleague.official_id


def test_a_head_who_came_later_reads_when_taking_it_up(health: Agency) -> None:
    document, task = assigned(health)
    newcomer = actor_for_role("head", health.division)
    assert readers(document, newcomer) == [False]
    assignments.accept(newcomer, assignment=task)
    assert readers(document, newcomer) == [True]


def test_who_follows_tasks_learns_nothing_of_what_the_document_is_about(health: Agency) -> None:
    deputy = actor_for_role("leader", health.place)
    document, task = assigned(health, subject="Chuyện chỉ người được giao biết")
    assignments.progress(health.head, assignment=task, percent=10, text=f"Về: {document.subject}")
    client = Client()
    client.force_login(Account.objects.get(pk=deputy.account_id))
    for address in (
        "/lam-viec/giao-viec/?muc=theo-doi",
        "/lam-viec/giao-viec/?muc=theo-doi&q=chỉ+người",
        f"/lam-viec/giao-viec/{task.pk}",
        "/lam-viec/giao-viec/bang",
    ):
        answer = client.get(address)
        assert answer.status_code == 200
        assert document.subject not in answer.content.decode(), address
    assert task.title in client.get("/lam-viec/giao-viec/?muc=theo-doi").content.decode()
    assert task.title not in client.get("/lam-viec/giao-viec/?muc=theo-doi&q=chỉ+người").content.decode()
    with ZipFile(BytesIO(client.get("/lam-viec/giao-viec/?muc=theo-doi&dang=xlsx").content)) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    assert task.title in strings
    assert document.subject not in strings
    client.force_login(Account.objects.get(pk=health.head.account_id))
    assert document.subject in client.get(f"/lam-viec/giao-viec/{task.pk}").content.decode()


def test_what_becomes_restricted_is_named_in_no_task_any_longer(health: Agency) -> None:
    document, task = assigned(health, subject="Kỷ luật ông Nguyễn Văn B")
    assert "Kỷ luật" in task.subject_label
    described = arrivals.Described("CV", document.code, document.subject, document.author_name, document.issued_on)
    arrivals.describe(health.clerk, document=document, described=replace(described, restricted=True))
    task.refresh_from_db()
    assert "Kỷ luật" not in task.title + task.subject_label


def test_the_database_takes_no_year_without_a_number(health: Agency) -> None:
    document = arrived(health)
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrival.objects.filter(document=document).update(year=2026, registered_at=timezone.now())
