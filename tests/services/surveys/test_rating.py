"""Rating a dossier: its own person, after the result, once, five scores from 1 to 5; by the action and by the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.services.dossiers.models import Dossier, State
from hienluong.services.surveys.actions import AlreadyRated, TooEarly, rate
from hienluong.services.surveys.models import QUESTIONS, Rating
from tests.services.dossiers.province import Province
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

GOOD = {key: 4 for key, _label in QUESTIONS}


@pytest.fixture
def province(db: None) -> Province:
    return ready(Province)


def returned(p: Province) -> Dossier:
    dossier = p.file()
    Dossier.objects.filter(pk=dossier.pk).update(state=State.RETURNED)
    return Dossier.objects.get(pk=dossier.pk)


def browser(p: Province) -> Client:
    client = Client()
    client.force_login(p.account)
    return client


def url(dossier: Dossier) -> str:
    return f"/ho-so/{dossier.code}/danh-gia"


def test_the_action_keeps_five_scores_and_the_words(province: Province) -> None:
    rating = rate(province.citizen, dossier=returned(province), scores=GOOD, comment="  Nhanh.  ")
    assert (rating.mean, rating.comment) == (4.0, "Nhanh.")


def test_the_action_takes_one_rating(province: Province) -> None:
    dossier = returned(province)
    rate(province.citizen, dossier=dossier, scores=GOOD)
    with pytest.raises(AlreadyRated):
        rate(province.citizen, dossier=dossier, scores=GOOD)
    assert Rating.objects.count() == 1


def test_the_action_waits_for_the_result(province: Province) -> None:
    with pytest.raises(TooEarly):
        rate(province.citizen, dossier=province.file(), scores=GOOD)


def test_the_action_hears_only_the_person(province: Province) -> None:
    with pytest.raises(NotAllowed):
        rate(province.stranger, dossier=returned(province), scores=GOOD)


@pytest.mark.parametrize("wrong", [0, 6, -1, 99, None, "4", 4.5])
def test_the_action_refuses_what_is_no_score(province: Province, wrong: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        rate(province.citizen, dossier=returned(province), scores={**GOOD, "time": wrong})
    assert (refused.value.code, refused.value.field) == ("surveys.wrong_score", "time")


def test_the_action_refuses_an_answer_left_out(province: Province) -> None:
    with pytest.raises(InvalidInput):
        rate(province.citizen, dossier=returned(province), scores={"access": 5})


def test_the_page_asks_once_and_then_thanks(province: Province) -> None:
    dossier, client = returned(province), browser(province)
    assert "Chúng tôi phục vụ bạn thế nào?" in client.get(url(dossier)).content.decode()
    assert client.post(url(dossier), {**GOOD, "comment": "Tốt"}).status_code == 302
    for answer in (client.get(url(dossier)), client.post(url(dossier), {**GOOD, "comment": "Lần hai"})):
        assert "Cảm ơn bạn đã đánh giá" in answer.content.decode()
    assert [rating.comment for rating in Rating.objects.all()] == ["Tốt"]


def test_the_page_says_when_it_is_too_early(province: Province) -> None:
    dossier, client = province.file(), browser(province)
    for answer in (client.get(url(dossier)), client.post(url(dossier), GOOD)):
        assert answer.status_code == 409
        assert "sau khi đã nhận kết quả" in answer.content.decode()
    assert not Rating.objects.exists()


@pytest.mark.parametrize("wrong", ["0", "6", "", "x", "4.0", "\x00", "९"])
def test_the_page_refuses_what_is_no_score_and_keeps_the_words(province: Province, wrong: str) -> None:
    answer = browser(province).post(url(returned(province)), {**GOOD, "result": wrong, "comment": "Giữ lời tôi"})
    assert answer.status_code == 422
    assert "Giữ lời tôi" in answer.content.decode()
    assert not Rating.objects.exists()


def test_words_typed_when_the_session_ended_are_there_after_signing_in(province: Province) -> None:
    dossier, client = returned(province), browser(province)
    client.get(url(dossier))
    client.session.flush()
    away = client.post(url(dossier), {**GOOD, "comment": "Đừng mất lời tôi"})
    assert away["Location"].startswith("/dang-nhap")
    client.post(away["Location"], {"username": province.account.username, "password": "Mat-khau-thu-2026"})
    back = client.get(url(dossier)).content.decode()
    assert "Đừng mất lời tôi" in back
    assert back.count(" checked") == len(QUESTIONS)
