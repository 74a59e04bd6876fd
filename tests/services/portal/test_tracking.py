"""Public tracking: a code and a second fact, no hint whether a code exists, not guessable by trying."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, State
from hienluong.services.portal.views.tracking import TRIES_AT_CODE, TRIES_FROM_ADDRESS
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db

URL = "/ho-so/tra-cuu"
WRONG = "Không có hồ sơ nào khớp cả mã và 4 số này."
OFTEN = "Đã tra cứu quá nhiều lần"


def ask(code: str, fact: str, address: str = "203.0.113.7") -> Any:
    return Client(REMOTE_ADDR=address).post(URL, {"ma": code, "fact": fact})


def words(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def party(province: Province) -> Party:
    Party.objects.filter(pk=province.party.pk).update(phone="0912345678")
    return Party.objects.get(pk=province.party.pk)


def test_the_code_with_the_end_of_the_number_or_the_phone(province: Province, party: Party) -> None:
    dossier = province.file()
    for fact in (party.identifier[-4:], "5678"):
        answer = ask(dossier.code.lower(), fact)
        assert answer.status_code == 200
        assert dossier.procedure_name in words(answer)
        assert party.name not in words(answer)


def test_a_wrong_fact_and_a_code_of_nothing_look_the_same(province: Province, party: Party) -> None:
    dossier = province.file()
    there, nothing = ask(dossier.code, "0000"), ask("H50.31.01-200101-9999", "0000")
    assert there.status_code == nothing.status_code == 422
    assert WRONG in words(there)
    assert WRONG in words(nothing)


@pytest.mark.parametrize("exists", [True, False])
def test_one_code_is_tried_so_often_from_wherever(province: Province, party: Party, exists: bool) -> None:
    code = province.file().code if exists else "H50.31.01-200101-9999"
    for n in range(TRIES_AT_CODE):
        assert WRONG in words(ask(code, "0000", f"198.51.100.{n}"))
    assert OFTEN in words(ask(code, "5678", "198.51.100.99"))


def test_one_address_tries_so_many_codes(province: Province) -> None:
    for n in range(TRIES_FROM_ADDRESS):
        ask(f"H50.31.01-200101-{n:04d}", "0000")
    assert OFTEN in words(ask(province.file().code, "0000"))


def test_what_was_returned_is_told_as_past(province: Province, party: Party) -> None:
    dossier = actions.receive(province.clerk, dossier=province.file())
    due, returned = dossier.due_at, timezone.now()
    assert due is not None
    assert "Hẹn trả kết quả:" in words(ask(dossier.code, "5678"))
    Dossier.objects.filter(pk=dossier.pk).update(state=State.RETURNED, returned_at=returned)
    said = " ".join(words(ask(dossier.code, "5678")).split())
    assert "Hẹn trả kết quả:" not in said
    assert f"Đã trả kết quả lúc <strong>{timezone.localtime(returned):%H:%M, %d/%m/%Y}</strong>" in said
    assert f"ngày đã hẹn {timezone.localtime(due):%d/%m/%Y}" in said
