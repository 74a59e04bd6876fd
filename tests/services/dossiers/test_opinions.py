"""Opinions of other agencies: asked in rounds, silent only where the law lets silence speak, never left behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.notifications.models import Notification
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Handover, Opinion, State
from hienluong.services.dossiers.tasks import record_silence
from tests.factories import actor_for_role, make_org
from tests.services.dossiers.province import MODELS, Province

pytestmark = pytest.mark.django_db

CLOCK = system("Hạn cho ý kiến")


def asked(p: Province, **how: Any) -> Dossier:
    dossier = p.file(model="parallel_opinions", **how)
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Cần hỏi ý kiến.")
    return Dossier.objects.get(pk=dossier.pk)


def answered(p: Province) -> Dossier:
    """Both agencies agreed, the officer summed up, the head has the draft."""
    dossier = asked(p)
    for opinion in dossier.opinions.order_by("place"):
        actions.give_opinion(system("kiểm thử"), opinion=opinion, agrees=True, text="Thống nhất.")
    actions.conclude_opinions(p.officer, dossier=dossier, conclusion="Các cơ quan thống nhất.")
    return Dossier.objects.get(pk=dossier.pk)


def overdue(*opinions: Opinion) -> None:
    for opinion in opinions:
        Opinion.objects.filter(pk=opinion.pk).update(due_at=timezone.now() - timedelta(minutes=1))


def without_tacit(p: Province) -> None:
    wanted = [{**each, "tacit": False} for each in MODELS["parallel_opinions"][1]["opinions"]]
    p.change_params("parallel_opinions", opinions=wanted)


def test_sent_back_by_the_head_a_reworded_draft_does_not_ask_the_agencies_again(province: Province) -> None:
    dossier = answered(province)
    actions.submit_for_signature(province.head, dossier=dossier, forward=False, note="Sửa lỗi chính tả.")
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đã sửa.")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.waiting_task == "approve"
    assert dossier.opinions.count() == 2


def test_sent_back_by_the_leader_the_officer_may_ask_once_more(province: Province) -> None:
    dossier = answered(province)
    actions.submit_for_signature(province.head, dossier=dossier)
    actions.sign(province.leader, dossier=dossier, accept=False, note="Hỏi lại các sở.")
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Hỏi lại.", again=True)
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.waiting_task == "opinion"
    assert list(dossier.opinions.order_by("pk").values_list("round", "place")) == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_a_reopened_dossier_asks_a_new_round(province: Province) -> None:
    dossier = asked(province)
    actions.stop(province.head, dossier=dossier, reason="Chờ kết luận thanh tra.")
    assert not dossier.opinions.filter(withdrawn_at__isnull=True).exists()
    due = timezone.now() + timedelta(days=20)
    actions.reopen(province.leader, dossier=dossier, decision="Quyết định 12/QĐ-UBND", due=due)
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Hỏi lại.")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.waiting_task == "opinion"
    assert dossier.opinions.filter(round=2, withdrawn_at__isnull=True).count() == 2


def test_a_denial_goes_to_the_head_without_asking_anybody(province: Province) -> None:
    dossier = province.file(model="parallel_opinions")
    actions.receive(province.clerk, dossier=dossier)
    actions.review(province.officer, dossier=dossier, grants=False, conclusion="Không đủ điều kiện theo Điều 5.")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert dossier.waiting_task == "approve"
    assert not dossier.opinions.exists()


def test_silence_is_no_consent_where_the_procedure_does_not_say_so(province: Province) -> None:
    without_tacit(province)
    head = actor_for_role("head", province.agency_one)
    opinion = asked(province).opinions.get(place=0)
    overdue(opinion)
    with pytest.raises(actions.SilenceIsNotConsent):
        actions.take_silence_as_consent(CLOCK, opinion=opinion)
    assert record_silence() == 1
    opinion.refresh_from_db()
    assert (opinion.given_at, opinion.agrees, opinion.tacit) == (None, None, False)
    told = set(Notification.objects.filter(kind="dossier.opinion_silent").values_list("account_id", flat=True))
    assert told == {head.account_id, province.officer.account_id}
    assert record_silence() == 0  # told once
    actions.give_opinion(province.asked, opinion=opinion, agrees=False, text="Không phù hợp quy hoạch.")
    assert Opinion.objects.get(pk=opinion.pk).agrees is False


def test_silence_where_it_is_consent_moves_the_process_on(province: Province) -> None:
    dossier = asked(province)
    overdue(*dossier.opinions.all())
    assert record_silence() == 2
    assert dossier.opinions.filter(tacit=True, agrees=True).count() == 2
    assert Dossier.objects.get(pk=dossier.pk).waiting_task == "conclude"


def test_silence_after_an_answer_leaves_no_trace(province: Province) -> None:
    dossier = asked(province)
    opinion = dossier.opinions.get(place=0)
    actions.give_opinion(province.asked, opinion=opinion, agrees=True, text="")
    overdue(opinion)
    with pytest.raises(actions.OpinionSettled):
        actions.take_silence_as_consent(CLOCK, opinion=opinion)
    assert not Handover.objects.filter(verb="take_silence_as_consent").exists()


def test_a_withdrawn_dossier_is_not_asked_about_any_more(province: Province) -> None:
    dossier = asked(province)
    opinion = dossier.opinions.get(place=0)
    actions.withdraw(province.citizen, dossier=dossier)
    overdue(*dossier.opinions.all())
    assert record_silence() == 0
    for act in (
        lambda: actions.give_opinion(province.asked, opinion=opinion, agrees=True, text=""),
        lambda: actions.take_silence_as_consent(CLOCK, opinion=opinion),
    ):
        with pytest.raises(actions.OpinionSettled):
            act()


def test_an_opinion_that_lost_its_place_is_withdrawn_not_tried_for_ever(province: Province) -> None:
    dossier = asked(province)
    overdue(*dossier.opinions.all())
    Dossier.objects.filter(pk=dossier.pk).update(state=State.STOPPED)  # as stopping left it before
    assert record_silence() == 0
    assert dossier.opinions.filter(withdrawn_at__isnull=False).count() == 2
    entries = Entry.objects.count()
    record_silence()
    assert Entry.objects.count() == entries


def test_an_agency_outside_the_system_is_asked_by_letter(province: Province) -> None:
    province.change_params("parallel_opinions", opinions=[{"key": "THUE", "name": "Thuế tỉnh", "tacit": True}])
    opinion = asked(province).opinions.get()
    assert (opinion.organization, opinion.name, opinion.tacit_allowed) == (province.division, "Thuế tỉnh", False)
    actions.give_opinion(province.officer, opinion=opinion, agrees=True, text="Công văn 12/CT-NVDT.")


def test_a_division_is_that_of_the_competent_commune(province: Province) -> None:
    make_org(
        "Phòng Kinh tế Gio Linh", code="H50.32.03", kind="division", parent=province.other_commune, short_name="KT"
    )
    own = make_org("Phòng Kinh tế Đông Hà", code="H50.31.03", kind="division", parent=province.commune, short_name="KT")
    province.change_params("parallel_opinions", opinions=[{"key": "KT"}])
    assert asked(province).opinions.get().organization == own


def test_a_division_is_that_of_the_commune_where_the_land_is(province: Province) -> None:
    make_org(
        "Phòng Kinh tế Gio Linh", code="H50.32.03", kind="division", parent=province.other_commune, short_name="KT"
    )
    own = make_org("Phòng Kinh tế Đông Hà", code="H50.31.03", kind="division", parent=province.commune, short_name="KT")
    province.change_params("parallel_opinions", opinions=[{"key": "KT", "commune_field": "land"}])
    dossier = province.file(model="parallel_opinions", competent=province.other_commune)
    dossier.data = {"reason": "Tách thửa", "land": "19333"}
    dossier.save(update_fields=("data",))
    actions.receive(province.clerk, dossier=dossier)
    officer = actor_for_role("officer", province.other_division)
    actions.review(officer, dossier=dossier, grants=True, conclusion="Cần hỏi ý kiến.")
    assert dossier.opinions.get().organization == own


def test_only_the_asked_agency_answers_and_a_refusal_needs_a_reason(province: Province) -> None:
    opinion = asked(province).opinions.get(place=0)
    with pytest.raises(NotAllowed):
        actions.give_opinion(province.officer, opinion=opinion, agrees=True, text="")
    with pytest.raises(InvalidInput):
        actions.give_opinion(province.asked, opinion=opinion, agrees=False, text=" ")
