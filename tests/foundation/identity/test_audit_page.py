"""Auditors read the log by thing, person and day; each sees what is theirs to see."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.foundation.actions import Act, Actor, action, system
from hienluong.foundation.audit import queries
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.organisations.models import Organization
from tests.factories import make_account, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db
PAGE = "/quan-tri/nhat-ky"


@action("thu.lam")
def do(act: Act, *, thing: Organization, count: int = 1, **after: Any) -> None:
    for turn in range(count):
        act.record(thing, before={"so": turn}, after={"so": turn + 1, **after}, organization_id=thing.pk)


@pytest.fixture
def province() -> Organization:
    make_roles()
    return make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")


@pytest.fixture
def auditor(client: Client, province: Organization) -> Client:
    client.force_login(make_account(official=make_official(role="auditor", org=province)))
    return client


def numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"<span class=\"hl-muted\">#(\d+)", text)]


def read(client: Client, **asked: Any) -> str:
    response = client.get(PAGE, asked)
    assert response.status_code == 200
    return response.content.decode()


def test_only_those_who_may_read_the_log_do(client: Client, province: Organization) -> None:
    assert client.get(PAGE).headers["Location"].startswith("/dang-nhap")
    client.force_login(make_account(official=make_official(role="admin", org=province)))
    assert client.get(PAGE).status_code == 403


def test_before_and_after_are_shown_in_words_and_harmless(auditor: Client, province: Organization) -> None:
    do(system("kiểm thử"), thing=province, ten="<script>alert(1)</script>", mo=True, ds=["Đông Hà"])
    text = read(auditor, doi_tuong="UBND tỉnh Quảng Trị")
    for words in ("&lt;script&gt;", "Có", "[&quot;Đông Hà&quot;]", "thu.lam", "kiểm thử"):
        assert words in text
    assert "<script>alert" not in text


def test_found_by_name_by_key_by_person_and_not_otherwise(auditor: Client, province: Organization) -> None:
    other = make_org("Sở Tư pháp", code="H50.03", parent=province)
    lan = make_account("lan", official=make_official("Trần Thị Lan", org=other))
    do(Actor(kind="account", label="Trần Thị Lan", account_id=lan.pk), thing=other)
    mine = Entry.objects.get(verb="thu.lam").seq
    assert numbers(read(auditor, ai="lan")) == [mine]
    assert mine in numbers(read(auditor, doi_tuong="Sở Tư pháp"))
    assert mine in numbers(read(auditor, doi_tuong=f"organisations.organization:{other.pk}"))
    assert mine not in numbers(read(auditor, doi_tuong="UBND tỉnh Quảng Trị"))
    assert auditor.get(PAGE, {"ai": "không có ai"}).status_code == 422


def test_days_are_whole_days_of_viet_nam(auditor: Client, province: Organization) -> None:
    do(system("kiểm thử"), thing=province)
    today = timezone.localdate()
    day = dict.fromkeys(("tu", "den"), f"{today:%d/%m/%Y}")
    assert numbers(read(auditor, **day))
    yesterday = f"{today - timedelta(days=1):%d/%m/%Y}"
    assert numbers(read(auditor, den=yesterday)) == []
    tomorrow = f"{today + timedelta(days=1):%d/%m/%Y}"
    assert numbers(read(auditor, tu=tomorrow)) == []
    assert auditor.get(PAGE, {"tu": tomorrow, "den": yesterday}).status_code == 422


def test_pages_follow_each_other_without_gap_and_back(auditor: Client, province: Organization) -> None:
    do(system("kiểm thử"), thing=province, count=120)
    seen: list[int] = []
    asked = ""
    while True:
        text = auditor.get(f"{PAGE}{asked}").content.decode()
        seen += numbers(text)
        link = re.search(r"href=\"(\?truoc=\d+)\"", text)
        if link is None:
            break
        asked = link[1]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == Entry.objects.count()
    back = re.search(r"href=\"(\?sau=\d+)\"", text)
    assert back is not None
    assert len(numbers(auditor.get(f"{PAGE}{back[1]}").content.decode())) == queries.PAGE


def test_the_cost_does_not_grow_with_the_log(auditor: Client, province: Organization) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read(auditor, tu="01/01/2020", den="31/12/2099")
        return len(captured)

    before = cost()
    do(system("kiểm thử"), thing=province, count=200)
    assert cost() == before <= 15


def test_an_auditor_of_one_place_reads_that_place_only(client: Client, province: Organization) -> None:
    here = make_org("Sở Y tế", code="H50.16", parent=province)
    there = make_org("Sở Tư pháp", code="H50.03", parent=province)
    do(system("kiểm thử"), thing=here)
    do(system("kiểm thử"), thing=there)
    client.force_login(make_account(official=make_official(role="auditor", org=here)))
    shown = set(numbers(read(client)))
    assert Entry.objects.get(verb="thu.lam", organization_id=here.pk).seq in shown
    assert Entry.objects.get(verb="thu.lam", organization_id=there.pk).seq not in shown
    assert set(Entry.objects.filter(seq__in=shown).values_list("organization_id", flat=True)) == {here.pk}


@pytest.mark.parametrize("asked", ["?truoc=abc", "?sau=-1", "?truoc=99999999999999999999", "?doi_tuong=%00", "?tu=x"])
def test_odd_addresses_are_no_fault(auditor: Client, asked: str) -> None:
    assert auditor.get(f"{PAGE}{asked}").status_code in (200, 422)
