"""Who looked at my data: only one's own, in words, with a question that is answered."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.audit.reads import log_reads
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.people.models import Representation
from hienluong.services.lookups import actions
from hienluong.services.lookups.models import Question
from tests.factories import actor_for_role, make_enterprise
from tests.services.dossiers.province import Province
from tests.services.records.sample import Kept, browser_of
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

PAGE = "/ai-da-xem-du-lieu-cua-toi"


@pytest.fixture
def kept(db: None) -> Kept:
    return ready(Kept)


def looks(province: Province, count: int = 1, **changes: Any) -> list[PersonalDataRead]:
    given: dict[str, Any] = {
        "party_id": province.citizen.party_id,
        "actor_label": "Trần Thị Soi",
        "organization_id": province.division.pk,
        "fields": ["name", "depth"],
        "purpose": "Kiểm tra khai thác nước",
        "subject": "thu.gieng",
        "agreement": "TTCS-2026-0007",
        **changes,
    }
    log_reads([PersonalDataRead(**given) for _ in range(count)])
    return list(PersonalDataRead.objects.order_by("-pk")[:count])


def mine(province: Province, query: str = "") -> str:
    return browser_of(province.citizen).get(PAGE + query).content.decode()


def test_it_says_who_why_what_and_under_which_agreement(kept: Kept) -> None:
    looks(kept.province)
    looks(kept.province, subject="H50-1", fields=["name", "reason", "day"], agreement="", purpose="Giải quyết thủ tục")
    text = mine(kept.province)
    for words in (
        "Trần Thị Soi",
        kept.province.division.name,
        "Kiểm tra khai thác nước",
        "TTCS-2026-0007",
        "Tên giếng, Độ sâu (m)",
        "Giếng khoan",
        "Họ tên, 2 mục khác của hồ sơ",
    ):
        assert words in text


def test_nobody_sees_looks_at_another(kept: Kept) -> None:
    (look,) = looks(kept.province)
    stranger = browser_of(kept.province.stranger)
    assert "Trần Thị Soi" not in stranger.get(PAGE).content.decode()
    assert stranger.get(f"{PAGE}/{look.pk}/hoi").status_code == 404
    assert stranger.post(f"{PAGE}/{look.pk}/hoi", {"text": "Vì sao?"}).status_code == 404
    assert browser_of(kept.officer).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302
    with pytest.raises(NotFound):
        actions.ask(kept.province.stranger, read=look, text="Vì sao?")
    assert not Question.objects.exists()


def test_a_long_history_is_paged_at_the_same_cost(kept: Kept, django_assert_max_num_queries: Any) -> None:
    looks(kept.province, 70)
    mine(kept.province)
    browser = browser_of(kept.province.citizen)
    browser.get(PAGE)
    with django_assert_max_num_queries(15):
        assert browser.get(f"{PAGE}?page=2").content.decode().count("Trần Thị Soi,") == 30


def test_a_question_goes_to_whoever_looked_and_the_answer_comes_back(kept: Kept) -> None:
    province = kept.province
    (look,) = looks(province)
    person = browser_of(province.citizen)
    assert person.post(f"{PAGE}/{look.pk}/hoi", {"text": " "}).status_code == 422
    assert person.post(f"{PAGE}/{look.pk}/hoi", {"text": "Vì sao xem giếng nhà tôi?"}).status_code == 302
    again = person.post(f"{PAGE}/{look.pk}/hoi", {"text": "Hỏi lại"})
    assert (again.status_code, "Bạn đã hỏi về lần xem này." in again.content.decode()) == (422, True)
    question = Question.objects.get()
    told = Notification.objects.get(kind="lookups.asked")
    assert (told.account_id, told.href) == (province.head.account_id, f"/lam-viec/cau-hoi-du-lieu/{question.pk}")
    head, elsewhere = actor_for_role("head", province.division), actor_for_role("head", kept.owner)
    address = f"/lam-viec/cau-hoi-du-lieu/{question.pk}"
    assert browser_of(elsewhere).get(address).status_code == 404
    assert browser_of(kept.officer).get(address).status_code == 403
    with pytest.raises(NotAllowed):
        actions.answer(elsewhere, question=question, text="x")
    with pytest.raises(InvalidInput):
        actions.answer(head, question=question, text="  ")
    assert "Vì sao xem giếng nhà tôi?" in browser_of(head).get("/lam-viec/cau-hoi-du-lieu").content.decode()
    assert browser_of(head).post(address, {"text": "Để kiểm tra giấy phép."}).status_code == 302
    assert "Để kiểm tra giấy phép." in mine(province)
    account = Account.objects.get(pk=province.citizen.account_id)
    assert Notification.objects.get(account=account, kind="lookups.answered").body == "Để kiểm tra giấy phép."
    twice = browser_of(head).post(address, {"text": "Sửa lời"})
    assert (twice.status_code, "đã được trả lời" in twice.content.decode()) == (422, True)


def test_a_representative_sees_and_asks_for_those_represented_today_and_for_nobody_else(kept: Kept) -> None:
    province = kept.province
    shop, former = make_enterprise("Hộ kinh doanh Lành", representative=province.party), make_enterprise("Công ty Cũ")
    yesterday = timezone.localdate() - timedelta(days=1)
    Representation.objects.create(
        representative=province.party, represented=former, role="Giám đốc", valid=DateRange(date(2020, 1, 1), yesterday)
    )
    account = Account.objects.get(pk=province.citizen.account_id)
    me = actor_of(account)
    (own,), (of_shop,) = looks(province, actor_label="Người Một"), looks(province, party_id=shop.pk, actor_label="Hai")
    (of_former,) = looks(province, party_id=former.pk, actor_label="Ba")
    (of_stranger,) = looks(province, party_id=province.stranger.party_id, actor_label="Bốn")
    browser, theirs = browser_of(me), f"{PAGE}?cua={shop.pk}"
    text = browser.get(PAGE).content.decode()
    assert ("Người Một" in text, "Hai, " in text) == (True, False)
    assert f'href="{theirs}"' in text
    assert "Công ty Cũ" not in text
    text = browser.get(theirs).content.decode()
    assert ("Người Một" in text, "Hai, " in text) == (False, True)
    assert "Ai đã xem dữ liệu của Hộ kinh doanh Lành" in text
    for party in (former.pk, province.stranger.party_id, 10**17):
        answer = browser.get(f"{PAGE}?cua={party}")
        assert (answer.status_code, "Ba, " in answer.content.decode()) == (404, False)
    assert browser_of(province.stranger).get(theirs).status_code == 404
    for look in (of_former, of_stranger):
        assert browser.post(f"{PAGE}/{look.pk}/hoi", {"text": "Vì sao?"}).status_code == 404
        with pytest.raises(NotFound):
            actions.ask(me, read=look, text="Vì sao?")
    with pytest.raises(NotFound):
        actions.ask(province.stranger, read=of_shop, text="Vì sao?")
    asked = browser.post(f"{PAGE}/{of_shop.pk}/hoi", {"text": "Vì sao xem cửa hàng?"})
    assert (asked.status_code, asked["Location"]) == (302, theirs)
    question = Question.objects.get()
    assert question.party_id == shop.pk
    actions.answer(actor_for_role("head", province.division), question=question, text="Để kiểm tra.")
    told = Notification.objects.get(kind="lookups.answered")
    assert (told.account_id, told.href) == (account.pk, theirs)
    assert own.party_id == province.party.pk
