"""Every action on a task in every state it can be in: allowed, or refused in words with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hienluong.foundation.audit.models import Entry as AuditEntry
from hienluong.foundation.events.models import Event
from hienluong.foundation.notifications.models import Notification
from hienluong.services.assignments import actions
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment, Entry, Extension, Part, Quality, State
from tests.services import trying

from .people import House, in_days, make_house, official_of, to_division

pytestmark = pytest.mark.django_db
TABLES = (Assignment, Entry, Extension, AuditEntry, Event, Notification)
_WRONG = "assignments.wrong_state"


@dataclass
class Case:
    """A task in some state, and the wish for more time that was uttered while it ran."""

    house: House
    task: Assignment

    @property
    def extension(self) -> Extension:
        return Extension.objects.get(assignment=self.task)


def brought(house: House, state: str) -> Case:
    """A task that came to this state by the actions that lead there; more time was asked for on the way."""
    task = to_division(house)
    actions.ask_extension(house.head, assignment=task, due_at=in_days(8), reason="Nhiều xã chưa gửi")
    if state in ("accepted", "reported", "completed"):
        actions.accept(house.head, assignment=task)
    if state in ("reported", "completed"):
        actions.report(house.head, assignment=task, result="Đã xong")
    if state == "completed":
        actions.evaluate(house.leader, assignment=task, quality=Quality.GOOD)
    if state == "returned":
        actions.return_task(house.head, assignment=task, reason="Không đúng việc")
    if state == "taken_back":
        actions.take_back(house.leader, assignment=task, reason="Giao nhầm")
    task.refresh_from_db()
    assert task.state == state
    return Case(house, task)


_RUN = {"given", "accepted"}
#: Name, what is done, in which states it may be; elsewhere it is refused for the state, or with the code that stands here.
ACTIONS: dict[str, tuple[Callable[[Case], object], set[str], dict[str, str]]] = {
    "accept": (lambda c: actions.accept(c.house.head, assignment=c.task), {"given"}, {}),
    "say progress": (lambda c: actions.progress(c.house.head, assignment=c.task, percent=40), _RUN, {}),
    "report": (lambda c: actions.report(c.house.head, assignment=c.task, result="Xong"), _RUN, {}),
    "return": (lambda c: actions.return_task(c.house.head, assignment=c.task, reason="Không đúng"), _RUN, {}),
    "ask for time again": (
        lambda c: actions.ask_extension(c.house.head, assignment=c.task, due_at=in_days(9), reason="Thêm"),
        set(),
        dict.fromkeys(_RUN, "assignments.asked_before"),
    ),
    "decide on time": (
        lambda c: actions.decide_extension(c.house.leader, extension=c.extension, granted=True),
        _RUN,
        dict.fromkeys(set(State.values) - _RUN, "assignments.decided_before"),
    ),
    "give on": (
        lambda c: actions.give_on(
            c.house.head, parent=c.task, task=Task("Tổng hợp", c.house.division, official_of(c.house.officer))
        ),
        _RUN,
        {},
    ),
    "evaluate": (
        lambda c: actions.evaluate(c.house.leader, assignment=c.task, quality=Quality.GOOD),
        {"reported"},
        {},
    ),
    "resume": (lambda c: actions.resume(c.house.leader, assignment=c.task, text="Làm thêm"), {"reported"}, {}),
    "take back": (
        lambda c: actions.take_back(c.house.leader, assignment=c.task, reason="Nhầm"),
        {*_RUN, "reported"},
        {},
    ),
    "remind": (lambda c: actions.remind(c.house.leader, assignment=c.task), _RUN, {}),
}


@pytest.mark.parametrize("state", State.values)
def test_each_action_in_this_state(db: None, state: str) -> None:
    case = brought(make_house(), state)
    before, found = trying.everything(TABLES), {}
    for name, (do, _allowed, _codes) in ACTIONS.items():
        found[name] = trying.tried(lambda do=do: do(case), TABLES, before)
        case.task.refresh_from_db()
    wanted = {
        name: "" if state in allowed else codes.get(state, _WRONG) for name, (_do, allowed, codes) in ACTIONS.items()
    }
    assert found == wanted


def test_a_lead_who_is_done_stands_in_nobodys_way(db: None) -> None:
    house = make_house()
    first = to_division(house)
    one = Task("Tổng hợp", house.division, official_of(house.officer))
    other = Task("Bổ sung phụ lục", house.division, official_of(house.colleague))
    below = actions.give_on(house.head, parent=first, task=one)
    actions.report(house.officer, assignment=below, result="Xong")
    actions.evaluate(house.head, assignment=below, quality=Quality.GOOD)
    again = actions.give_on(house.head, parent=first, task=other)
    assert (again.part, again.state) == (Part.LEAD, State.GIVEN)
