"""Lists of records narrowed by a code: by its name, as the list shows it, or by the code itself."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from hienluong.capabilities.registers import actions
from hienluong.services.records import codes
from tests.capabilities.registers.sample import WELLS, official, wells
from tests.foundation.codelists import sample as lists

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db


def with_trees(kept: Kept) -> None:
    """The register of wells notes the tree beside each, and is narrowed by it."""
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["tree"] = {"x-kind": "code", "x-list": "trees", "title": "Cây bên giếng"}
    views = [{"columns": ["code", "name", "tree"], "filters": ["deep", "tree"], "sort": "-depth"}]
    spec = wells(owner=kept.owner.code, version=2, effective_from=date(2020, 1, 2), schema=schema, lists=views)
    actions.install(official(kept.owner, "define", "read", "write"), spec=spec, owner=kept.owner)


def wide(kept: Kept, tmp_path: Path, count: int) -> None:
    """A list of more trees than one box offers."""
    data = lists.trees()
    more = [{"code": f"N{n}", "name": f"Cây thứ {n} xong"} for n in range(count)]
    data["editions"][1]["codes"] += [*more, {"code": "P1", "name": "Phường Đông Hà"}, {"code": "P2", "name": "Phường Nam Đông Hà"}]  # fmt: skip
    lists.installed(tmp_path, data)
    with_trees(kept)


def found(kept: Kept, page: str = "", **query: Any) -> str:
    return browser_of(kept.officer).get(f"{kept.address()}{page}", query).content.decode()


@pytest.mark.parametrize("asked", ["T", "Tre nứa", "tre nua", "T - Tre nứa"])
def test_a_list_is_narrowed_by_a_code_or_by_its_name(kept: Kept, tmp_path: Path, asked: str) -> None:
    lists.installed(tmp_path)
    with_trees(kept)
    kept.add("G001", name="Giếng chợ", tree="T")
    kept.add("G002", name="Giếng chùa", tree="G3")
    for page in ("", "/ban-do"):
        text = found(kept, page, **{"loc-tree": asked})
        assert ("Giếng chợ" in text, "Giếng chùa" in text) == (True, False), page
        assert '<option value="T" selected>Tre nứa</option>' in text, page


def test_codes_are_offered_by_name_those_in_force_first(kept: Kept, tmp_path: Path) -> None:
    lists.installed(tmp_path)
    with_trees(kept)
    text = found(kept)
    assert text.index(">Cây lấy gỗ</option>") < text.index('<optgroup label="Không còn dùng">')
    assert text.index('<optgroup label="Không còn dùng">') < text.index('<option value="T1">Luồng</option>')
    assert text.count('<option value="G1">') == 1


def test_a_link_with_a_code_that_no_list_knows_still_narrows(kept: Kept, tmp_path: Path) -> None:
    lists.installed(tmp_path)
    with_trees(kept)
    kept.add("G001", name="Giếng chợ", tree="T")
    text = found(kept, **{"loc-tree": "X9"})
    assert "Không có bản ghi nào" in text
    assert '<option value="X9" selected>X9</option>' in text


def test_of_a_long_list_a_name_is_typed(kept: Kept, tmp_path: Path) -> None:
    wide(kept, tmp_path, codes.MOST_NAMES)
    kept.add("G001", name="Giếng chợ", tree="P1")
    kept.add("G002", name="Giếng chùa", tree="P2")
    assert "data-hl-codes" in found(kept)
    for asked in ("P1", "Phường Đông Hà", "dong ha", "P1 - Phường Đông Hà"):
        text = found(kept, **{"loc-tree": asked})
        assert ("Giếng chợ" in text, "Giếng chùa" in text) == (True, False), asked
        assert 'value="P1 - Phường Đông Hà"' in text, asked
    assert "Có 60 mục tên “xong”" in found(kept, **{"loc-tree": "xong"})
    assert "Danh mục không có “phường nào đó”" in found(kept, **{"loc-tree": "phường nào đó"})


def test_the_map_says_in_a_line_what_it_is_narrowed_by_and_keeps_its_place(kept: Kept, tmp_path: Path) -> None:
    lists.installed(tmp_path)
    with_trees(kept)
    kept.add("G001", name="Giếng chợ", tree="T")
    chief = browser_of(kept.officer)
    here = reverse("records:map", args=[kept.register.code])
    text = chief.get(here, {"loc-tree": "T", "q": "cho"}).content.decode()
    assert "Cây bên giếng: Tre nứa" in text
    assert '<details class="hl-filter">' in text, "what is asked for is said, and the map keeps its place"
    assert 'href="?q=cho"' in text
