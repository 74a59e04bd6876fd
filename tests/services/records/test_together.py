"""One field of many records at once: what is shown first, what is written, what is refused and told."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import history, queries
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.audit.models import Entry
from hienluong.services.records import together
from hienluong.services.records.together import Wanted

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db


def depths(kept: Kept) -> dict[str, Any]:
    return {key: data.get("depth") for key, data in queries.as_of(kept.register).values_list("key", "data")}


def hidden(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text):
        if name != "csrfmiddlewaretoken":
            found.setdefault(name, []).append(value)
    return found


def test_the_change_is_shown_first_then_written(kept: Kept) -> None:
    records = [kept.add("G001", name="Giếng chợ"), kept.add("G002", name="Giếng chùa", depth=20)]
    browser, address = browser_of(kept.officer), kept.address(page="sua-nhieu")
    assert "Sửa các bản ghi đã chọn" in browser.get(kept.address()).content.decode()
    sent: dict[str, Any] = {"chon-ban-ghi": [record.pk for record in records]}
    assert "Sửa trường nào?" in browser.post(address, sent).content.decode()
    page = browser.post(address, {**sent, "chon-truong": "depth"}).content.decode()
    sent = hidden(page)
    bad = browser.post(address, {**sent, "depth": "sâu", "viec-reason": "Đo lại", "xem-truoc": "1"})
    assert bad.status_code == 422
    page = browser.post(address, {**sent, "depth": "33,5", "viec-reason": "Đo lại", "xem-truoc": "1"}).content.decode()
    assert "2 bản ghi sẽ đổi." in page
    assert "120,5 → 33,5" in page
    assert depths(kept) == {"G001": 120.5, "G002": 20}, "only looked at"
    sent = hidden(page)
    again = browser.post(address, {**sent, "depth": "44", "viec-reason": "Đo lại", "xac-nhan": "1"})
    assert again.status_code == 200, "another value than was looked at is shown again"
    assert depths(kept) == {"G001": 120.5, "G002": 20}
    done = browser.post(address, {**sent, "depth": "33,5", "viec-reason": "Đo lại", "xac-nhan": "1"})
    assert done.status_code == 302
    assert depths(kept) == {"G001": 33.5, "G002": 33.5}
    assert Entry.objects.get(verb="registers.change_many").after == {"field": "depth", "records": 2, "refused": 0}


def test_a_newer_change_is_not_overwritten_and_told_by_name(kept: Kept) -> None:
    one, two = kept.add("G001", name="Giếng chợ"), kept.add("G002", name="Giếng chùa")
    browser, address = browser_of(kept.officer), kept.address(page="sua-nhieu")
    sent: dict[str, Any] = {"chon-ban-ghi": [one.pk, two.pk], "chon-truong": "depth"}
    sent = hidden(browser.post(address, sent).content.decode())
    page = browser.post(address, {**sent, "depth": "33", "viec-reason": "Đo lại", "xem-truoc": "1"}).content.decode()
    registers.change(kept.officer, record=two, data={"depth": 77})
    answer = browser.post(
        address, {**hidden(page), "depth": "33", "viec-reason": "Đo lại", "xac-nhan": "1"}, follow=True
    )
    assert depths(kept) == {"G001": 33, "G002": 77}
    assert "Giếng chùa: Người khác vừa thay đổi bản ghi này." in answer.content.decode()


def test_who_may_not_write_changes_nothing(kept: Kept) -> None:
    record = kept.add("G001")
    sent = {"chon-ban-ghi": [record.pk], "chon-truong": "depth", "depth": "1", "viec-reason": "x", "xem-truoc": "1"}
    for who in (kept.province.other_clerk, kept.owner_officer, kept.province.leader, kept.province.citizen):
        answer = browser_of(who).post(kept.address(page="sua-nhieu"), sent)
        assert answer.status_code in (200, 302, 403), who
        seen = {record.pk: history.last_change(record)}
        refused = together.change_many(who, register=kept.register, seen=seen, wanted=Wanted("depth", 1.0))
        assert set(refused) == {record.pk}, who
    assert depths(kept) == {"G001": 120.5}


@pytest.mark.parametrize("count", [0, together.MOST + 1])
def test_no_more_than_a_page_can_show(kept: Kept, count: int) -> None:
    with pytest.raises(InvalidInput):
        together.change_many(
            kept.officer, register=kept.register, seen=dict.fromkeys(range(count), 1), wanted=Wanted("depth", 1.0)
        )


@pytest.mark.parametrize("record", ["", "x", "9" * 40, "-1", "\x00"])
def test_odd_records_are_answered(kept: Kept, record: str) -> None:
    answer = browser_of(kept.officer).post(kept.address(page="sua-nhieu"), {"chon-ban-ghi": [record]}, follow=True)
    assert answer.status_code == 200
    assert "Hãy chọn ít nhất một bản ghi" in answer.content.decode()
