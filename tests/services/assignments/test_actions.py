"""Tasks: given, given on, done, judged; by whom they may and by nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.events.models import Event
from hienluong.foundation.notifications.models import Notification
from hienluong.services.assignments import actions, reminding, rights
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment, Entry, Part, Quality, State
from tests.factories import make_official

from .people import House, in_days, make_house, official_of, strangers, to_division, to_officer


@pytest.fixture
def house(db: None) -> House:
    return make_house()


def test_a_task_goes_down_and_its_result_comes_up(house: House) -> None:
    first = to_division(house)
    assert first.state == State.GIVEN
    below = to_officer(house, first)
    first.refresh_from_db()
    assert first.state == State.ACCEPTED
    assert below.path == f"/{first.pk}/{below.pk}/"
    assert below.due_at == first.due_at
    actions.accept(house.officer, assignment=below)
    actions.progress(house.officer, assignment=below, percent=40, text="Đã có số liệu 12 xã")
    actions.report(house.officer, assignment=below, result="Đủ 45 xã")
    done = actions.evaluate(house.head, assignment=below, quality=Quality.GOOD)
    assert (done.state, done.progress, done.quality) == (State.COMPLETED, 100, "good")
    actions.report(house.head, assignment=first, result="Đã tổng hợp xong")
    actions.resume(house.leader, assignment=first, text="Bổ sung phụ lục", due_at=in_days(9))
    first.refresh_from_db()
    assert (first.state, first.progress) == (State.ACCEPTED, 90)
    actions.report(house.head, assignment=first, result="Đã bổ sung")
    actions.evaluate(house.leader, assignment=first, quality=Quality.EXCELLENT, evaluation="Kịp thời")
    kinds = list(Entry.objects.filter(assignment=first).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["given", "accepted", "reported", "resumed", "reported", "evaluated"]
    told = (
        Event.objects.filter(subject=f"assignments.assignment:{first.pk}").order_by("pk").values_list("type", flat=True)
    )
    assert list(told) == [
        *("assignment.given", "assignment.accepted", "assignment.reported"),
        *("assignment.resumed", "assignment.reported", "assignment.completed"),
    ]


def test_those_concerned_are_told_and_the_words_do_not_say_what_about(house: House) -> None:
    first = to_division(house)
    to_officer(house, first)
    told = {each.account.official_id: each for each in Notification.objects.all()}
    assert set(told) == {house.head.official_id, house.officer.official_id}
    assert all("tiêm chủng" not in each.title + each.body for each in told.values())


def test_what_is_given_on_must_be_done_before_the_whole_is_reported(house: House) -> None:
    first = to_division(house)
    below = to_officer(house, first)
    with pytest.raises(DomainError) as caught:
        actions.report(house.head, assignment=first, result="xong")
    assert caught.value.code == "assignments.children_open"
    actions.take_back(house.head, assignment=below, reason="Tự làm")
    assert actions.report(house.head, assignment=first, result="xong").state == State.REPORTED


def test_one_leads_and_several_coordinate(house: House) -> None:
    first = to_division(house)
    to_officer(house, first)
    with pytest.raises(DomainError) as caught:
        to_officer(house, first, official=official_of(house.colleague))
    assert caught.value.code == "assignments.one_lead"
    second = to_officer(house, first, official=official_of(house.colleague), part=Part.COORDINATE)
    actions.return_task(house.colleague, assignment=second, reason="Đang nghỉ phép")
    assert to_officer(house, first, official=official_of(house.colleague), part=Part.COORDINATE).pk != second.pk


def test_who_is_informed_is_done_by_looking(house: House) -> None:
    first = to_division(house, part=Part.INFORMED)
    with pytest.raises(DomainError):
        actions.report(house.head, assignment=first, result="x")
    with pytest.raises(InvalidInput):
        to_officer(house, first)
    below = to_officer(house, first, part=Part.INFORMED)
    assert actions.accept(house.head, assignment=first).state == State.COMPLETED
    assert actions.accept(house.officer, assignment=below).state == State.COMPLETED


def test_taking_back_takes_all_below_with_it(house: House) -> None:
    first = to_division(house)
    below = to_officer(house, first)
    actions.report(house.officer, assignment=below, result="xong")
    done = to_officer(house, first, official=official_of(house.colleague), part=Part.COORDINATE)
    actions.report(house.colleague, assignment=done, result="xong")
    actions.evaluate(house.head, assignment=done, quality=Quality.FAIR)
    actions.take_back(house.leader, assignment=first, reason="Giao nơi khác")
    states = {each.pk: each.state for each in Assignment.objects.all()}
    assert states == {first.pk: State.TAKEN_BACK, below.pk: State.TAKEN_BACK, done.pk: State.COMPLETED}
    with pytest.raises(DomainError):
        actions.accept(house.head, assignment=first)


def test_more_time_is_asked_for_once_and_not_beyond_what_stands_above(house: House) -> None:
    first = to_division(house)
    below = to_officer(house, first, due_at=in_days(2))
    with pytest.raises(InvalidInput):
        actions.ask_extension(house.officer, assignment=below, due_at=in_days(1), reason="x")
    asked = actions.ask_extension(house.officer, assignment=below, due_at=in_days(4), reason="Chờ số liệu")
    with pytest.raises(DomainError):
        actions.ask_extension(house.officer, assignment=below, due_at=in_days(4), reason="Chờ số liệu")
    actions.decide_extension(house.head, extension=asked, granted=True)
    below.refresh_from_db()
    assert below.due_at == asked.asked_due_at
    assert below.original_due_at < asked.asked_due_at
    with pytest.raises(DomainError):
        actions.decide_extension(house.head, extension=asked, granted=False)
    later = actions.ask_extension(house.officer, assignment=below, due_at=in_days(20), reason="Chờ nữa")
    with pytest.raises(InvalidInput):
        actions.decide_extension(house.head, extension=later, granted=True)
    actions.decide_extension(house.head, extension=later, granted=False, answer="Không thể chậm hơn")
    below.refresh_from_db()
    assert below.due_at == asked.asked_due_at


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": "  "}, "title"),
        ({"due_at": timezone.now() - timedelta(days=1)}, "due_on"),
        ({"part": "boss"}, "part"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(house: House, more: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        to_division(house, **more)
    assert caught.value.field == field
    assert not Assignment.objects.exists()


def test_somebody_must_be_there_to_take_it(house: House) -> None:
    stranger = make_official(role="officer")
    with pytest.raises(InvalidInput):
        to_division(house, official=stranger)
    with pytest.raises(InvalidInput):
        to_division(house, organization=house.agency)  # its only leader is who gives it
    from tests.factories import make_org

    with pytest.raises(InvalidInput):
        to_division(house, organization=make_org("Phòng trống", kind="division", parent=house.agency))


def test_a_division_gets_no_more_time_than_the_whole(house: House) -> None:
    first = to_division(house)
    with pytest.raises(InvalidInput):
        to_officer(house, first, due_at=in_days(8))


def test_a_province_gives_to_an_agency_whose_leader_gives_on(house: House) -> None:
    first = actions.give(house.chairman, task=Task("Báo cáo dịch bệnh", house.agency, due_at=in_days(9)))
    assert first.giver_agency == house.province
    second = actions.give_on(house.leader, parent=first, task=Task("Báo cáo dịch bệnh", house.division))
    third = to_officer(house, second)
    assert second.giver_agency == house.agency
    assert rights.stands_above(house.chairman, third)
    actions.remind(house.chairman, assignment=third)


def test_who_sees_what(house: House) -> None:
    first = to_division(house)
    below = to_officer(house, first)
    aside = to_officer(house, first, official=official_of(house.colleague), part=Part.COORDINATE)
    sees = {
        name: {each.pk for each in (first, below, aside) if rights.may_see(actor, each)}
        for name, actor in vars(house).items()
        if isinstance(actor, Actor)
    }
    assert sees == {
        "chairman": set(),
        "leader": {first.pk, below.pk, aside.pk},
        "head": {first.pk, below.pk, aside.pk},
        "other_head": set(),
        "officer": {below.pk},
        "colleague": {aside.pk},
    }
    assert not any(rights.may_see(actor, below) for name, actor in strangers(house).items() if name != "colleague")


def test_a_second_leader_of_the_agency_follows_but_does_not_decide(house: House) -> None:
    from tests.factories import actor_for_role

    deputy = actor_for_role("leader", house.agency)
    first = to_division(house)
    assert rights.may_see(deputy, first)
    assert list(rights.followed(deputy)) == [first]
    with pytest.raises(NotAllowed):
        actions.take_back(deputy, assignment=first, reason="x")


Verb = Callable[[Actor, Assignment], Any]
RECEIVERS_VERBS: dict[str, Verb] = {
    "accept": lambda who, task: actions.accept(who, assignment=task),
    "progress": lambda who, task: actions.progress(who, assignment=task, percent=10),
    "report": lambda who, task: actions.report(who, assignment=task, result="x"),
    "return": lambda who, task: actions.return_task(who, assignment=task, reason="x"),
    "ask_extension": lambda who, task: actions.ask_extension(who, assignment=task, due_at=in_days(30), reason="x"),
    "give_on": lambda who, task: actions.give_on(who, parent=task, task=Task("x", task.organization, task.official)),
}
GIVERS_VERBS: dict[str, Verb] = {
    "evaluate": lambda who, task: actions.evaluate(who, assignment=task, quality=Quality.GOOD),
    "resume": lambda who, task: actions.resume(who, assignment=task, text="x"),
    "take_back": lambda who, task: actions.take_back(who, assignment=task, reason="x"),
    "remind": lambda who, task: actions.remind(who, assignment=task),
    "decide_extension": lambda who, task: actions.decide_extension(
        who, extension=task.extensions.get(granted=None), granted=True
    ),
}


@pytest.mark.parametrize("verb", [*RECEIVERS_VERBS, *GIVERS_VERBS])
def test_a_stranger_learns_of_no_task_by_any_verb(house: House, verb: str) -> None:
    task = to_division(house)
    actions.ask_extension(house.head, assignment=task, due_at=in_days(30), reason="x")
    run = {**RECEIVERS_VERBS, **GIVERS_VERBS}[verb]
    for name, actor in {**strangers(house), "chairman": house.chairman, "officer": house.officer}.items():
        with pytest.raises(NotFound):
            pytest.fail(f"{name}: {run(actor, task)}")
    assert Assignment.objects.get().state == State.GIVEN


@pytest.mark.parametrize("verb", RECEIVERS_VERBS)
def test_who_gave_it_does_not_do_it(house: House, verb: str) -> None:
    task = to_division(house)
    with pytest.raises(NotAllowed):
        RECEIVERS_VERBS[verb](house.leader, task)


@pytest.mark.parametrize("verb", GIVERS_VERBS)
def test_who_has_it_does_not_judge_it(house: House, verb: str) -> None:
    task = to_division(house)
    actions.ask_extension(house.head, assignment=task, due_at=in_days(30), reason="x")
    with pytest.raises(NotAllowed):
        GIVERS_VERBS[verb](house.head, task)


def test_an_officer_gives_nothing_and_nobody_gives_outside_their_part(house: House) -> None:
    for actor in (house.officer, house.other_head, *strangers(house).values()):
        with pytest.raises(NotAllowed):
            actions.give(actor, task=Task("x", house.division, official_of(house.colleague)))
    first = to_division(house)
    with pytest.raises(NotAllowed):
        actions.give_on(house.head, parent=first, task=Task("x", house.other_division))


def test_reminders_come_once_before_and_after_the_due_time(house: House) -> None:
    task = to_division(house, due_at=timezone.now() + timedelta(minutes=1))
    assert reminding.remind_all() == 1
    assert reminding.remind_all() == 0
    Assignment.objects.update(given_at=in_days(-9), due_at=in_days(-1))
    assert reminding.remind_all() == 1
    assert reminding.remind_all() == 0
    assert not Notification.objects.filter(account__official=house.leader.official_id).exists()
    Assignment.objects.update(due_at=in_days(-4))
    assert reminding.remind_all() == 1
    assert Notification.objects.filter(account__official=house.leader.official_id, kind="assignments.due").exists()
    actions.report(house.head, assignment=task, result="xong")
    assert reminding.remind_all() == 0


def _at_once(*works: Callable[[], Any]) -> list[str]:
    """Run all at the same time; the codes of what was refused."""
    start, refused, faults = threading.Barrier(len(works)), [], []

    def run(work: Callable[[], Any]) -> None:
        try:
            start.wait(10)
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


@pytest.mark.django_db(transaction=True)
def test_two_leads_at_once_are_one() -> None:
    house = make_house()
    first = to_division(house)
    officers = [official_of(house.officer), official_of(house.colleague)]
    refused = _at_once(*(lambda each=each: to_officer(house, first, official=each) for each in officers))
    assert refused == ["assignments.one_lead"]
    assert first.children.count() == 1


@pytest.mark.django_db(transaction=True)
def test_reporting_and_taking_back_at_once_end_in_one_of_both() -> None:
    house = make_house()
    for _turn in range(4):
        task = to_division(house)
        refused = _at_once(
            lambda task=task: actions.report(house.head, assignment=task, result="xong"),
            lambda task=task: actions.take_back(house.leader, assignment=task, reason="x"),
        )
        task.refresh_from_db()
        assert task.state == State.TAKEN_BACK
        assert refused in ([], ["assignments.wrong_state"])


@pytest.mark.django_db(transaction=True)
def test_giving_on_and_reporting_at_once_leave_nothing_open_below_what_is_reported() -> None:
    house = make_house()
    for _turn in range(4):
        task = to_division(house)
        refused = _at_once(
            lambda task=task: to_officer(house, task),
            lambda task=task: actions.report(house.head, assignment=task, result="xong"),
        )
        task.refresh_from_db()
        assert len(refused) == 1
        assert (task.state == State.REPORTED) != task.children.exists()
