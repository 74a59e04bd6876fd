"""Certificates on the pages of records: the acts that may follow, the papers, what everybody sees; and the whole journey."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.registers import actions
from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.models import CertificateAct
from hienluong.services.certificates import papers
from tests.services.records.sample import browser_of
from tests.snapshots import ready

from .sample import WHY, Food

pytestmark = pytest.mark.django_db
LIST = "/lam-viec/co-so-du-lieu/thu.co_so"


@pytest.fixture
def food(db: None) -> Food:
    return ready(Food)


def test_the_page_offers_what_may_follow_and_does_it(food: Food) -> None:
    browser, page = browser_of(food.leader), f"{LIST}/{food.shop.pk}"
    text = browser.get(page).content.decode()
    assert "Cấp giấy" in text
    assert "Thu hồi" not in text
    assert browser.post(f"{page}/giay/issue", {"expected": 0}).status_code == 200, "somebody was faster: said, not done"
    assert browser.post(f"{page}/giay/issue", {}).status_code == 302
    papers.produce(CertificateAct.objects.get())
    text = browser.get(page).content.decode()
    assert "Mở giấy" in text
    assert "Thu hồi" in text
    answer = browser.post(f"{page}/giay/revoke", {"reason": ""})
    assert answer.status_code == 200
    assert not CertificateAct.objects.filter(kind="revoke").exists()
    out_of_order = browser.post(f"{page}/giay/issue", {}).content.decode()
    assert "không làm được việc" in out_of_order
    assert browser.get(f"{page}/giay/no-such").status_code == 404
    for other in (food.officer, food.province.other_leader):
        assert browser_of(other).post(f"{page}/giay/revoke", {"reason": "x"}).status_code == 403
    assert "Cấp giấy" in browser.get(page).content.decode(), "the history names the act"


def test_everybody_sees_how_it_stands_today_and_what_it_replaced(food: Food) -> None:
    today = timezone.localdate()
    first = food.issued(on=today - timedelta(days=40))
    certificates.perform(food.leader, kind="renew", record=food.shop, expires=today + timedelta(days=10))
    address = f"/co-so-du-lieu/thu.co_so/{food.shop.pk}"
    text = Client().get(address).content.decode()
    assert "Còn hiệu lực" in text
    assert f"Giấy này thay cho: {first.number}" in text
    certificates.perform(food.leader, kind="suspend", record=food.shop, until=today + timedelta(days=3), provenance=WHY)
    assert "Bị đình chỉ" in (text := Client().get(address).content.decode())
    assert "có giá trị đến hết ngày" in text
    leader = browser_of(food.leader)
    assert "Quán cơm Thu" in leader.get(f"{LIST}?giay=suspended").content.decode()
    assert "Quán cơm Thu" not in leader.get(f"{LIST}?giay=revoked").content.decode()
    certificates.perform(food.leader, kind="revoke", record=food.shop, provenance=WHY)
    assert "Bị thu hồi" in (text := Client().get(address).content.decode())
    assert "có giá trị đến hết ngày" not in text, "what was revoked holds to no day"


def test_everybody_reads_the_number_the_status_and_the_last_day_once_and_no_empty_row(food: Food) -> None:
    today = timezone.localdate()
    done = food.issued(on=today - timedelta(days=40))
    address = f"/co-so-du-lieu/thu.co_so/{food.shop.pk}"

    def shown() -> str:
        return Client().get(address).content.decode().partition("<h1")[2].partition("govuk-details")[0]

    text = shown()
    last = food.data()["expires_on"]
    assert [text.count(part) for part in ("Còn hiệu lực", done.number, f"{date.fromisoformat(last):%d/%m/%Y}")] == [
        1,
        1,
        1,
    ]
    assert "—" not in text
    assert "Đình chỉ" not in text
    assert "Ngày cấp" in text
    certificates.perform(food.leader, kind="suspend", record=food.shop, until=today + timedelta(days=3), provenance=WHY)
    text = shown()
    assert text.count("Bị đình chỉ") == 1
    assert ">Đình chỉ</dt>" in text
    actions.end(food.officer, record=food.shop)
    ended = shown()
    assert ended.count(done.number) == 1, "what has ended has no line about its certificate above the list"


def test_one_filter_asks_how_the_certificate_stands_and_old_addresses_still_narrow(food: Food) -> None:
    food.issued(on=timezone.localdate() - timedelta(days=40))
    leader = browser_of(food.leader)
    text = leader.get(LIST).content.decode()
    assert (text.count('name="giay"'), text.count('name="loc-status"')) == (1, 0)
    assert "như đã ghi" not in text
    for asked, is_there in (("active", True), ("revoked", False)):
        text = leader.get(f"{LIST}?loc-status={asked}").content.decode()
        assert ("Quán cơm Thu" in text) is is_there
        assert "như đã ghi" in text
