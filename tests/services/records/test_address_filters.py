"""Lists of records narrowed by where an address is: by the commune's name, or by its code."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hienluong.capabilities.registers import actions, queries
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.actions import InvalidInput
from hienluong.services.records import conditions
from tests.capabilities.registers.sample import WELLS, official, wells
from tests.foundation.codelists import sample as lists

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db
COMMUNES = {
    "code": "administrative-units",
    "title": "Đơn vị hành chính",
    "editions": [
        {
            "code": "2025-07",
            "title": "Từ 1/7/2025",
            "source": "kiểm thử",
            "valid_from": date(2025, 7, 1),
            "codes": [
                {"code": "44", "name": "Tỉnh Quảng Trị"},
                {"code": "19333", "name": "Phường Đông Hà", "parent": "44"},
                {"code": "19351", "name": "Phường Nam Đông Hà", "parent": "44"},
                {"code": "19594", "name": "Xã Triệu Bình", "parent": "44"},
            ],
        }
    ],
}


@pytest.fixture
def placed(kept: Kept, tmp_path: Path) -> Kept:
    """Wells with addresses, narrowed by them."""
    lists.installed(tmp_path, COMMUNES)
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["address"] = {"x-kind": "address", "title": "Địa chỉ"}
    views = [{"columns": ["code", "name", "address"], "filters": ["deep", "address"], "sort": "-depth"}]
    spec = wells(owner=kept.owner.code, version=2, effective_from=date(2020, 1, 2), schema=schema, lists=views)
    actions.install(official(kept.owner, "define", "read", "write"), spec=spec, owner=kept.owner)
    for code, name, unit in (
        ("G001", "Giếng chợ", "19333"),
        ("G002", "Giếng chùa", "19594"),
        ("G003", "Giếng đình", ""),
    ):
        kept.add(code, name=name, **({"address": {"unit": unit, "street": "Phường Nam Đông Hà"}} if unit else {}))
    return kept


def found(kept: Kept, page: str = "", **query: Any) -> str:
    return browser_of(kept.officer).get(f"{kept.address()}{page}", query).content.decode()


def spec_of(kept: Kept) -> RegisterSpec:
    return actions.spec_of(kept.register.definitions.latest("version"))


@pytest.mark.parametrize("asked", ["19333", "Phường Đông Hà", "dong ha"])
def test_a_list_is_narrowed_by_the_commune_of_an_address(placed: Kept, asked: str) -> None:
    for page in ("", "/ban-do"):
        text = found(placed, page, **{"loc-address": asked})
        assert [name in text for name in ("Giếng chợ", "Giếng chùa", "Giếng đình")] == [True, False, False], page
        assert '<option value="19333" selected>Phường Đông Hà</option>' in text, page


def test_an_address_puts_nothing_in_order(placed: Kept) -> None:
    assert "thu-tu=address" not in found(placed)
    spec, scope = spec_of(placed), queries.own(official(placed.owner, "read"), spec_of(placed))
    for look in (queries.find, lambda *asked: list(queries.every(*asked))):
        with pytest.raises(InvalidInput, match="address"):
            look(placed.register, spec, scope, Wish(sort="address"))


def test_an_agreement_is_about_the_records_of_a_commune(placed: Kept) -> None:
    spec = spec_of(placed)
    assert conditions.read(spec, "Địa chỉ = Phường Đông Hà") == {"address": "19333"}
    assert conditions.told(spec, {"address": "19333"}) == "Địa chỉ: Phường Đông Hà"
