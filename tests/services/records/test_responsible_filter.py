"""Lists of records narrowed by the organisation that is responsible: by its name, or by its code."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from hienluong.capabilities.registers import actions
from hienluong.foundation.organisations.models import Organization
from hienluong.services.records import responsible
from tests.capabilities.registers.sample import official, wells

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def wells_by_agency(kept: Kept) -> Kept:
    """Two wells, each kept by a division of its own, in a list that is narrowed by it."""
    views = [{"columns": ["code", "name", "agency"], "filters": ["agency"]}]
    spec = wells(owner=kept.owner.code, version=2, effective_from=date(2020, 1, 2), lists=views)
    actions.install(official(kept.owner, "define", "read", "write"), spec=spec, owner=kept.owner)
    for place, name in ((kept.here, "Phòng Giếng chợ"), (kept.there, "Phòng Giếng đình")):
        Organization.objects.filter(pk=place.pk).update(name=name)
    kept.add("G001", name="Giếng chợ")
    return kept


def found(kept: Kept, page: str = "", **query: Any) -> str:
    return browser_of(kept.officer).get(f"{kept.address()}{page}", query).content.decode()


def test_a_list_is_narrowed_by_the_name_of_the_organisation_or_its_code(wells_by_agency: Kept) -> None:
    kept = wells_by_agency
    ours, theirs = f"Phòng Giếng chợ - {kept.here.code}", f"Phòng Giếng đình - {kept.there.code}"
    for page in ("", "/ban-do"):
        for asked in (kept.here.code, "Phòng Giếng chợ", "phong gieng cho", ours):
            assert ">Giếng chợ<" in found(kept, page, **{"loc-agency": asked}), (page, asked)
        for asked in (kept.there.code, "Phòng Giếng đình", theirs, "X9"):
            assert ">Giếng chợ<" not in found(kept, page, **{"loc-agency": asked}), (page, asked)
    assert f'value="{ours}"' in found(kept, **{"loc-agency": kept.here.code})
    assert "Không có cơ quan “sở nào đó”" in found(kept, **{"loc-agency": "sở nào đó"})
    assert "Có 2 mục tên “gieng”" in found(kept, **{"loc-agency": "gieng"})


def test_names_are_offered_one_s_own_organisations_first(wells_by_agency: Kept) -> None:
    kept = wells_by_agency
    text = found(kept)
    assert '<option value="Phòng Giếng chợ"></option>' in text
    assert text.index('<option value="Phòng Giếng chợ">') < text.index(f'<option value="{kept.owner.name}">')
    Organization.objects.filter(pk=kept.owner.pk).update(name="Phòng Giếng chợ")
    assert f'<option value="Phòng Giếng chợ - {kept.here.code}"></option>' in found(kept)


def test_one_that_is_no_more_is_meant_where_none_of_today_is_called_so(wells_by_agency: Kept) -> None:
    kept = wells_by_agency
    Organization.objects.filter(pk=kept.there.pk).update(valid=DateRange(date(2020, 1, 1), date(2025, 7, 1)))
    assert responsible.meant("phòng giếng đình") == (kept.there.code, 1)
    Organization.objects.filter(pk=kept.there.pk).update(name="Phòng Giếng chợ")
    assert responsible.meant("phòng giếng chợ") == (kept.here.code, 1)


def test_the_map_calls_the_organisation_by_its_name(wells_by_agency: Kept) -> None:
    kept = wells_by_agency
    assert "Cơ quan quản lý: Phòng Giếng chợ" in found(kept, "/ban-do", **{"loc-agency": kept.here.code})
