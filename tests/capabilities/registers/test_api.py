"""Registers over HTTP: what anybody may read, and nothing that shows through from behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from hienluong.capabilities.registers import actions

from .horizon import not_waiting
from .sample import wells
from .test_records import Wells

pytestmark = pytest.mark.django_db

BASE = "/api/v1/registers"


@pytest.fixture
def well() -> Wells:
    well = Wells()
    for number in range(7):
        well.add(code=f"G{number:03}", name=f"Giếng {number}", depth=float(10 * number), note="bí mật")
    return well


def get(path: str = "", **query: Any) -> Any:
    return Client().get(BASE + path, query)


def test_a_register_is_listed_with_the_fields_that_are_open(well: Wells) -> None:
    hidden = wells(code="thu.kin", access={})
    actions.install(well.chief, spec=hidden, owner=well.owner)
    (found,) = get().json()
    assert (found["code"], found["version"], set(found["fields"])) == ("thu.gieng", 1, {"code", "name", "place"})
    assert get("/thu.kin/records").status_code == get("/thu.khong_co/records").status_code == 404


def test_pages_follow_one_another(well: Wells) -> None:
    seen: list[str] = []
    after = ""
    for _ in range(4):
        page = get("/thu.gieng/records", size=2, sort="-name", after=after).json()
        seen += [item["key"] for item in page["items"]]
        assert all(set(item["data"]) <= {"code", "name", "place"} for item in page["items"])
        after = page["after"]
    assert seen == [f"G{number:03}" for number in reversed(range(7))]
    assert after == ""


def test_it_is_narrowed_by_what_is_open_only(well: Wells) -> None:
    assert len(get("/thu.gieng/records", filter="name=Giếng 3").json()["items"]) == 1
    assert len(get("/thu.gieng/records", box="107,16,108,17").json()["items"]) == 7
    assert get("/thu.gieng/records", valid="2025-01-01T00:00:00Z").json()["items"] == []
    for query in (
        {"filter": "depth__from=1"},
        {"filter": "note=bí mật"},
        {"filter": "strange=1"},
        {"filter": "name"},
        {"sort": "depth"},
        {"q": "mật"},
        {"box": "1,2,3"},
        {"box": "nan,1,2,3"},
        {"after": "x"},
        {"size": 0},
        {"valid": "hôm qua"},
    ):
        answer = get("/thu.gieng/records", **query)
        assert answer.status_code == 422, query
        assert "problem+json" in answer["Content-Type"]


def test_what_is_hidden_and_what_is_not_there_are_refused_alike(well: Wells) -> None:
    hidden, strange = (get("/thu.gieng/records", sort=name).json()["title"] for name in ("depth", "strange"))
    assert hidden.replace("depth", "strange") == strange


def test_the_tag_of_a_record_changes_with_what_is_open(well: Wells) -> None:
    record = well.register.records.get(key="G003")
    path = f"/thu.gieng/records/{record.pk}"
    first = get(path)
    assert (first.json()["key"], first.json()["data"]["name"]) == ("G003", "Giếng 3")
    same = Client().get(BASE + path, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    actions.change(well.clerk, record=record, data={"depth": 77.0}, since=date(2026, 2, 1))
    assert get(path)["ETag"] == first["ETag"]
    actions.change(well.clerk, record=record, data={"name": "Giếng mới"}, since=date(2026, 2, 1))
    assert get(path)["ETag"] != first["ETag"]
    assert get(path, valid="2026-01-15T00:00:00Z").json()["data"]["name"] == "Giếng 3"


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999999", "x"])
def test_a_record_that_is_not_there(well: Wells, number: str) -> None:
    assert get(f"/thu.gieng/records/{number}").status_code in (404, 422)


def test_a_record_is_found_by_its_key_and_after_a_merge_by_both(well: Wells) -> None:
    kept, other = (well.register.records.get(key=key) for key in ("G003", "G004"))
    found = get("/thu.gieng/records/by-key/G003")
    assert (found.status_code, found.json()["id"]) == (200, kept.pk)
    assert found["ETag"] == get(f"/thu.gieng/records/{kept.pk}")["ETag"]
    assert get("/thu.gieng/records/by-key/G999").status_code == 404
    actions.end(well.clerk, record=other, at=date(2026, 1, 1))
    assert get("/thu.gieng/records/by-key/G004").status_code == 404
    type(other).objects.filter(pk=other.pk).update(merged_into=kept)
    for path in ("/thu.gieng/records/by-key/G004", f"/thu.gieng/records/{other.pk}"):
        moved = get(path)
        assert (moved.status_code, moved["Location"]) == (308, f"{BASE}/thu.gieng/records/{kept.pk}")


def test_a_hidden_key_finds_nothing(well: Wells) -> None:
    closed = wells(code="thu.kin", access={"public": {"read": ["name"]}})
    register = actions.install(well.chief, spec=closed, owner=well.owner).register
    actions.create(well.chief_of_all, register=register, data={"code": "G001", "name": "Giếng"}, since=date(2026, 1, 1))
    assert get("/thu.kin/records").json()["items"][0]["key"] == ""
    assert get("/thu.kin/records/by-key/G001").status_code == get("/thu.kin/records/by-key/G002").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_feed_is_read_on_from_its_cursor() -> None:
    well = Wells()
    for number in range(3):
        well.add(code=f"G{number:03}", note="bí mật")
    with not_waiting():
        read_the_feed()


def read_the_feed() -> None:
    """In two pages, and what is no page of it."""
    first = get("/thu.gieng/changes", size=2).json()
    assert ([item["key"] for item in first["items"]], first["more"]) == (["G000", "G001"], True)
    assert all(set(item["data"]) <= {"code", "name", "place"} for item in first["items"])
    rest = get("/thu.gieng/changes", after=first["after"]).json()
    assert ([item["key"] for item in rest["items"]], rest["more"]) == (["G002"], False)
    for query in ({"after": "x"}, {"size": 0}, {"size": 1001}):
        assert get("/thu.gieng/changes", **query).status_code == 422
    assert get("/thu.khong_co/changes").status_code == 404
