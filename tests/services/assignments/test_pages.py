"""Pages of tasks: lists, the board, one task with its acts; constant in queries; nothing for strangers."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.services.assignments import actions
from hienluong.services.assignments.models import Assignment, Quality, State

from .people import House, in_days, make_house, official_of, strangers, to_division, to_officer

LIST = "/lam-viec/giao-viec/"
LATER = f"{in_days(30):%d/%m/%Y}"


@pytest.fixture
def house(db: None) -> House:
    return make_house()


def at(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def page(actor: Actor, address: str) -> str:
    answer = at(actor).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def test_from_giving_to_judging_by_pages_alone(house: House) -> None:
    leader, head, officer = at(house.leader), at(house.head), at(house.officer)
    given = leader.post(
        f"{LIST}giao",
        {"title": "Rà soát tiêm chủng", "lead": f"o{house.division.pk}", "due_on": LATER, "instruction": "Kỹ"},
        follow=True,
    )
    assert "Đã giao việc" in given.content.decode()
    task = Assignment.objects.get()
    assert task.due_at is not None
    key = f"p{house.officer.official_id}-{house.division.pk}"
    head.post(f"{LIST}{task.pk}/viec/giao-tiep", {"giao-tiep-title": "Tổng hợp", "giao-tiep-lead": key}, follow=True)
    below = Assignment.objects.get(parent=task)
    assert "Tổng hợp" in page(house.officer, LIST)
    officer.post(f"{LIST}{below.pk}/viec/tien-do", {"tien-do-percent": "40", "tien-do-text": "12 xã"})
    officer.post(f"{LIST}{below.pk}/viec/bao-cao", {"bao-cao-result": "Đủ 45 xã"})
    assert "Đủ 45 xã" in page(house.head, f"{LIST}{below.pk}")
    head.post(f"{LIST}{below.pk}/viec/danh-gia", {"danh-gia-quality": "good"})
    head.post(f"{LIST}{task.pk}/viec/bao-cao", {"bao-cao-result": "Xong"})
    leader.post(f"{LIST}{task.pk}/viec/lam-tiep", {"lam-tiep-text": "Thêm phụ lục"})
    head.post(f"{LIST}{task.pk}/viec/bao-cao", {"bao-cao-result": "Xong cả phụ lục"})
    leader.post(f"{LIST}{task.pk}/viec/danh-gia", {"danh-gia-quality": "excellent"})
    assert set(Assignment.objects.values_list("state", flat=True)) == {State.COMPLETED}


def test_more_time_and_reminders_by_pages(house: House) -> None:
    task = to_division(house)
    at(house.head).post(f"{LIST}{task.pk}/viec/gia-han", {"gia-han-due_on": LATER, "gia-han-reason": "Chờ"})
    assert "Chờ trả lời" in page(house.leader, f"{LIST}{task.pk}")
    at(house.leader).post(f"{LIST}{task.pk}/viec/tra-loi-gia-han", {"tra-loi-gia-han-granted": "yes"})
    task.refresh_from_db()
    assert task.due_at is not None
    assert task.due_at > in_days(29)
    again = at(house.leader).post(f"{LIST}{task.pk}/viec/tra-loi-gia-han", {"tra-loi-gia-han-granted": "yes"})
    assert again.status_code == 422
    at(house.leader).post(f"{LIST}{task.pk}/viec/nhac", {"nhac-text": "Khẩn trương"})
    assert "Khẩn trương" in page(house.head, f"{LIST}{task.pk}")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"title": "", "lead": "DIVISION"}, "Nội dung việc"),
        ({"title": "Việc A", "lead": ""}, "Chọn người chủ trì"),
        ({"title": "Việc A", "lead": "o99999999"}, "Chủ trì"),
        ({"title": "Việc A", "lead": "DIVISION", "due_on": "31/02/2090"}, "ngày có thật"),
        ({"title": "Việc A", "lead": "DIVISION", "due_on": "01/02/2020"}, "từ hôm nay trở đi"),
        ({"title": "Việc A", "lead": "DIVISION", "due_on": "01/02/9999"}, "quá xa"),
        ({"title": "Việc A", "lead": "DIVISION", "coordinate": "DIVISION"}, "một vai trò"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(house: House, data: dict[str, str], words: str) -> None:
    told = {name: value.replace("DIVISION", f"o{house.division.pk}") for name, value in data.items()}
    answer = at(house.leader).post(f"{LIST}giao", {**told, "instruction": "Lời dặn còn nguyên"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert "Lời dặn còn nguyên" in html
    assert not Assignment.objects.exists()


def test_strangers_find_nothing(house: House) -> None:
    task = to_division(house, title="Việc không ai khác biết")
    for name, actor in strangers(house).items():
        if actor.account_id is None:
            continue
        client = at(actor)
        assert client.get(f"{LIST}{task.pk}").status_code == 404, name
        assert client.post(f"{LIST}{task.pk}/viec/thu-hoi", {"thu-hoi-reason": "x"}).status_code == 404, name
        for what in ("nhan", "giao", "theo-doi"):
            assert "không ai khác biết" not in client.get(f"{LIST}?muc={what}&state=all").content.decode(), name
    assert Client().get(LIST).status_code == 302
    assert at(house.leader).get(f"{LIST}{2**70}").status_code == 404


def test_a_verb_that_is_not_ones_own_is_refused(house: House) -> None:
    task = to_division(house)
    for actor, verb in (
        (house.head, "thu-hoi"),
        (house.head, "nhac"),
        (house.leader, "nhan"),
        (house.leader, "tra-lai"),
    ):
        answer = at(actor).post(f"{LIST}{task.pk}/viec/{verb}", {f"{verb}-reason": "x"})
        assert answer.status_code == 403, verb
    assert at(house.leader).post(f"{LIST}{task.pk}/viec/khong-co").status_code == 403
    task.refresh_from_db()
    assert task.state == State.GIVEN


def test_an_officer_gets_no_page_for_giving(house: House) -> None:
    assert at(house.officer).get(f"{LIST}giao").status_code == 403
    assert at(house.officer).get(f"{LIST}bang").status_code == 403


def test_the_board_counts_what_is_late_and_leads_to_it(house: House) -> None:
    late, done, soon = (
        to_division(house),
        to_division(house, title="Việc đã xong"),
        to_division(house, due_at=in_days(1)),
    )
    actions.report(house.head, assignment=done, result="x")
    actions.evaluate(house.leader, assignment=done, quality=Quality.GOOD)
    Assignment.objects.filter(pk=late.pk).update(given_at=in_days(-9), due_at=in_days(-2))
    html = page(house.leader, f"{LIST}bang")
    row = html[html.index(f"don-vi={house.division.pk}") :]
    assert [row.count(f"don-vi={house.division.pk}"), "100%" in row] == [2, True]
    found = page(house.leader, f"{LIST}?muc=theo-doi&due=late&don-vi={house.division.pk}")
    assert f"{LIST}{late.pk}" in found
    assert f"{LIST}{soon.pk}" not in found


def test_lists_are_narrowed(house: House) -> None:
    first, second = to_division(house, title="Rà soát A"), to_division(house, title="Kiểm tra B")
    actions.accept(house.head, assignment=second)
    assert f"{LIST}{first.pk}" in page(house.head, f"{LIST}?q=rà soát")
    assert f"{LIST}{second.pk}" not in page(house.head, f"{LIST}?q=rà soát")
    assert f"{LIST}{first.pk}" not in page(house.head, f"{LIST}?state=accepted")
    assert page(house.head, f"{LIST}?muc=xx&state=zz&due=1&page=-3&don-vi=abc&q=%00")


def test_the_workbook_holds_what_the_list_holds_and_no_formula(house: House) -> None:
    to_division(house, title="=1+1 Rà soát")
    answer = at(house.leader).get(f"{LIST}?muc=giao&dang=xlsx")
    with ZipFile(BytesIO(answer.content)) as book:
        strings, sheet = book.read("xl/sharedStrings.xml").decode(), book.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1 Rà soát" in strings
    assert "<f>" not in sheet


@pytest.mark.parametrize("address", [LIST, f"{LIST}?muc=giao", f"{LIST}?muc=theo-doi", f"{LIST}bang"])
def test_queries_do_not_grow_with_the_list(house: House, address: str) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    client = at(house.leader)
    to_division(house)
    client.get(address)
    few = cost()
    for number in range(12):
        task = to_division(house, title=f"Việc {number}")
        to_officer(house, task, official=official_of(house.officer))
    assert cost() == few
    assert few <= 15


def test_queries_of_a_task_do_not_grow_with_its_tree(house: House) -> None:
    task = to_division(house)
    to_officer(house, task)
    client = at(house.leader)

    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"{LIST}{task.pk}").status_code == 200
        return len(found)

    cost()
    few = cost()
    for _number in range(6):
        to_officer(house, task, part="coordinate", official=official_of(house.colleague))
        child = Assignment.objects.latest("pk")
        actions.return_task(house.colleague, assignment=child, reason="x")
    assert cost() == few
    assert few <= 20
