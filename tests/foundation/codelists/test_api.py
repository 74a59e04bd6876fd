"""Code lists over HTTP: public, of any day, answered from a cache where nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.codelists import actions, queries
from hienluong.foundation.codelists.models import Code
from tests.factories import TESTER

from .sample import installed

pytestmark = pytest.mark.django_db

BASE = "/api/v1/codelists"


@pytest.fixture(autouse=True)
def _lists(tmp_path: Path) -> None:
    installed(tmp_path)


def get(path: str = "", **query: Any) -> Any:
    answer = Client().get(BASE + path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_lists_and_their_editions() -> None:
    (found,) = get()
    assert (found["code"], found["edition"], len(found["editions"])) == ("trees", "2025", 2)
    assert get("/trees", on="2024-01-01")["edition"] == "2020"
    assert get("/trees", on="2019-01-01")["edition"] is None


def test_the_codes_of_a_day_page_by_page() -> None:
    first = get("/trees/codes", size=3)
    assert [item["value"] for item in first["items"]] == ["G", "G1", "G11"]
    rest = get("/trees/codes", size=3, after=first["after"])
    assert ([item["value"] for item in rest["items"]], rest["after"]) == (["G3", "T"], None)
    assert [item["value"] for item in get("/trees/codes", parent="")["items"]] == ["G", "T"]
    assert [item["value"] for item in get("/trees/codes", parent="G", on="2024-02-01")["items"]] == ["G1", "G2"]
    assert [item["value"] for item in get("/trees/codes", q="rung trong")["items"]] == ["G11"]


def test_one_code_with_its_way_and_what_became_of_it() -> None:
    found = get("/trees/codes/G11")
    assert [step["value"] for step in found["path"]] == ["G", "G1", "G11"]
    assert [(one["edition"], one["value"], one["kind"]) for one in found["came_from"]] == [("2020", "G1", "split")]
    old = get("/trees/codes/G1", on="2024-02-01")
    assert [one["value"] for one in old["became"]] == ["G1", "G11"]
    assert old["attributes"] == {"group": "II"}
    assert (old["is_leaf"], found["is_leaf"], get("/trees/codes/G")["is_leaf"]) == (True, True, False)


def test_the_mapping_page_by_page() -> None:
    seen, after = [], 0
    while after is not None:
        page = get("/trees/mappings", size=4, after=after)
        assert (page["from_edition"], page["to_edition"]) == ("2020", "2025")
        seen += [(item["source"], item["target"]) for item in page["items"]]
        after = page["after"]
    assert seen == [("G", "G"), ("G1", "G1"), ("G1", "G11"), ("G2", "G3"), ("T", "T"), ("T1", "T")]
    assert get("/trees/mappings", **{"from": "2020", "to": "2025"})["items"]


@pytest.mark.parametrize(
    "path",
    ["/none", "/none/codes", "/trees/codes/Z", "/trees/codes?on=2019-01-01", "/trees/mappings?from=1&to=2", "/%00"],
)
def test_what_is_not_there(path: str) -> None:
    assert Client().get(BASE + path).status_code == 404


@pytest.mark.parametrize("path", ["", "/trees", "/trees/codes", "/trees/codes/G", "/trees/mappings"])
def test_an_answer_is_good_until_a_list_changes(path: str) -> None:
    first = Client().get(BASE + path)
    assert "public" in first["Cache-Control"]
    again = Client().get(BASE + path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    code = Code.objects.get(edition=queries.edition("trees", "2025"), value="T")
    actions.correct(TESTER, code=code, name="Tre", legal_basis="QĐ 9")
    changed = Client().get(BASE + path, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
