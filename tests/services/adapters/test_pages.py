"""The IT officer's pages: how each system is, what waits, asking again; closed to everybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import Actor, system
from hienluong.foundation.identity.models import Account
from hienluong.services.adapters import actions, asking, circuit, standing
from hienluong.services.adapters.asking import Reason
from hienluong.services.adapters.base import adapter, adapters
from hienluong.services.adapters.faults import Fault
from hienluong.services.adapters.models import Pending, System
from tests.factories import actor_for_role, make_org
from tests.services.adapters.process import MinistriesProcess

pytestmark = pytest.mark.django_db
LIST = "/quan-tri/he-thong-quoc-gia"
WHO = system("kiểm thử")


def browser_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


@pytest.fixture
def officer() -> Client:
    return browser_of(actor_for_role("admin", make_org()))


def ask(code: str) -> None:
    operation = adapter(code).operations[0]
    asking.ask(WHO, code, operation.name, operation.sample, reason=Reason("Kiểm tra hồ sơ"), tries=1)


def test_each_system_says_how_it_is(ministries: MinistriesProcess, officer: Client) -> None:
    ask("land")
    ministries.switch("population", _500=circuit.LIMIT)
    for _each in range(circuit.LIMIT):
        with pytest.raises(Fault):
            ask("population")
    found = {one.adapter.code: one for one in standing.of_all()}
    assert (found["land"].words, found["land"].answered, found["land"].errors) == ("Hoạt động", 1, 0)
    assert (found["population"].colour, found["population"].errors) == ("red", circuit.LIMIT)
    assert found["post"].words == "Chưa hỏi lần nào"
    page = officer.get(LIST).content.decode()
    assert all(str(one.title) in page for one in adapters())
    assert "đang nối với hệ thống mô phỏng" in page
    assert "Tạm ngừng hỏi đến" in page


def test_one_system_shows_its_calls_without_what_was_asked(ministries: MinistriesProcess, officer: Client) -> None:
    ask("population")
    page = officer.get(f"{LIST}/population").content.decode()
    assert "Kiểm tra hồ sơ" in page
    assert "045190000001" not in page
    assert "Nguyễn Thị Mô Phỏng" not in page
    assert "Bearer" not in page


def test_asking_again_closes_the_circuit(ministries: MinistriesProcess, officer: Client) -> None:
    System.objects.create(code="land", failures=9, opened_until=timezone.now() + timedelta(hours=1))
    Pending.objects.create(
        system="land", operation="parcel", number="1", question="{}", purpose="Đất", about="dossier:1", taker="test",
        state="failed", attempts=60, last_kind="down",
    )  # fmt: skip
    assert "dossier:1" in officer.get(f"{LIST}/land").content.decode()
    answer = officer.post(f"{LIST}/land/hoi-lai", follow=True)
    assert "1 câu hỏi" in answer.content.decode()
    assert System.objects.get(code="land").opened_until is None
    row = Pending.objects.get()
    assert (row.state, row.attempts) == ("waiting", 0)


def test_who_watches_over_one_commune_does_not_see_the_lines_of_the_province(ministries: MinistriesProcess) -> None:
    commune = make_org(parent=make_org())
    for who in (actor_for_role("admin", commune), actor_for_role("clerk", commune)):
        client = browser_of(who)
        assert {client.get(path).status_code for path in (LIST, f"{LIST}/land")} == {403}
        assert client.post(f"{LIST}/land/hoi-lai").status_code == 403


def test_there_are_no_others(ministries: MinistriesProcess, officer: Client) -> None:
    assert officer.get(f"{LIST}/khong-co").status_code == 404
    assert officer.post(f"{LIST}/khong-co/hoi-lai").status_code == 404


def test_without_a_connection_the_page_says_so(officer: Client, settings: object) -> None:
    settings.ADAPTERS = {}  # type: ignore[attr-defined]
    assert "Chưa kết nối" in officer.get(f"{LIST}/land").content.decode()
    assert actions.retry(WHO, code="land") == 0
