"""Records carried over to a new definition: from its first day on, once, and what it refuses is named."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.capabilities.registers import actions, migrating, queries, tasks
from hienluong.capabilities.registers.definition import breaks
from hienluong.capabilities.registers.models import Change, Definition, Version
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.actions import InvalidInput, NotAllowed, system
from hienluong.foundation.audit.models import Entry

from .sample import WELLS, wells
from .test_records import Wells

pytestmark = pytest.mark.django_db

DAY = date(2026, 7, 1)
SYSTEM = system("thử")


@pytest.fixture
def well() -> Wells:
    return Wells()


def second(**migrate: str) -> Any:
    """Version 2: the depth in words instead of metres, a class that must be there, no notes any more."""
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["depth"] = {"type": "string", "title": "Độ sâu", "maxLength": 20}
    schema["properties"]["grade"] = {"type": "string", "title": "Hạng", "enum": ["A", "B"]}
    del schema["properties"]["note"]
    schema["required"] = ["code", "name", "grade"]
    return wells(
        version=2,
        effective_from=DAY,
        schema=schema,
        computed={},
        search=["name"],
        lists=[],
        index=["depth"],
        access={"responsible": {"read": "*", "write": "*"}},
        migrate=migrate,
    )


FULL = {
    "depth": "depth == null ? null : string(depth) + ' m'",
    "grade": "depth != null && depth > 100.0 ? 'A' : 'B'",
    "note": "null",
    "deep": "deep",
}


def test_a_break_without_a_way_is_refused(well: Wells) -> None:
    well.add()
    with pytest.raises(InvalidInput, match="migrate"):
        actions.install(well.chief, spec=second(), owner=well.owner)


def test_records_are_carried_over_from_the_day_on(well: Wells) -> None:
    well.add(code="G001", depth=120.5, note="cũ")
    well.add(code="G002", depth=20)
    definition = actions.install(well.chief, spec=second(**FULL), owner=well.owner)
    assert migrating.is_due(definition)
    assert tasks.migrate(definition.pk) == 2
    assert well.said(date(2026, 6, 30))["G001"]["depth"] == 120.5
    assert well.said(date(2026, 6, 30))["G001"]["note"] == "cũ"
    after = well.said(DAY)
    assert (after["G001"]["depth"], after["G001"]["grade"]) == ("120.5 m", "A")
    assert after["G002"]["grade"] == "B"
    assert "note" not in after["G001"]
    assert {change.source for change in Change.objects.filter(kind="change")} == {"migration"}
    assert Entry.objects.filter(verb="registers.migrate_part").count() == 1


def test_doing_it_again_changes_nothing(well: Wells, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "PART", 2)
    for number in range(5):
        well.add(code=f"G{number:03}")
    definition = actions.install(well.chief, spec=second(**FULL), owner=well.owner)
    first = migrating.migrate_part(SYSTEM, definition=definition)  # and then the machine stops
    assert (first.written, first.last is None) == (2, False)
    assert tasks.migrate(definition.pk) == 3
    assert tasks.migrate(definition.pk) == 0
    assert Change.objects.filter(kind="change").count() == 5
    assert not migrating.is_due(definition)


def test_what_is_refused_stays_and_is_named(well: Wells) -> None:
    well.add(code="G001")
    well.add(code="G002", name="Giếng không hạng")
    ways = {**FULL, "grade": "name == 'Giếng không hạng' ? 'X' : 'A'"}
    definition = actions.install(well.chief, spec=second(**ways), owner=well.owner)
    assert tasks.migrate(definition.pk) == 1
    assert Entry.objects.get(verb="registers.migrate_part").after["keys"] == ["G002"]
    assert Version.objects.get(key="G002", known__upper_inf=True).definition.version == 1


def test_what_ended_before_is_left_alone(well: Wells) -> None:
    record = well.add(code="G001", since=date(2026, 1, 1))
    actions.end(well.clerk, record=record, at=date(2026, 3, 1))
    definition = actions.install(well.chief, spec=second(**FULL), owner=well.owner)
    assert not migrating.is_due(definition)
    assert tasks.migrate(definition.pk) == 0


def test_nobody_but_the_house_carries_over(well: Wells) -> None:
    definition = Definition.objects.get()
    with pytest.raises(NotAllowed):
        migrating.migrate_part(well.chief, definition=definition)


def test_a_number_that_was_a_text_once_breaks_no_list_of_then(well: Wells) -> None:
    well.add(code="G001", depth=120.5)
    definition = actions.install(well.chief, spec=second(**FULL), owner=well.owner)
    tasks.migrate(definition.pk)
    then = timezone.make_aware(datetime(2026, 8, 1))
    spec = wells()
    scope = queries.own(well.clerk, spec)
    found = queries.find(well.register, spec, scope, Wish(filters={"depth__from": "5"}, sort="depth", valid=then))
    assert found.rows == [], "the old definition asks for a number where the new one keeps words"


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("agency", {"enum": ["A"]}),
        ("flow", {"x-units": ["l/s"]}),
        ("tests", {"maxItems": 1}),
        ("depth", {"exclusiveMaximum": 10}),
        ("code", {"format": "date"}),
        ("tests", {"items": {**WELLS["schema"]["properties"]["tests"]["items"], "required": ["day", "iron"]}}),
        ("tests", {"items": {"type": "object", "properties": {"day": {"x-kind": "date", "title": "Ngày"}}}}),
    ],
)
def test_whatever_leaves_less_room_is_said_to_break(name: str, changes: dict[str, Any]) -> None:
    fields = wells().schema_["properties"]
    new = wells(schema={**wells().schema_, "properties": {**fields, name: {**fields[name], **changes}}})
    assert [broken for broken, _why in breaks(wells(), new)] == [name]
    assert breaks(wells(), wells()) == []


def test_indexes_of_one_register_are_built_one_after_the_other(well: Wells) -> None:
    """Two builds on one table at once wait for each other, and PostgreSQL ends one of them."""
    newest = Definition.objects.filter(register=well.register).latest("version")
    for _again in range(2):
        tasks.after_install(newest)
    jobs = ProcrastinateJob.objects.filter(task_name="registers.build_indexes")
    assert list(jobs.values_list("lock", flat=True)) == [f"registers.build_indexes:{well.register.pk}"] * 2
