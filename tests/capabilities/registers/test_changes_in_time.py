"""Changes that begin in the past: what came later stays, definitions hold on their days, what has ended has ended."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hienluong.capabilities.registers import actions, bulk, merging
from hienluong.capabilities.registers.models import Change, Version
from hienluong.capabilities.registers.queries import as_of
from hienluong.capabilities.registers.row import Row
from hienluong.foundation.actions import InvalidInput
from tests.snapshots import ready

from .sample import GOOD, wells
from .test_records import Wells

pytestmark = pytest.mark.django_db


@pytest.fixture
def well(db: None) -> Wells:
    return ready(Wells)


def newer(well: Wells, **changes: Any) -> Any:
    """A second version from June on, with one field more."""
    schema = wells().schema_
    properties = {**schema["properties"], "extra": {"x-kind": "text", "title": "Thêm"}}
    spec = wells(version=2, effective_from=date(2026, 6, 1), schema={**schema, "properties": properties}, **changes)
    return actions.install(well.chief, spec=spec, owner=well.owner)


def test_what_was_said_later_stays_when_an_earlier_day_is_changed(well: Wells) -> None:
    record = well.add(since=date(2026, 1, 1))
    newer(well)
    actions.change(well.clerk, record=record, data={"name": "Tên mới", "extra": "quý"}, since=date(2026, 8, 1))
    actions.change(well.clerk, record=record, data={"depth": 44}, since=date(2026, 3, 1))
    said = [well.said(day)["G001"] for day in (date(2026, 2, 1), date(2026, 4, 1), date(2026, 9, 1))]
    assert [(one["name"], one["depth"], one.get("extra")) for one in said] == [
        (GOOD["name"], 120.5, None),
        (GOOD["name"], 44, None),
        ("Tên mới", 44, "quý"),
    ]
    now = as_of(well.register).get(record=record)
    assert now.definition.version == 2, "a stretch obeys the definition of its day"
    actions.end(well.clerk, record=record, at=date(2026, 10, 1))
    actions.change(well.clerk, record=record, data={"depth": 55}, since=date(2026, 2, 1))
    assert (well.said(date(2026, 9, 1))["G001"]["depth"], well.said(date(2026, 10, 2))) == (55, {})


def test_what_begins_under_an_older_definition_is_carried_over_like_what_was_there(well: Wells) -> None:
    newer(well, search=["name"], migrate={"extra": "'mới'"})
    record = well.add(since=date(2026, 1, 1), note="bí mật")
    given = {**GOOD, "code": "G002", "agency": well.here.code}
    (row,) = bulk.create_many(well.clerk, well.register, [Row(given, date(2026, 1, 1))])
    for one in (record.pk, row.record):
        versions = Version.objects.filter(record=one, known__upper_inf=True).order_by("valid")
        assert [(v.definition.version, v.data.get("extra")) for v in versions] == [(1, None), (2, "mới")]
    assert "bi mat" not in as_of(well.register).get(record=record).search_text
    assert {change.source for change in Change.objects.filter(record=row.record)} == {"import"}


def test_what_was_merged_away_is_written_no_more(well: Wells) -> None:
    kept, other = well.add(), well.add(code="G002")
    merging.merge(well.clerk, kept=kept, other=other)
    with pytest.raises(InvalidInput, match="đã được nhập vào bản ghi khác"):
        actions.change(well.clerk, record=other, data={**GOOD, "code": "G002", "agency": well.here.code})
    actions.change(well.clerk, record=kept, data={"depth": 30}, since=date(2027, 1, 1))
    with pytest.raises(InvalidInput, match="chưa tới ngày"):
        merging.merge(well.clerk, kept=kept, other=well.add(code="G003", depth=1), take=["depth"])


def test_when_no_definition_is_in_force_the_last_one_holds(well: Wells) -> None:
    spec = wells(version=2, effective_from=date(2021, 1, 1), effective_to=date(2026, 1, 1))
    actions.install(well.chief, spec=spec, owner=well.owner)
    days = (date(2019, 1, 1), date(2020, 5, 1), date(2021, 1, 1), date(2030, 1, 1))
    assert [actions.definition_on(well.register, day).version for day in days] == [1, 1, 2, 2]
    assert [spec.version for _register, spec in actions.all_on(days[-1])] == [2]
