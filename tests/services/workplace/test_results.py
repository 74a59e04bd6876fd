"""The officer fills the result in and sees its draft, the leader signs that very draft, a signed result is revoked."""

from __future__ import annotations

import pytest
from django.test import Client

from hienluong.capabilities.signing.models import IssuedFile
from hienluong.foundation.transparency.models import LogEntry
from hienluong.services.dossiers import actions, drafting
from hienluong.services.dossiers.models import Result, State
from tests.printed import words_of
from tests.services.dossiers.province import Province
from tests.services.workplace.desk import NUMBER, WITH_NUMBER, act, at, fresh, page, signed, to_signature

pytestmark = pytest.mark.django_db


@pytest.fixture
def birth(db: None) -> Province:
    return Province(
        results=[{**WITH_NUMBER, "template": "sectors/justice/civil_status/results/birth_certificate.html"}]
    )


def test_the_officer_fills_in_the_number_and_the_draft_prints_it(birth: Province) -> None:
    dossier = actions.receive(birth.clerk, dossier=birth.file())
    officer = at(birth.officer)
    assert "Số định danh được cấp" in officer.get(page(dossier)).content.decode()
    answer = officer.post(
        f"{page(dossier)}/viec/review",
        {"review-grants": "yes", "review-conclusion": "", "granted_personal_id": NUMBER, "tiep": "draft"},
    )
    assert answer.status_code == 302
    html = officer.get(answer["Location"].split("#")[0]).content.decode()
    assert f'src="{page(dossier)}/du-thao/1"' in html  # the draft beside the form
    assert f'value="{NUMBER}"' in html
    draft = officer.get(f"{page(dossier)}/du-thao")
    assert f"Số định danh cá nhân: {NUMBER}" in words_of(draft.content)
    picture = officer.get(f"{page(dossier)}/du-thao/1")
    assert picture["Content-Type"] == "image/png"


def test_a_proposal_without_the_number_comes_back_with_what_was_typed(birth: Province) -> None:
    dossier = actions.receive(birth.clerk, dossier=birth.file())
    answer = at(birth.officer).post(
        f"{page(dossier)}/viec/review",
        {"review-grants": "yes", "review-conclusion": "Đủ điều kiện ghi sổ.", "granted_personal_id": "12ab"},
    )
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "12ab" in html
    assert "Đủ điều kiện ghi sổ." in html
    assert not Result.objects.exists()


def test_the_leader_sees_the_draft_and_signs_no_other(province: Province) -> None:
    dossier, leader = to_signature(province), at(province.leader)
    html = leader.get(page(dossier)).content.decode()
    assert f'src="{page(dossier)}/du-thao/1"' in html
    draft = drafting.current(dossier)
    assert draft is not None
    assert f'value="{drafting.digest(draft)}"' in html
    answer = act(leader, dossier, "sign", seen="0" * 32)
    assert answer.status_code == 422
    assert "thay đổi sau khi bạn xem" in answer.content.decode()
    assert act(leader, dossier, "sign", seen=drafting.digest(draft)).status_code == 302


def test_signing_and_sending_back_are_two_acts(province: Province) -> None:
    dossier, leader = to_signature(province), at(province.leader)
    html = leader.get(page(dossier)).content.decode()
    signing, others = html.split('id="viec-sign"')[1].split("Việc khác, không phải việc trên")
    assert "Ký kết quả" in signing
    assert "radio" not in signing  # one button, one meaning
    assert 'id="viec-send_back"' in others
    assert "Trả lại dự thảo để sửa, không ký" in others
    unsaid = act(leader, dossier, "send_back", note="")
    assert unsaid.status_code == 422
    assert "Trả lại thì phải nêu lý do." in unsaid.content.decode()
    assert act(leader, dossier, "send_back", note="Sai năm sinh.").status_code == 302
    assert not Result.objects.filter(state__in=(Result.State.SIGNING, Result.State.SIGNED)).exists()
    assert fresh(dossier).waiting_task != "sign"
    assert act(leader, dossier, "sign", note="").status_code == 422  # it is no longer there to be signed


def test_an_old_page_that_says_send_back_never_signs(province: Province) -> None:
    dossier, leader = to_signature(province), at(province.leader)
    draft = drafting.current(dossier)
    assert draft is not None
    answer = act(leader, dossier, "sign", seen=drafting.digest(draft), forward="no", note="Sai năm sinh.")
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Trang đã cũ" in html
    assert "Sai năm sinh." in html  # what was typed is kept
    assert fresh(dossier).waiting_task == "sign"
    assert not Result.objects.filter(state__in=(Result.State.SIGNING, Result.State.SIGNED)).exists()


def test_a_head_submits_for_signature_or_sends_the_draft_back(province: Province) -> None:
    dossier = actions.receive(province.clerk, dossier=province.file())
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đủ.")
    head = at(province.head)
    assert act(head, dossier, "send_draft_back", note="").status_code == 422
    assert act(head, dossier, "send_draft_back", note="Thiếu căn cứ.").status_code == 302
    assert fresh(dossier).waiting_task == "review"
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Đủ, theo Điều 5.")
    assert act(head, dossier, "submit_for_signature").status_code == 302
    assert fresh(dossier).waiting_task == "sign"


def test_a_signed_result_is_revoked_the_public_page_says_so_and_the_dossier_reopens(province: Province) -> None:
    result, leader = signed(province), at(province.leader)
    dossier = result.dossier
    assert "Thu hồi kết quả" in leader.get(page(dossier)).content.decode()
    typed = {"reason": "Cấp sai đối tượng.", "legal_basis": "Quyết định 12/QĐ-UBND", "confirm": "on"}
    for missing in typed:
        answer = act(leader, dossier, "revoke_result", **{**typed, missing: ""})
        assert answer.status_code == 422, missing
    entries = LogEntry.objects.count()
    assert act(leader, dossier, "revoke_result", **typed).status_code == 302
    assert LogEntry.objects.count() == entries + 1
    public = Client().get(f"/xac-minh/{result.token}").content.decode()
    assert "THU HỒI" in public
    assert "Quyết định 12/QĐ-UBND" in IssuedFile.objects.get(pk=result.token).revoked_reason
    html = leader.get(page(dossier)).content.decode()
    assert "Mở lại theo quyết định" in html
    assert act(leader, dossier, "reopen", reason="Quyết định 13/QĐ-UBND", due="30/12/2099").status_code == 302
    assert (fresh(dossier).state, fresh(dossier).waiting_task) == (State.IN_PROGRESS, "review")


def test_revoking_is_not_offered_to_who_may_not(province: Province) -> None:
    result = signed(province)
    for who in (province.clerk, province.officer, province.head):
        assert "revoke_result" not in at(who).get(page(result.dossier)).content.decode()
