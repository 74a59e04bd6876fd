"""The whole way with the product's own verbs: drafted, numbered, signed, sealed, issued, sent outside, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.events import dispatcher
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Quality
from hienluong.services.documents.actions import arrivals, handling, issuing, recalling
from hienluong.services.documents.models import Document, Receipt, Relation, State
from hienluong.services.exchange import edxml, tasks
from hienluong.services.exchange.models import Outgoing
from tests.services.documents.bureau import Bureau
from tests.services.documents.offices import Agency, official_of
from tests.services.documents.test_issuing import settle, signed
from tests.services.exchange.conftest import PEER
from tests.services.exchange.process import AxisProcess
from tests.services.exchange.test_receiving import send, sent_to, told
from tests.services.exchange.test_sending import answer, at_peer

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def turn() -> None:
    for _ in range(2):
        settle()
        Outgoing.objects.filter(state=Outgoing.State.WAITING).update(next_try_at=timezone.now())
        tasks.run_turn(30)
    dispatcher.dispatch_waiting()


def issued_outside(bureau: Bureau, **more: Any) -> Document:
    """A signed and sealed letter to the department inside and the agency outside."""
    document = bureau.draft()
    bureau.set_out(document, places_=f"{bureau.health.code}\n{PEER} Sở Tài chính Huế", lines="Như trên", **more)
    document.state = State.APPROVED
    document.save()
    document = signed(bureau, document)
    issuing.issue(bureau.clerk.actor, document=document)
    turn()
    document.refresh_from_db()
    return document


def test_a_letter_goes_inside_and_outside_and_its_receipts_come_back(
    bureau: Bureau, axis_of_bureau: AxisProcess
) -> None:
    document = issued_outside(bureau)
    (package,) = at_peer(axis_of_bureau)
    assert (package.code, package.sender.code) == (document.code, "H50")
    assert package.signer.name == "Lê Công Minh"
    assert package.attachments[0].content.startswith(b"%PDF-")
    assert b"/ByteRange" in package.attachments[0].content  # with its signatures
    assert Document.objects.filter(agency=bureau.health, direction="incoming").count() == 1  # not over the axis
    for status in (edxml.Status.ARRIVED, edxml.Status.RECEIVED, edxml.Status.COMPLETED):
        answer(axis_of_bureau, package.reference, status)
    turn()
    assert document.recipients.get(code=PEER).receipt == Receipt.COMPLETED


def test_a_recall_asks_outside_and_ends_with_the_answer(bureau: Bureau, axis_of_bureau: AxisProcess) -> None:
    document = issued_outside(bureau)
    (package,) = at_peer(axis_of_bureau)
    recalling.recall(bureau.clerk.actor, document=document, reason="Sai số liệu")
    turn()
    (asked,) = at_peer(axis_of_bureau, "status")
    assert (asked.status, asked.description) == (edxml.Status.TAKE_BACK, "Sai số liệu")
    answer(axis_of_bureau, package.reference, edxml.Status.TAKE_BACK_AGREED)
    turn()
    assert {each.receipt for each in document.recipients.exclude(code="")} == {Receipt.TAKEN_BACK}


def test_an_answer_names_what_it_answers(bureau: Bureau, axis_of_bureau: AxisProcess) -> None:
    question = sent_to(Agency(bureau.province, bureau.office, *[bureau.clerk.actor] * 5))
    send(axis_of_bureau, question, "H50")
    turn()
    came = arrivals.register(bureau.clerk.actor, document=Document.objects.get(direction="incoming"))
    document = bureau.draft()
    Relation.objects.create(document=document, other=came, kind=Relation.Kind.ANSWERS)
    bureau.set_out(document, places_=f"{PEER} Sở Tài chính Huế", lines="")
    document.state = State.APPROVED
    document.save()
    issuing.issue(bureau.clerk.actor, document=signed(bureau, document))
    turn()
    (package,) = at_peer(axis_of_bureau)
    assert [about.document_id for about in package.answers] == [question.document_id]
    assert [code for code, _words in told(axis_of_bureau)] == ["01", "03", "05", "06"]  # issuing the answer closed it


def test_the_handling_of_a_document_is_told_step_by_step(health: Agency, axis: AxisProcess) -> None:
    send(axis, sent_to(health), health.place.code)
    turn()
    document = arrivals.register(health.clerk, document=Document.objects.get())
    handling.submit(health.clerk, document=document, leader=official_of(health.leader), proposal="")
    (task,) = handling.assign(
        health.leader,
        document=document,
        tasks=[Task("", health.division, due_at=timezone.now() + timedelta(days=5))],
        note="",
    )
    below = assignments.give_on(
        health.head, parent=task, task=Task("Xử lý", health.division, official_of(health.officer))
    )
    assignments.report(health.officer, assignment=below, result="Xong")
    assignments.evaluate(health.head, assignment=below, quality=Quality.GOOD)
    assignments.report(health.head, assignment=task, result="Xong")
    assignments.evaluate(health.leader, assignment=task, quality=Quality.GOOD)
    turn()
    assert [code for code, _words in told(axis)] == ["01", "03", "04", "05", "06"]
