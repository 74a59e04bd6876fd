"""A version that begins some day to come, and a change from that day on: the form is that of the version, and is written."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Record
from hienluong.capabilities.registers.queries import as_of
from hienluong.capabilities.registers.temporal import end_of
from hienluong.services.records import together
from tests.capabilities.registers.sample import WELLS, official, wells

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db


def words(html: str) -> str:
    """A page without its marks."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def coming() -> date:
    return timezone.localdate() + timedelta(days=2)


@pytest.fixture
def kept(kept: Kept) -> Kept:
    """The wells; from the day after tomorrow on their class must be said, which is B of those that are there."""
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["grade"] = {"type": "string", "title": "Hạng", "enum": ["A", "B"]}
    schema["required"] = [*schema["required"], "grade"]
    spec = wells(owner=kept.owner.code, version=2, effective_from=coming(), schema=schema, migrate={"grade": "'B'"})
    registers.install(official(kept.owner, "define", "read", "write"), spec=spec, owner=kept.owner)
    return kept


def since(day: date) -> dict[str, str]:
    return {"viec-since_day": str(day.day), "viec-since_month": str(day.month), "viec-since_year": str(day.year)}


def sent(page: str) -> dict[str, str]:
    """What a browser sends of a page: its boxes as they are filled in."""
    found = {}
    for box in re.findall(r"<input[^>]*>", page.partition("<main")[2]):
        said = dict(re.findall(r'([a-z-]+)="([^"]*)"', box))
        if said.get("name") and (said.get("type") not in ("radio", "checkbox") or " checked" in box):
            found[said["name"]] = said.get("value", "")
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found[name] = "".join(re.findall(r'value="([^"]*)" selected', inside))
    return found


def said(kept: Kept, record: Record, day: date) -> dict[str, Any]:
    version = as_of(kept.register, end_of(day)).get(record=record)
    return {"version": version.definition.version, **version.data}


def edited(kept: Kept, browser: Client, record: Record, **typed: str) -> tuple[str, dict[str, str]]:
    """The page after a change was sent from the form of today."""
    address = kept.address(record, "sua")
    answer = browser.post(address, {**sent(browser.get(address).content.decode()), "viec-kind": "change", **typed})
    assert answer.status_code == 200
    page = answer.content.decode()
    return page, {**sent(page)}


def test_the_form_becomes_that_of_the_version_of_the_day_and_is_written(kept: Kept) -> None:
    record, browser = kept.add(), browser_of(kept.officer)
    before = browser.get(kept.address(record, "sua")).content.decode()
    assert "Hạng" not in before
    assert "phiên bản" not in words(before)
    page, boxes = edited(kept, browser, record, name="Giếng mới", **since(coming() + timedelta(days=1)))
    told = words(page)
    assert f"phiên bản 2 của cơ sở dữ liệu đã có hiệu lực (từ ngày {coming():%d/%m/%Y})" in told
    assert "Chưa ghi gì" in told
    assert "Nhập hạng" not in told
    assert (boxes["name"], boxes["grade"], boxes["viec-version"]) == ("Giếng mới", "B", "2")
    assert browser.post(kept.address(record, "sua"), {**boxes, "grade": "A"}).status_code == 302
    now = said(kept, record, timezone.localdate())
    assert (now["version"], now["name"]) == (1, "Giếng chợ Đông Hà")
    then = said(kept, record, coming() + timedelta(days=1))
    assert (then["version"], then["name"], then["grade"]) == (2, "Giếng mới", "A")


def test_a_day_before_it_brings_the_form_of_today_back(kept: Kept) -> None:
    record, browser = kept.add(), browser_of(kept.officer)
    _page, boxes = edited(kept, browser, record, name="Giếng mới", **since(coming()))
    tomorrow = since(coming() - timedelta(days=1))
    page = browser.post(kept.address(record, "sua"), {**boxes, **tomorrow}).content.decode()
    assert "theo phiên bản 1 của cơ sở dữ liệu" in words(page)
    boxes = sent(page)
    assert "grade" not in boxes
    assert boxes["name"] == "Giếng mới"
    assert browser.post(kept.address(record, "sua"), boxes).status_code == 302
    assert said(kept, record, coming() - timedelta(days=1))["name"] == "Giếng mới"


def test_what_is_wrong_is_told_in_the_form_of_the_version(kept: Kept) -> None:
    record, browser = kept.add(), browser_of(kept.officer)
    _page, boxes = edited(kept, browser, record, **since(coming()))
    answer = browser.post(kept.address(record, "sua"), {**boxes, "grade": ""})
    page = words(answer.content.decode())
    assert answer.status_code == 200
    assert "Hạng" in page
    assert "Chưa ghi gì" not in page
    assert "phiên bản 2" in page


def test_a_new_record_from_that_day_on_is_asked_for_by_the_version(kept: Kept) -> None:
    browser = browser_of(kept.officer)
    typed = {"code": "G009", "name": "Giếng xa", "agency": kept.here.code, **since(coming())}
    answer = browser.post(kept.address(page="them"), typed)
    boxes = sent(answer.content.decode())
    assert (answer.status_code, boxes["code"], boxes["name"]) == (200, "G009", "Giếng xa")
    assert "Hạng" in words(answer.content.decode())
    assert "grade" not in boxes
    assert browser.post(kept.address(page="them"), {**boxes, "grade": "A"}).status_code == 302
    assert said(kept, Record.objects.get(key="G009"), coming())["grade"] == "A"


def test_a_record_that_was_not_carried_over_is_with_its_change(kept: Kept) -> None:
    """As from the API and in a change of many: nothing new has to be said."""
    record = kept.add()
    registers.change(kept.officer, record=record, data={"name": "Giếng mới"}, since=coming())
    assert said(kept, record, coming())["grade"] == "B"
    other = kept.add("G002")
    seen = {other.pk: other.changes.order_by("-pk").values_list("pk", flat=True)[0]}
    wanted = together.Wanted("name", "Giếng cũ", coming())
    assert not together.change_many(kept.officer, register=kept.register, seen=seen, wanted=wanted)
