"""One dossier from filing to the result, and every turn it can take on the way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.workflow.engine import NotAtThatStep
from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, system
from hienluong.foundation.audit import chain
from hienluong.foundation.audit.models import Entry
from hienluong.services.dossiers import access, actions, publishing, queries
from hienluong.services.dossiers.models import DeadlineChange, Dossier, Draft, IssuedPaper, Opinion, Result, State
from hienluong.services.dossiers.tasks import record_silence
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def receive(p: Province, **how: Any) -> Dossier:
    dossier = p.file(**how)
    return actions.receive(p.clerk, dossier=dossier)


def to_signature(p: Province, **how: Any) -> Dossier:
    dossier = receive(p, **how)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    return Dossier.objects.get(pk=dossier.pk)


def sign(p: Province, dossier: Dossier) -> Result:
    result = actions.sign(p.leader, dossier=dossier)
    publishing.produce(Result.objects.get(pk=result.pk))
    return Result.objects.get(pk=result.pk)


def test_the_straight_path(province: Province) -> None:
    dossier = to_signature(province)
    result = sign(province, dossier)
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (result.state, dossier.state, dossier.national_state) == (Result.State.SIGNED, State.COMPLETED, 9)
    assert not dossier.is_late
    dossier = actions.return_result(province.clerk, dossier=dossier, recipient="Nguyễn Thị Lành")
    assert (dossier.state, dossier.waiting_lane, dossier.process.completed) == (State.RETURNED, "", True)
    assert list(chain.verify()) == []


def test_the_code_is_the_counter_the_day_and_a_number_without_gaps(province: Province) -> None:
    codes = [province.file().code for _ in range(3)]
    day = f"{timezone.localdate():%y%m%d}"
    assert codes == [f"{province.counter.code}-{day}-{n:04d}" for n in (1, 2, 3)]


def test_the_due_date_explains_itself(province: Province) -> None:
    dossier = receive(province)
    change = DeadlineChange.objects.get(dossier=dossier)
    assert change.due_after == dossier.due_at == dossier.original_due_at
    assert sum(line["counted"] for line in change.lines) == 3
    assert all(line["reason"] for line in change.lines)


def test_an_online_result_is_handed_over_by_itself(province: Province) -> None:
    dossier = to_signature(province, delivery="online")
    sign(province, dossier)
    assert Dossier.objects.get(pk=dossier.pk).state == State.RETURNED


def test_signing_twice_produces_one_result(province: Province) -> None:
    dossier = to_signature(province)
    result = sign(province, dossier)
    again = publishing.produce(result)
    assert again.file_id == result.file_id
    assert Result.objects.filter(dossier=dossier).count() == 1


def test_a_supplement_stops_the_clock_and_its_number_is_a_dated_rule(province: Province) -> None:
    dossier = receive(province)
    due = dossier.due_at
    actions.request_supplement(province.officer, dossier=dossier, reason="Thiếu bản sao căn cước.", items=[])
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (dossier.state, dossier.national_state) == (State.SUPPLEMENT, 5)
    pause = dossier.pauses.get()
    pause.started_at -= timedelta(days=14)
    pause.save()
    actions.answer_supplement(province.citizen, dossier=dossier, note="Đã bổ sung.")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.state == State.IN_PROGRESS
    assert dossier.due_at is not None
    assert due is not None
    assert dossier.due_at > due
    with pytest.raises(actions.SupplementNotAllowed, match="tối đa 1"):
        actions.request_supplement(province.officer, dossier=dossier, reason="Lại thiếu.", items=[])


def test_a_refusal_at_the_counter_says_why_and_ends(province: Province) -> None:
    dossier = province.file()
    with pytest.raises(InvalidInput):
        actions.refuse(province.clerk, dossier=dossier, reason=" ")
    dossier = actions.refuse(province.clerk, dossier=dossier, reason="Không thuộc thẩm quyền.")
    assert (dossier.state, dossier.national_state) == (State.REFUSED, 3)
    assert IssuedPaper.objects.get(dossier=dossier).kind == "refusal"
    with pytest.raises(Exception, match="đã kết thúc"):
        actions.receive(province.clerk, dossier=dossier)


def test_a_reasoned_denial_is_signed_too(province: Province) -> None:
    dossier = receive(province)
    actions.review(province.officer, dossier=dossier, grants=False, conclusion="Không đủ điều kiện theo Điều 5.")
    actions.submit_for_signature(province.head, dossier=dossier)
    result = sign(province, dossier)
    assert not result.grants
    assert result.file is not None


def test_the_head_and_the_leader_may_send_back_with_a_reason(province: Province) -> None:
    dossier = to_signature(province)
    with pytest.raises(InvalidInput):
        actions.sign(province.leader, dossier=dossier, accept=False)
    actions.sign(province.leader, dossier=dossier, accept=False, note="Xem lại địa chỉ.")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.waiting_task == "review"
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đã sửa.")
    actions.submit_for_signature(province.head, dossier=dossier, forward=False, note="Sửa lỗi chính tả.")
    assert Dossier.objects.get(pk=dossier.pk).waiting_task == "review"


def test_an_act_out_of_turn_is_refused(province: Province) -> None:
    dossier = receive(province)
    with pytest.raises(NotAtThatStep):
        actions.sign(province.leader, dossier=dossier)
    with pytest.raises(NotAtThatStep):
        actions.receive(province.clerk, dossier=dossier)


@pytest.mark.parametrize("who", ["citizen", "stranger", "officer", "other_clerk", "anonymous"])
def test_only_the_counter_receives(province: Province, who: str) -> None:
    dossier = province.file()
    with pytest.raises(NotAllowed):
        actions.receive(getattr(province, who), dossier=dossier)


@pytest.mark.parametrize("who", ["citizen", "stranger", "clerk", "officer", "head", "other_leader", "anonymous"])
def test_only_the_leader_of_the_competent_organisation_signs(province: Province, who: str) -> None:
    dossier = to_signature(province)
    with pytest.raises(NotAllowed):
        actions.sign(getattr(province, who), dossier=dossier)


def test_a_stranger_and_another_counter_do_not_see_the_dossier(province: Province) -> None:
    dossier = province.file()
    for who in (province.citizen, province.clerk, province.officer, province.leader):
        assert access.decide_view(who, dossier).allowed
    for who in (province.stranger, province.other_clerk, province.other_leader, Actor()):
        decision = access.decide_view(who, dossier)
        assert not decision.allowed
        assert decision.reasons


def test_the_inbox_shows_what_waits_for_each_role(province: Province) -> None:
    dossier = province.file()
    assert list(queries.inbox(province.clerk)) == [dossier]
    assert list(queries.inbox(province.officer)) == []
    actions.receive(province.clerk, dossier=dossier)
    assert list(queries.inbox(province.clerk)) == []
    assert list(queries.inbox(province.officer)) == [dossier]
    assert list(queries.inbox(province.other_clerk)) == []


def test_search_finds_without_diacritics(province: Province) -> None:
    dossier = province.file()
    found = queries.find_visible(province.clerk, queries.Filters(text="nguyen thi lanh"))
    assert list(found) == [dossier]
    assert list(queries.find_visible(province.other_clerk, queries.Filters(text="lanh"))) == []


def test_a_draft_is_filed_once(province: Province) -> None:
    draft = province.draft()
    filing = province.online()
    first = actions.file_online(province.citizen, draft=draft, filing=filing)
    again = actions.file_online(province.citizen, draft=draft, filing=filing)
    assert first.pk == again.pk
    assert Dossier.objects.count() == 1
    with pytest.raises(NotAllowed):
        actions.save_draft(province.stranger, draft=Draft.objects.get(pk=draft.pk), data={"x": 1})


def test_the_national_portal_may_send_twice(province: Province) -> None:
    filing = province.filing(channel="national_portal", national_code="000.00.00.H50-261123-0001")
    who = system("Cổng quốc gia")
    first = actions.take_from_national_portal(who, filing=filing)
    again = actions.take_from_national_portal(who, filing=filing)
    assert first.pk == again.pk


def test_withdrawing_is_for_the_person(province: Province) -> None:
    dossier = receive(province)
    with pytest.raises(NotAllowed):
        actions.withdraw(province.officer, dossier=dossier, reason="Tôi thấy nên rút.")
    dossier = actions.withdraw(province.citizen, dossier=dossier, reason="Không cần nữa.")
    assert (dossier.state, dossier.waiting_task) == (State.WITHDRAWN, "")


def test_stopping_and_reopening_by_decision(province: Province) -> None:
    dossier = receive(province)
    actions.stop(province.head, dossier=dossier, reason="Chờ kết luận thanh tra.")
    due = timezone.now() + timedelta(days=10)
    dossier = actions.reopen(province.leader, dossier=dossier, decision="Quyết định 12/QĐ-UBND", due=due)
    assert (dossier.state, dossier.waiting_task, dossier.due_at) == (State.IN_PROGRESS, "review", due)


def test_an_apology_names_a_new_date_but_the_delay_stays_a_delay(province: Province) -> None:
    dossier = to_signature(province)
    past = timezone.now() - timedelta(days=2)
    DeadlineChange.objects.filter(dossier=dossier).update(due_after=past, lawful_after=past)
    Dossier.objects.filter(pk=dossier.pk).update(due_at=past)
    new = timezone.now() + timedelta(days=3)
    actions.apologise(province.head, dossier=dossier, reason="Quá tải.", due=new)
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.due_at == new
    sign(province, dossier)
    assert Dossier.objects.get(pk=dossier.pk).is_late


def test_a_revoked_result_is_said_to_be_revoked(province: Province) -> None:
    dossier = to_signature(province)
    result = sign(province, dossier)
    actions.revoke_result(
        province.leader, result=result, reason="Cấp sai đối tượng.", legal_basis="Quyết định 12/QĐ-UBND"
    )
    assert Result.objects.get(pk=result.pk).state == Result.State.REVOKED


def test_opinions_wait_for_each_agency_and_silence_is_consent(province: Province) -> None:
    dossier = receive(province, model="parallel_opinions")
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Cần hỏi ý kiến.")
    first, second = Opinion.objects.order_by("pk")
    with pytest.raises(NotAllowed):
        actions.give_opinion(province.officer, opinion=first, agrees=True, text="")
    actions.give_opinion(province.asked, opinion=first, agrees=True, text="Thống nhất.")
    assert record_silence() == 0
    Opinion.objects.filter(pk=second.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    assert record_silence() == 1
    assert Opinion.objects.get(pk=second.pk).tacit
    assert Dossier.objects.get(pk=dossier.pk).waiting_task == "conclude"


def test_each_dossier_keeps_the_rule_set_of_its_day(province: Province) -> None:
    old = province.file(at=timezone.make_aware(timezone.datetime(2023, 5, 8, 9, 0)))
    new = province.file()
    assert (old.rule_set_id, new.rule_set_id) == ("2022", "2025")


def test_every_step_leaves_one_audit_entry_of_its_own(province: Province) -> None:
    dossier = to_signature(province)
    sign(province, dossier)
    verbs = list(
        Entry.objects.filter(target_type="dossiers.dossier", target_id=str(dossier.pk))
        .order_by("seq")
        .values_list("verb", flat=True)
    )
    assert verbs == [
        "dossiers.file",
        "dossiers.receive",
        "dossiers.review",
        "dossiers.submit_for_signature",
        "dossiers.sign",
        "dossiers.complete",
    ]


def test_the_rule_sets_follow_one_another_without_a_gap(province: Province) -> None:
    assert province.rule_set_on(date(2025, 6, 30)) == "2022"
    assert province.rule_set_on(date(2025, 7, 1)) == "2025"
    assert province.rule_set_on(timezone.localdate()) == "2025"


def test_the_person_is_told_and_the_holder_is_reminded(province: Province) -> None:
    from hienluong.foundation.events.dispatcher import dispatch_waiting
    from hienluong.foundation.notifications.models import Notification
    from hienluong.services.dossiers import notices

    dossier = receive(province)
    dispatch_waiting()
    dispatch_waiting()
    told = Notification.objects.get(account=province.account)
    assert dossier.code in told.body
    Dossier.objects.filter(pk=dossier.pk).update(
        assignee_id=province.officer.official_id, due_at=timezone.now() - timedelta(hours=2)
    )
    assert notices.remind() == 2  # the one who holds it, and the head of the division
    assert Notification.objects.filter(kind="dossier.late").count() == 2
    notices.remind()
    assert Notification.objects.filter(kind="dossier.late").count() == 2


def test_an_online_result_waits_for_its_fee_and_then_hands_itself_over(province: Province) -> None:
    from hienluong.capabilities.payments.actions import create_charge, record_cash
    from hienluong.foundation.events.dispatcher import dispatch_waiting

    dossier = to_signature(province, delivery="online")
    line = {"code": "LP", "name": "Lệ phí cấp giấy", "amount": 8000, "legal_basis": "Nghị quyết kiểm thử"}
    charge = create_charge(
        system("kiểm thử"),
        subject_ref=f"dossier:{dossier.code}",
        payer_id=province.party.pk,
        organization=province.counter,
        lines=[line],
        kind="levy",
    )
    sign(province, dossier)
    assert Dossier.objects.get(pk=dossier.pk).state == State.COMPLETED
    record_cash(province.clerk, charge=charge)
    dispatch_waiting()
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (dossier.state, dossier.payment_state) == (State.RETURNED, "paid")
