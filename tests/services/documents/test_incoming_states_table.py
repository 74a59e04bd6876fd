"""Every action on an incoming document in every state it can be in: allowed, or refused in words with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.audit.models import Entry as AuditEntry
from hienluong.foundation.events.models import Event
from hienluong.foundation.notifications.models import Notification
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment, Quality
from hienluong.services.documents import incoming_queries
from hienluong.services.documents.actions import arrivals, handling
from hienluong.services.documents.models import Arrival, Document, Reader, Recipient, Relation, State, Step
from tests.services import trying

from .offices import EXCHANGE, Agency, arrived, make_agency, official_of, registered
from .test_handling import assigned, submitted

pytestmark = pytest.mark.django_db
TABLES = (Arrival, Document, Reader, Recipient, Relation, Step, Assignment, AuditEntry, Event, Notification)
_WRONG = "documents.wrong_state"


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency()


@dataclass
class Case:
    """A document in some state."""

    agency: Agency
    document: Document


def brought(agency: Agency, state: str) -> Case:
    """A document that came to this state by the actions that lead there."""
    document = _brought(agency, state.partition("+")[0])
    if state.endswith("+asked"):
        handling.ask_take_back(EXCHANGE, document=document, reason="Gửi nhầm")
    document.refresh_from_db()
    assert document.state == state.partition("+")[0]
    return Case(agency, document)


def _brought(agency: Agency, state: str) -> Document:
    if state == "registered":
        return registered(agency)
    if state == "submitted":
        return submitted(agency)
    if state in ("assigned", "processing", "completed"):
        document, task = assigned(agency)
        if state != "assigned":
            assignments.accept(agency.head, assignment=task)
        if state == "completed":
            finish(agency, task)
        return document
    document = arrived(agency)
    if state == "refused":
        arrivals.refuse(agency.clerk, document=document, reason="Không đúng nơi nhận")
    if state == "taken_back":
        handling.ask_take_back(EXCHANGE, document=document, reason="Gửi nhầm")
    return document


def finish(agency: Agency, task: Assignment) -> None:
    assignments.report(agency.head, assignment=task, result="Đã trả lời")
    assignments.evaluate(agency.leader, assignment=task, quality=Quality.GOOD)


def described() -> arrivals.Described:
    return arrivals.Described("CV", "125/UBND-TH", "V/v rà soát số liệu quý IV", "UBND tỉnh thử", None)


STATES = (
    *("arrived", "registered", "submitted", "assigned", "processing", "completed", "refused", "taken_back"),
    *("registered+asked", "processing+asked", "completed+asked"),
)
#: Its number is given and it is not done.
_WORK = {"registered", "submitted", "assigned", "processing", "registered+asked", "processing+asked"}
_UNASKED = dict.fromkeys((state for state in STATES if not state.endswith("+asked")), "documents.not_asked_back")
#: A leader does not read it before it is laid before them, nor when it went back.
_UNREAD = dict.fromkeys(("arrived", "registered", "registered+asked", "refused", "taken_back"), "domain.not_found")

#: Name, what is done, in which states it may be; elsewhere it is refused for the state, or with the code that stands here.
ACTIONS: dict[str, tuple[Callable[[Case], object], set[str], dict[str, str]]] = {
    "register": (lambda c: arrivals.register(c.agency.clerk, document=c.document), {"arrived"}, {}),
    "refuse": (lambda c: arrivals.refuse(c.agency.clerk, document=c.document, reason="Nhầm"), {"arrived"}, {}),
    "describe": (
        lambda c: arrivals.describe(c.agency.clerk, document=c.document, described=described()),
        {"arrived", *_WORK},
        {},
    ),
    "submit": (
        lambda c: handling.submit(c.agency.clerk, document=c.document, leader=official_of(c.agency.leader)),
        {"registered", "submitted", "registered+asked"},
        {},
    ),
    "assign to help": (
        lambda c: handling.assign(
            c.agency.leader,
            document=c.document,
            tasks=[Task("", c.agency.division, official_of(c.agency.officer), "coordinate")],
        ),
        {"assigned", "processing", "processing+asked"},
        {**_UNREAD, "submitted": "domain.invalid_input"},
    ),
    "assign to lead": (
        lambda c: handling.assign(
            c.agency.leader, document=c.document, tasks=[Task("", c.agency.division, official_of(c.agency.officer))]
        ),
        {"submitted"},
        {**_UNREAD, **dict.fromkeys(("assigned", "processing", "processing+asked"), "assignments.one_lead")},
    ),
    "complete": (
        lambda c: handling.complete(c.agency.clerk, document=c.document),
        {"registered", "submitted", "registered+asked"},
        dict.fromkeys(("assigned", "processing", "processing+asked"), "documents.tasks_open"),
    ),
    "reopen": (
        lambda c: handling.reopen(c.agency.leader, document=c.document, reason="Còn việc"),
        {"completed", "completed+asked"},
        _UNREAD,
    ),
    "share": (
        lambda c: handling.share(c.agency.clerk, document=c.document, officials=[official_of(c.agency.colleague)]),
        {*_WORK, "completed", "completed+asked"},
        {},
    ),
    "ask back": (
        lambda c: handling.ask_take_back(EXCHANGE, document=c.document, reason="Gửi nhầm"),
        set(STATES),  # told twice, or of what went back, it is only written down
        {},
    ),
    "let it go back": (
        lambda c: handling.answer_take_back(c.agency.clerk, document=c.document, agrees=True),
        {state for state in STATES if state.endswith("+asked")},
        _UNASKED,
    ),
    "keep it": (
        lambda c: handling.answer_take_back(c.agency.clerk, document=c.document, agrees=False, reason="Đang xử lý"),
        {state for state in STATES if state.endswith("+asked")},
        _UNASKED,
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_each_action_in_this_state(health: Agency, state: str) -> None:
    case = brought(health, state)
    before, found = trying.everything(TABLES), {}
    for name, (do, _allowed, _codes) in ACTIONS.items():
        found[name] = trying.tried(lambda do=do: do(case), TABLES, before)
        case.document.refresh_from_db()
    wanted = {
        name: "" if state in allowed else codes.get(state, _WRONG) for name, (_do, allowed, codes) in ACTIONS.items()
    }
    assert found == wanted


def test_a_document_that_is_opened_again_is_led_by_somebody_again(health: Agency) -> None:
    document, task = assigned(health)
    finish(health, task)
    handling.reopen(health.leader, document=document, reason="Nơi gửi hỏi lại")
    helper = Task("", health.division, official_of(health.officer), "coordinate")
    with pytest.raises(InvalidInput) as caught:
        handling.assign(health.leader, document=document, tasks=[helper])
    assert caught.value.field == "lead"
    again = handling.assign(health.leader, document=document, tasks=[Task("", health.division)])[0]
    document.refresh_from_db()
    assert document.state == State.ASSIGNED
    finish(health, again)
    document.refresh_from_db()
    assert document.state == State.COMPLETED


@pytest.mark.parametrize("how", ["opened again", "sent back"])
def test_what_waits_for_a_leader_again_is_on_somebodys_list(health: Agency, how: str) -> None:
    document = registered(health)
    handling.share(health.clerk, document=document, officials=[official_of(health.leader)])
    if how == "opened again":
        handling.complete(health.clerk, document=document)
        handling.reopen(health.leader, document=document, reason="Còn việc")
    else:
        task = handling.assign(health.leader, document=document, tasks=[Task("", health.division)])[0]
        below = Task("Dự thảo", health.division, official_of(health.officer))
        assignments.give_on(health.head, parent=task, task=below)
        assignments.take_back(health.leader, assignment=task, reason="Giao nơi khác")
    document.refresh_from_db()
    assert (document.state, document.arrival.submitted_to) == (State.SUBMITTED, official_of(health.leader))
    assert list(incoming_queries.of_tab(health.leader, incoming_queries.TO_ASSIGN)) == [document]
