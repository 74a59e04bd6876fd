"""Counter work on a filed dossier: answers corrected with the person, withdrawals recorded, the counter that helped."""

from __future__ import annotations

import pytest

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, State
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db

FEE_BY_REASON = {
    "code": "phi",
    "name": "Phí",
    "kind": "fee",
    "due": "on_filing",
    "table": {
        "name": "phi",
        "inputs": ["reason"],
        "hit": "first",
        "rows": [{"when": "reason == 'Nhanh'", "then": {"amount": 20_000}}],
        "default": {"amount": 10_000},
    },
    "legal_basis": "Nghị quyết kiểm thử",
    "text": "10.000 đồng",
}


def test_a_corrected_answer_is_audited_before_and_after(province: Province) -> None:
    dossier = province.file()
    actions.correct_answers(
        province.clerk, dossier=dossier, data={"reason": "Vay vốn"}, confirmed=True, how="Bà Lành ký xác nhận tại quầy"
    )
    dossier.refresh_from_db()
    assert dossier.data == {"reason": "Vay vốn"}
    entry = Entry.objects.get(verb="dossiers.correct_answers")
    assert entry.before["answers"] == {"reason": "Bổ túc hồ sơ"}
    assert entry.after["answers"] == {"reason": "Vay vốn"}
    assert dossier.handovers.get(verb="correct_answers").public_note == "Bà Lành ký xác nhận tại quầy"


@pytest.mark.parametrize(
    ("data", "confirmed", "how"),
    [
        ({"reason": "Vay vốn"}, False, "Gọi điện"),
        ({"reason": "Vay vốn"}, True, " "),
        ({"reason": "x" * 300}, True, "Gọi điện"),
        ({"reason": ""}, True, "Gọi điện"),
        ({"reason": "Bổ túc hồ sơ"}, True, "Gọi điện"),
    ],
)
def test_a_correction_needs_the_persons_word_and_sound_answers(
    province: Province, data: dict[str, str], confirmed: bool, how: str
) -> None:
    dossier = province.file()
    with pytest.raises(InvalidInput):
        actions.correct_answers(province.clerk, dossier=dossier, data=data, confirmed=confirmed, how=how)
    dossier.refresh_from_db()
    assert dossier.data == {"reason": "Bổ túc hồ sơ"}


def test_only_the_counter_corrects_and_not_after_the_proposal(province: Province) -> None:
    dossier = actions.receive(province.clerk, dossier=province.file())
    with pytest.raises(NotAllowed):
        actions.correct_answers(
            province.other_clerk, dossier=dossier, data={"reason": "Vay vốn"}, confirmed=True, how="Tại quầy"
        )
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đủ.")
    with pytest.raises(Exception, match="không ở bước này"):
        actions.correct_answers(
            province.clerk, dossier=dossier, data={"reason": "Vay vốn"}, confirmed=True, how="Tại quầy"
        )


def test_an_answer_that_the_charge_rests_on_is_not_corrected(db: None) -> None:
    province = Province(FEE_BY_REASON)
    dossier = province.file()
    with pytest.raises(InvalidInput, match="thay đổi phí"):
        actions.correct_answers(
            province.clerk, dossier=dossier, data={"reason": "Nhanh"}, confirmed=True, how="Tại quầy"
        )


def test_the_clerk_records_a_withdrawal_with_who_asked(province: Province) -> None:
    dossier = province.file()
    with pytest.raises(InvalidInput):
        actions.withdraw(province.clerk, dossier=dossier)
    with pytest.raises(NotAllowed):
        actions.withdraw(province.other_clerk, dossier=dossier, reason="Bà Lành xin rút.")
    dossier = actions.withdraw(province.clerk, dossier=dossier, reason="Bà Lành đến quầy, đơn xin rút ngày 26/11.")
    assert dossier.state == State.WITHDRAWN
    assert Entry.objects.get(verb="dossiers.withdraw").actor_id == province.clerk.account_id


def test_the_clerk_answers_a_supplement_for_a_person_without_internet(province: Province) -> None:
    dossier = province.file()
    actions.request_supplement(
        province.clerk, dossier=dossier, reason="Thiếu.", items=[{"code": "CC", "name": "Căn cước", "what": "Thiếu"}]
    )
    brought = actions.PaperIn(code="CC", name="Bản sao căn cước", copies=1)
    actions.answer_supplement(province.clerk, dossier=dossier, papers=(brought,), note="Bà Lành nộp tại quầy.")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (dossier.state, dossier.waiting_task) == (State.SUBMITTED, "receive")
    assert actions.receive(province.clerk, dossier=dossier).state == State.RECEIVED


def test_the_counter_that_only_helped_is_noted(province: Province) -> None:
    dossier = province.file()
    actions.set_helper(province.clerk, dossier=dossier, helped_at=province.other_counter)
    dossier.refresh_from_db()
    assert (dossier.helped_at, dossier.received_at_org) == (province.other_counter, province.counter)
    with pytest.raises(InvalidInput):
        actions.set_helper(province.clerk, dossier=dossier, helped_at=province.division)
