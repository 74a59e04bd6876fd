"""Officials are reminded before a dossier is due and those above are told when it is late: who, when, and once."""

from __future__ import annotations

import pytest
from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.services.dossiers import actions, notices, tasks
from hienluong.services.dossiers.models import Dossier
from tests.clock import Clock, march
from tests.factories import actor_for_role
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def due_on_friday(p: Province, at: Clock, *, assigned: bool = True) -> Dossier:
    """Received on Tuesday morning, due on Friday the 5th at 17:00."""
    at(march(2, 9))
    dossier = actions.receive(p.clerk, dossier=p.file())
    if assigned:
        Dossier.objects.filter(pk=dossier.pk).update(assignee_id=p.officer.official_id)
    assert dossier.due_at == march(5, 17)
    return dossier


def reminded(*people: Actor) -> bool:
    """Whether exactly these people were told since the last look; then all is forgotten but that they were."""
    fresh = Notification.objects.filter(kind__in=("dossier.soon", "dossier.late"), read_at__isnull=True)
    told = set(fresh.values_list("account_id", flat=True))
    fresh.update(read_at=timezone.now())
    return told == {person.account_id for person in people}


def test_the_holder_is_reminded_two_working_days_before_and_once(province: Province, at: Clock) -> None:
    due_on_friday(province, at)
    at(march(2, 18))
    assert notices.remind() == 0
    at(march(3))
    assert notices.remind() == 1
    told = Notification.objects.get(kind="dossier.soon")
    assert told.account_id == province.officer.account_id
    assert "17:00 05/03/2027" in told.body
    for day in (3, 4, 5):
        at(march(day))
        assert notices.remind() == 0


def test_the_rule_set_says_how_early(province: Province, at: Clock) -> None:
    province.change_rules(apology_working_days_before_due=2)
    due_on_friday(province, at)
    at(march(2, 18))
    assert notices.remind() == 1


def test_one_that_nobody_holds_is_the_heads(province: Province, at: Clock) -> None:
    due_on_friday(province, at, assigned=False)
    at(march(4))
    notices.remind()
    assert reminded(province.head)


def test_late_goes_to_the_head_too_and_three_working_days_later_to_the_leader(province: Province, at: Clock) -> None:
    due_on_friday(province, at)
    at(march(5, 16))
    notices.remind()
    assert reminded(province.officer)  # not late yet
    at(march(6))
    notices.remind()
    assert reminded(province.officer, province.head)
    at(march(9))  # Saturday and Sunday do not count
    notices.remind()
    assert reminded()
    at(march(10))
    notices.remind()
    assert reminded(province.officer, province.head, province.leader)
    at(march(20))
    notices.remind()
    assert reminded()


def test_where_there_is_no_head_the_leader_is_told_at_once(province: Province, at: Clock) -> None:
    Account.objects.get(pk=province.head.account_id).official.positions.all().delete()  # type: ignore[union-attr]
    due_on_friday(province, at)
    at(march(8))
    notices.remind()
    assert reminded(province.officer, province.leader)


def test_nobody_elsewhere_is_told(province: Province, at: Clock) -> None:
    actor_for_role("head", province.other_division)
    due_on_friday(province, at)
    at(march(12))
    notices.remind()
    assert reminded(province.officer, province.head, province.leader)


def test_what_waits_for_the_person_is_not_late(province: Province, at: Clock) -> None:
    dossier = due_on_friday(province, at)
    actions.request_supplement(province.officer, dossier=dossier, reason="Thiếu.", items=[])
    at(march(12))
    assert notices.remind() == 0


def test_a_new_date_is_reminded_of_anew(province: Province, at: Clock) -> None:
    dossier = due_on_friday(province, at)
    at(march(4))
    notices.remind()
    assert reminded(province.officer)
    actions.apologise(province.head, dossier=dossier, reason="Quá tải.", due=march(11, 17))
    at(march(8))
    notices.remind()
    assert reminded()
    at(march(9))
    notices.remind()
    assert reminded(province.officer)


def test_what_is_done_is_nobodys_worry(province: Province, at: Clock) -> None:
    dossier = due_on_friday(province, at)
    actions.stop(province.head, dossier=dossier, reason="Dừng.")
    at(march(12))
    assert notices.remind() == 0


def test_the_morning_job_does_both(province: Province, at: Clock) -> None:
    due_on_friday(province, at)
    at(march(4))
    assert tasks.remind(timestamp=0) == 1
    schedules = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert schedules["dossiers.remind"] == "0 0 * * *"  # 07:00 in Việt Nam
