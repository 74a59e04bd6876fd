"""The clock of a dossier names the law of each of its rules: what came after 15:00, and until when to answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.actions import system
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.notifications.models import Notification
from hienluong.services.dossiers import actions, issuing, notices, tasks
from hienluong.services.dossiers.lawful import WrongState
from hienluong.services.dossiers.models import DeadlineChange, Dossier, Supplement
from tests.clock import Clock, march
from tests.services.dossiers.province import Province
from tests.services.workplace.desk import at as browser
from tests.services.workplace.desk import page

pytestmark = pytest.mark.django_db

LAW = "Nghị định 23/2015/NĐ-CP, Điều 7"
RULE = {"at": "15:00", "legal_basis": LAW}


def received(p: Province, **how: Any) -> tuple[Dossier, DeadlineChange]:
    dossier = actions.receive(p.clerk, dossier=p.file(**how))
    return dossier, DeadlineChange.objects.get(dossier=dossier, kind="set")


# After 15:00


def test_received_after_three_it_counts_from_the_next_working_day_and_says_by_which_law(
    province: Province, at: Clock
) -> None:
    province.change_rules(cutoff=RULE)
    at(march(2, 15, 1))  # a Tuesday
    dossier, change = received(province)
    assert dossier.due_at == march(8, 17)  # as if received on Wednesday: Thursday, Friday, Monday
    first = change.lines[0]
    assert (first["day"], first["counted"]) == ("2027-03-02", False)
    assert "15:00" in first["reason"]
    assert LAW in first["reason"]
    assert change.legal_basis == f"Điều 1; {LAW}"
    assert not any(LAW in line["reason"] for line in change.lines[1:])
    assert LAW in browser(province.officer).get(page(dossier)).content.decode()


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (march(2, 15, 0), march(5, 17)),  # on the stroke of three: today
        (march(2, 9), march(5, 17)),
        (march(6, 16), march(11, 17)),  # a Saturday: it is the day off that moves it, not the hour
    ],
)
def test_what_came_in_time_or_on_a_day_off_names_no_such_law(
    province: Province, at: Clock, moment: datetime, due: datetime
) -> None:
    province.change_rules(cutoff=RULE)
    at(moment)
    dossier, change = received(province)
    assert dossier.due_at == due
    assert LAW not in str(change.lines) + change.legal_basis


def test_the_procedures_own_hour_goes_before_that_of_the_rule_set(province: Province, at: Clock) -> None:
    province.change_rules(cutoff=RULE)
    own = {"cutoff": {"at": "10:30", "legal_basis": "Luật riêng, Điều 5"}}
    version = province.publish("8.000920", rule_overrides=own)
    at(march(2, 11))
    dossier, change = received(province, version=version)
    assert dossier.due_at == march(8, 17)
    assert "10:30" in change.lines[0]["reason"]
    assert "Luật riêng, Điều 5" in change.lines[0]["reason"]
    assert change.legal_basis == "Điều 1; Luật riêng, Điều 5"
    assert received(province)[1].legal_basis == "Điều 1"  # by the rule set it is still early


def test_where_no_hour_is_set_the_afternoon_is_as_good_as_the_morning(province: Province, at: Clock) -> None:
    at(march(2, 16, 30))
    assert received(province)[0].due_at == march(5, 17)


def test_a_clock_that_begins_anew_after_three_says_so_too(province: Province, at: Clock) -> None:
    anew = {"stage": "review", "max_requests": 1, "restarts_clock": True, "legal_basis": "Điều 19"}
    province.change_rules(cutoff=RULE, supplements=[anew])
    at(march(2, 9))
    dossier, _change = received(province)
    actions.request_supplement(province.officer, dossier=dossier, reason="Thiếu.", items=[])
    at(march(9, 15, 30))
    actions.answer_supplement(province.citizen, dossier=dossier, note="Đã bổ sung.")
    change = DeadlineChange.objects.get(dossier=dossier, kind="supplement")
    assert LAW in change.lines[0]["reason"]
    assert change.legal_basis == f"Điều 19; {LAW}"
    assert change.due_after == march(15, 17)


# Until when to answer


def asked(p: Province, days: int = 10, **how: Any) -> Supplement:
    rule = {"stage": "reception", "max_requests": 1, "answer_days": days, "legal_basis": "Điều 17"}
    p.change_rules(supplements=[rule])
    return actions.request_supplement(p.clerk, dossier=p.file(**how), reason="Thiếu căn cước.", items=[])


def test_the_time_to_answer_is_the_rules_in_calendar_days_and_ends_on_a_working_day(
    province: Province, at: Clock
) -> None:
    at(march(2, 9))
    supplement = asked(province, 11)
    assert supplement.answer_by == march(15, 17)  # the 13th is a Saturday
    assert supplement.answer_by == deadlines.compute(march(2, 9), 11, "calendar_day", province.counter).due


def test_without_such_a_rule_there_is_no_time_to_answer(province: Province) -> None:
    supplement = asked(province, 0)
    assert supplement.answer_by is None
    dossier = supplement.dossier
    assert "Hãy bổ sung trước" not in _own_page(province, dossier)
    tasks.remind(timestamp=0)
    assert tasks.record_expiry() == 0


def _own_page(p: Province, dossier: Dossier, tail: str = "") -> str:
    client = Client()
    client.force_login(p.account)
    return client.get(f"/ho-so/{dossier.code}{tail}").content.decode()


def test_the_person_is_told_until_when_on_the_paper_the_pages_and_in_the_message(province: Province, at: Clock) -> None:
    at(march(2, 9))
    supplement = asked(province)
    dossier = supplement.dossier
    assert supplement.answer_by == march(12, 17)
    paper = dossier.issued_papers.get(kind="supplement")
    assert datetime.fromisoformat(paper.context["answer_by"]) == supplement.answer_by
    assert issuing.pdf_of(paper).startswith(b"%PDF")
    for tail in ("", "/bo-sung"):
        assert "17:00 12/03/2027" in _own_page(province, dossier, tail)
    dispatch_waiting()
    assert "Hãy bổ sung trước 17:00 12/03/2027" in Notification.objects.get(account=province.account).body


def test_the_person_is_reminded_two_working_days_before_and_once(province: Province, at: Clock) -> None:
    at(march(2, 9))
    asked(province)
    at(march(9, 9))  # Tuesday; Friday is the last day
    assert notices.remind_of_supplements() == 0
    at(march(10, 9))
    assert notices.remind_of_supplements() == 1
    assert notices.remind_of_supplements() == 0
    told = Notification.objects.get(kind="dossier.supplement_soon")
    assert told.account == province.account
    assert "17:00 12/03/2027" in told.body


def test_after_that_time_whoever_asked_is_told_once_and_nothing_ends_by_itself(province: Province, at: Clock) -> None:
    at(march(2, 9))
    supplement = asked(province)
    at(march(12, 16, 59))
    assert tasks.record_expiry() == 0
    at(march(12, 17, 1))
    assert (tasks.record_expiry(), tasks.record_expiry()) == (1, 0)
    told = Notification.objects.get(kind="dossier.supplement_expired")
    assert told.account.official_id == province.clerk.official_id
    dossier = Dossier.objects.get(pk=supplement.dossier_id)
    assert dossier.state == "supplement"
    actions.answer_supplement(province.citizen, dossier=dossier, note="Xin lỗi vì muộn.")
    assert Dossier.objects.get(pk=dossier.pk).state == "submitted"
    with pytest.raises(WrongState):
        actions.expire_supplement(system("x"), supplement=supplement)


def test_answered_in_time_nobody_is_told(province: Province, at: Clock) -> None:
    at(march(2, 9))
    supplement = asked(province)
    actions.answer_supplement(province.citizen, dossier=supplement.dossier, note="Đây ạ.")
    at(march(2, 9) + timedelta(days=40))
    assert (notices.remind_of_supplements(), tasks.record_expiry()) == (0, 0)
