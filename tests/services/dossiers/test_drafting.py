"""What the officer fills in for a result, what the leader is shown and signs, and taking a signed result back."""

from __future__ import annotations

from typing import Any

import pytest

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.services.dossiers import actions, drafting, publishing
from hienluong.services.dossiers.models import Dossier, Result, State
from tests.services.dossiers.province import SPEC, Province

pytestmark = pytest.mark.django_db

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["granted_personal_id"],
    "properties": {
        "granted_personal_id": {"type": "string", "title": "Số định danh", "pattern": r"^\d{12}$"},
        "book": {"type": "string", "title": "Số quyển", "maxLength": 20},
    },
}


@pytest.fixture
def with_fields(db: None) -> Province:
    """The small province whose result needs a number that only the officer knows."""
    return Province(results=[{**SPEC["results"][0], "schema": SCHEMA}])


def in_review(p: Province) -> Dossier:
    return actions.receive(p.clerk, dossier=p.file())


def test_a_draft_may_be_half_filled_in_a_proposal_may_not(with_fields: Province) -> None:
    dossier = in_review(with_fields)
    actions.draft_result(with_fields.officer, dossier=dossier, conclusion="", fields={"book": "12/2026"})
    assert Result.objects.get(dossier=dossier).fields == {"book": "12/2026"}
    with pytest.raises(InvalidInput) as refused:
        actions.review(with_fields.officer, dossier=dossier, grants=True, conclusion="Đủ.")
    assert refused.value.field == "granted_personal_id"
    with pytest.raises(InvalidInput):
        actions.draft_result(
            with_fields.officer, dossier=dossier, conclusion="", fields={"granted_personal_id": "12 số"}
        )
    actions.draft_result(
        with_fields.officer, dossier=dossier, conclusion="Đủ.", fields={"granted_personal_id": "045226001234"}
    )
    result = actions.review(with_fields.officer, dossier=dossier, grants=True, conclusion="Đủ.")
    assert result.fields == {"granted_personal_id": "045226001234"}  # what the draft kept


def test_a_refusal_needs_no_field_of_the_result(with_fields: Province) -> None:
    dossier = in_review(with_fields)
    result = actions.review(with_fields.officer, dossier=dossier, grants=False, conclusion="Không đủ.")
    assert result.fields == {}


def test_unknown_fields_do_not_reach_the_result(with_fields: Province) -> None:
    dossier = in_review(with_fields)
    fields = {"granted_personal_id": "045226001234", "reason": "Đổi nội dung đơn"}
    result = actions.review(with_fields.officer, dossier=dossier, grants=True, conclusion="Đủ.", fields=fields)
    assert set(result.fields) == {"granted_personal_id"}


def test_the_draft_is_not_changed_once_it_is_proposed(with_fields: Province) -> None:
    dossier = in_review(with_fields)
    fields = {"granted_personal_id": "045226001234"}
    actions.review(with_fields.officer, dossier=dossier, grants=True, conclusion="Đủ.", fields=fields)
    with pytest.raises(Exception, match="không ở bước này"):
        actions.draft_result(
            with_fields.officer, dossier=dossier, conclusion="Khác.", fields={"granted_personal_id": "045226009999"}
        )


def test_a_draft_other_than_the_one_shown_is_not_signed(province: Province) -> None:
    dossier = in_review(province)
    result = actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đủ.")
    actions.submit_for_signature(province.head, dossier=dossier)
    seen = drafting.digest(result)
    actions.sign(province.leader, dossier=dossier, accept=False, note="Sửa kết luận.", seen=seen)
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đã sửa.")
    actions.submit_for_signature(province.head, dossier=dossier)
    with pytest.raises(InvalidInput, match="thay đổi"):
        actions.sign(province.leader, dossier=dossier, seen=seen)
    now = drafting.digest(Result.objects.get(dossier=dossier))
    assert actions.sign(province.leader, dossier=dossier, seen=now).state == Result.State.SIGNING


def signed(p: Province) -> Result:
    dossier = in_review(p)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ.")
    actions.submit_for_signature(p.head, dossier=dossier)
    return publishing.produce(actions.sign(p.leader, dossier=dossier))


def test_revoking_needs_its_own_permission_a_reason_and_a_legal_basis(province: Province) -> None:
    result = signed(province)
    words = {"reason": "Cấp sai đối tượng.", "legal_basis": "Quyết định 12/QĐ-UBND"}
    for missing in words:
        with pytest.raises(InvalidInput) as refused:
            actions.revoke_result(province.leader, result=result, **{**words, missing: " "})
        assert refused.value.field == missing
    with pytest.raises(NotAllowed):
        actions.revoke_result(province.head, result=result, **words)
    result = actions.revoke_result(province.leader, result=result, **words)
    assert result.state == Result.State.REVOKED
    assert Entry.objects.get(verb="dossiers.revoke_result").after["legal_basis"] == words["legal_basis"]


def test_a_revoked_result_is_not_handed_over_but_the_dossier_reopens(province: Province) -> None:
    from datetime import timedelta

    from django.utils import timezone

    result = signed(province)
    actions.revoke_result(province.leader, result=result, reason="Sai tên.", legal_basis="Quyết định 12/QĐ-UBND")
    dossier = Dossier.objects.get(pk=result.dossier_id)
    with pytest.raises(InvalidInput, match="thu hồi"):
        actions.return_result(province.clerk, dossier=dossier, recipient="Bà Lành")
    due = timezone.now() + timedelta(days=5)
    dossier = actions.reopen(province.leader, dossier=dossier, decision="Quyết định 13/QĐ-UBND", due=due)
    assert (dossier.state, dossier.waiting_task) == (State.IN_PROGRESS, "review")
