"""What two people do to the same document at the same moment, each in a connection of their own: nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.db import connection, transaction
from django.utils import timezone

from hienluong.foundation.actions import DomainError
from hienluong.foundation.files import store
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment, Part, Quality
from hienluong.services.assignments.models import State as TaskState
from hienluong.services.documents import access
from hienluong.services.documents.actions import handling, issuing, steps
from hienluong.services.documents.models import Document, DocumentFile, Relation, State, Why

from .offices import Agency, make_agency, official_of, registered

pytestmark = pytest.mark.django_db(transaction=True)
#: How often each pair is run: a deadlock shows itself within a few.
TURNS = 15


def at_once(*works: Callable[[], Any]) -> list[str]:
    """Run all at the same time; the codes of what was refused. Any other fault, a deadlock above all, fails the test."""
    start, refused, faults = threading.Barrier(len(works)), [], []

    def run(work: Callable[[], Any]) -> None:
        try:
            start.wait(20)
            work()
        except DomainError as error:
            refused.append(error.code)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    return refused


def fresh(health: Agency) -> Document:
    """A registered document, none like the one before."""
    return registered(health, code=f"{Document.objects.count() + 1}/UBND-TH")


def worked_on(health: Agency) -> tuple[Document, Assignment]:
    """A document that came, and the task about it, reported and waiting to be judged."""
    document = handling.submit(health.clerk, document=fresh(health), leader=official_of(health.leader))
    (task,) = handling.assign(
        health.leader,
        document=document,
        tasks=[Task("", health.division, due_at=timezone.now() + timedelta(days=5))],
    )
    assignments.accept(health.head, assignment=task)
    return document, task


def answer_to(health: Agency, *others: Document, kind: str = Relation.Kind.ANSWERS) -> Document:
    """An outgoing document that is signed and sealed and answers others, made without the way there."""
    number = Document.objects.filter(agency=health.place, number__isnull=False).count() + 1
    made = Document.objects.create(
        direction="outgoing",
        agency=health.place,
        type="CV",
        number=number,
        code=f"{number}/SYT",
        subject="trả lời",
        issued_on=timezone.localdate(),
        drafter=official_of(health.officer),
        state=State.SIGNED,
        signed_at=timezone.now(),
        sealed_at=timezone.now(),
    )
    for other in others:
        Relation.objects.create(document=made, other=other, kind=kind)
    access.let_read(made, agency=health.place, official=official_of(health.officer), why=Why.DRAFTER)
    paper, content = pikepdf.new(), BytesIO()
    paper.add_blank_page()
    paper.docinfo["/Title"] = made.code
    paper.save(content)
    content.seek(0)
    file = store(content, name="a.pdf", owner=None, purpose=access.FILE_PURPOSE)
    DocumentFile.objects.create(document=made, file=file, role=DocumentFile.Role.MAIN, name="a.pdf")
    return made


def states(document: Document, task: Assignment) -> tuple[str, str]:
    document.refresh_from_db()
    task.refresh_from_db()
    return document.state, task.state


def test_an_answer_and_the_judging_of_its_task_never_wait_for_each_other() -> None:
    health = make_agency()
    for _turn in range(TURNS):
        document, task = worked_on(health)
        assignments.report(health.head, assignment=task, result="Đã dự thảo trả lời")
        answer = answer_to(health, document)
        refused = at_once(
            lambda answer=answer: issuing.issue(health.clerk, document=answer),
            lambda task=task: assignments.evaluate(health.leader, assignment=task, quality=Quality.GOOD),
        )
        assert states(document, task) == (State.COMPLETED, TaskState.COMPLETED)
        assert refused in ([], ["assignments.wrong_state"])
        answer.refresh_from_db()
        assert answer.state == State.ISSUED


def deeds(health: Agency) -> dict[str, Callable[[Assignment], Any]]:
    """What those do who have a task in hand, or gave it."""
    return {
        "report": lambda task: assignments.report(health.head, assignment=task, result="xong"),
        "return": lambda task: assignments.return_task(health.head, assignment=task, reason="không đúng việc"),
        "take back": lambda task: assignments.take_back(health.leader, assignment=task, reason="giao lại"),
        "give on": lambda task: assignments.give_on(
            health.head, parent=task, task=Task("Dự thảo", health.division, official_of(health.officer))
        ),
        "progress": lambda task: assignments.progress(health.head, assignment=task, percent=50),
        "extension": lambda task: assignments.ask_extension(
            health.head, assignment=task, due_at=timezone.now() + timedelta(days=9), reason="nhiều số liệu"
        ),
        "remind": lambda task: assignments.remind(health.leader, assignment=task),
    }


DEEDS = ("report", "return", "take back", "give on", "progress", "extension", "remind")


@pytest.mark.parametrize("deed", DEEDS)
def test_an_answer_never_waits_for_what_is_done_with_its_task(deed: str) -> None:
    health = make_agency()
    for _turn in range(5):
        document, task = worked_on(health)
        answer = answer_to(health, document)
        refused = at_once(
            lambda answer=answer: issuing.issue(health.clerk, document=answer),
            lambda task=task: deeds(health)[deed](task),
        )
        assert refused in ([], ["assignments.wrong_state"])
        assert states(document, task)[0] == State.COMPLETED
        assert not Assignment.objects.filter(subject_ref=handling.ref_of(document), state__in=("given", "accepted"))


@pytest.mark.parametrize("deed", ["evaluate", "resume", *DEEDS])
def test_whoever_waits_for_the_document_holds_no_task_of_it(deed: str) -> None:
    """The order of the locks itself, without luck: one holds the document, the other begins with the task."""
    health = make_agency()
    document, task = worked_on(health)
    more = {
        "evaluate": lambda task: assignments.evaluate(health.leader, assignment=task, quality=Quality.GOOD),
        "resume": lambda task: assignments.resume(health.leader, assignment=task, text="bổ sung"),
    }
    if deed in more:
        assignments.report(health.head, assignment=task, result="xong")
    faults: list[BaseException] = []

    def run() -> None:
        try:
            (deeds(health) | more)[deed](task)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        steps.lock(document)
        other.start()
        wait_for_a_waiter()
        Assignment.objects.select_for_update(nowait=True).get(pk=task.pk)
    other.join(20)
    assert not other.is_alive()
    assert faults == []


def wait_for_a_waiter() -> None:
    """Until another connection waits for what this one holds."""
    for _turn in range(400):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def test_two_answers_to_the_same_documents_never_wait_for_each_other() -> None:
    health = make_agency()
    for _turn in range(TURNS):
        first, second = fresh(health), fresh(health)
        one, other = answer_to(health, first, second), answer_to(health, second, first)
        assert (
            at_once(
                lambda one=one: issuing.issue(health.clerk, document=one),
                lambda other=other: issuing.issue(health.clerk, document=other),
            )
            == []
        )
        for document in (first, second):
            document.refresh_from_db()
            assert document.state == State.COMPLETED


def test_assigning_and_giving_the_same_lead_directly_never_wait_for_each_other() -> None:
    health = make_agency()
    task = Task("Xử lý", health.division, part=Part.LEAD)
    for _turn in range(5):
        document = handling.submit(health.clerk, document=fresh(health), leader=official_of(health.leader))
        refused = at_once(
            lambda document=document: handling.assign(health.leader, document=document, tasks=[task]),
            lambda document=document: assignments.give(
                health.leader, task=task, subject_ref=handling.ref_of(document), giver_agency=health.place
            ),
        )
        assert refused == ["assignments.one_lead"]
        assert Assignment.objects.filter(subject_ref=handling.ref_of(document)).count() == 1
