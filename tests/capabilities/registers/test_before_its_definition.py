"""What is true since before the definition began that it is written by: a licence of 2019 in a form of 2026."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import actions, bulk
from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.models import Change, Version
from hienluong.capabilities.registers.row import Row
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import InvalidInput, system

from .certified import PREMISES, premises
from .sample import GOOD, WELLS, official, organization, wells
from .test_api_writing import Town, problem, send
from .test_records import Wells

pytestmark = pytest.mark.django_db

LONG_AGO = date(2019, 5, 1)


def newer(well: Wells) -> None:
    """A second version since June: one more field, that must be said, and the depth in centimetres."""
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["grade"] = {"type": "string", "title": "Hạng", "enum": ["A", "B"]}
    schema["properties"]["depth"]["maximum"] = 50_000
    schema["required"] = [*schema["required"], "grade"]
    ways = {"grade": "deep == true ? 'A' : 'B'", "depth": "depth == null ? null : depth * 100.0"}
    spec = wells(version=2, effective_from=date(2026, 6, 1), schema=schema, computed={}, lists=[], migrate={**ways, "deep": "deep"})  # fmt: skip
    actions.install(well.chief, spec=spec, owner=well.owner)


def stretches(key: str = "G001") -> list[tuple[int, str, Any, Any]]:
    """Which definition, since when, and the two fields that the second version has otherwise."""
    known = Version.objects.filter(key=key, known__upper_inf=True).order_by("valid")
    return [
        (
            one.definition.version,
            timezone.localdate(one.valid.lower).isoformat(),
            one.data.get("depth"),
            one.data.get("grade"),
        )
        for one in known
    ]


@pytest.fixture
def well() -> Wells:
    return Wells()


def today() -> date:
    return timezone.localdate()


def test_the_first_definition_takes_what_is_older_than_all(well: Wells) -> None:
    well.add(since=LONG_AGO)
    assert stretches() == [(1, "2019-05-01", 120.5, None)]


def test_what_only_a_later_definition_can_say_is_kept_under_it_from_its_day(well: Wells) -> None:
    newer(well)
    given = {**GOOD, "agency": well.here.code, "depth": 9000, "grade": "B"}
    actions.create(well.clerk, register=well.register, data=given, since=LONG_AGO, meant_for=today())
    assert stretches() == [(2, "2019-05-01", 9000, "B")]


def test_a_value_that_the_older_definition_reads_otherwise_is_not_given_to_it(well: Wells) -> None:
    newer(well)
    record = well.add()
    actions.change(well.clerk, record=record, data={"depth": 400}, since=date(2026, 3, 1), meant_for=today())
    assert stretches() == [
        (1, "2026-01-01", 120.5, None),
        (2, "2026-03-01", 400, "A"),
        (2, "2026-06-01", 400, "A"),
    ]


def test_what_both_definitions_read_alike_obeys_the_one_of_its_day(well: Wells) -> None:
    newer(well)
    record = well.add()
    actions.change(well.clerk, record=record, data={"name": "Tên khác"}, since=date(2026, 3, 1), meant_for=today())
    assert [version for version, *_more in stretches()] == [1, 1, 2]
    assert well.said(date(2026, 4, 1))["G001"]["name"] == "Tên khác"


def test_who_does_not_say_what_it_was_meant_for_writes_as_on_that_day(well: Wells) -> None:
    newer(well)
    with pytest.raises(InvalidInput, match="grade"):
        well.add(since=LONG_AGO, grade="B")
    well.add(since=LONG_AGO, depth=200)
    assert stretches()[0] == (1, "2019-05-01", 200, None)


def test_what_neither_takes_is_told_in_the_words_of_the_one_it_was_given_for(well: Wells) -> None:
    newer(well)
    given = {**GOOD, "agency": well.here.code, "depth": 60_000, "grade": "B"}
    with pytest.raises(InvalidInput) as refused:
        actions.create(well.clerk, register=well.register, data=given, since=LONG_AGO, meant_for=today())
    assert "depth" in str(refused.value.details["errors"])


def test_what_is_kept_under_a_later_definition_is_changed_under_it(well: Wells) -> None:
    newer(well)
    given = {**GOOD, "agency": well.here.code, "depth": 9000, "grade": "B"}
    record = actions.create(well.clerk, register=well.register, data=given, since=LONG_AGO, meant_for=today())
    actions.change(well.clerk, record=record, data={"name": "Tên khác"}, since=date(2024, 1, 1))
    assert stretches() == [(2, "2019-05-01", 9000, "B"), (2, "2024-01-01", 9000, "B")]
    actions.revert(well.clerk, record=record, change=record.changes.latest("pk"))
    assert well.said(date(2025, 1, 1))["G001"]["name"] == GOOD["name"]


def test_many_rows_are_kept_likewise(well: Wells) -> None:
    newer(well)
    good = {**GOOD, "agency": well.here.code}
    given = [
        Row({**good, "code": "G001", "depth": 9000, "grade": "B"}, LONG_AGO, today()),
        Row({**good, "code": "G002", "depth": 9000, "grade": "B"}, date(2026, 7, 1), today()),
        Row({**good, "code": "G003", "depth": 9000}, LONG_AGO, today()),
    ]
    found = bulk.create_many(well.clerk, well.register, given)
    assert [sorted(one.errors) for one in found] == [[], [], ["grade"]]
    assert stretches("G001") == [(2, "2019-05-01", 9000, "B")]
    assert stretches("G002") == [(2, "2026-07-01", 9000, "B")]


def test_it_is_written_over_http(db: None) -> None:
    town = Town()
    newer(town)
    body: dict[str, Any] = {"data": town.good(depth=9000, grade="B"), "since": "2019-05-01T00:00:00+07:00"}
    made = send(town.here_client, "POST", "/records", body)
    assert made.status_code == 201, made.content
    assert stretches() == [(2, "2019-05-01", 9000, "B")]
    again = {"operations": [{**body, "op": "create", "data": town.good(code="G002", depth=9000, grade="B")}]}
    assert send(town.here_client, "POST", "/batch", again).json()["written"] == 1
    lacking = {**body, "data": town.good(code="G003", depth=9000)}
    assert "grade" in problem(send(town.here_client, "POST", "/records", lacking), 422)["errors"]


def test_a_certificate_of_before_the_register_knew_certificates_is_written_down(db: None) -> None:
    owner = organization("H50.90")
    chief = official(owner, "define", "read", "write", "certify")
    plain: dict[str, Any] = deepcopy(PREMISES["schema"])
    for name in ("number", "issued_on", "expires_on", "suspended", "status"):
        del plain["properties"][name]
    shown = {"responsible": {"read": "*", "write": "*"}}
    first = premises(schema=plain, certificate=None, lists=[], access=shown)
    register = actions.install(chief, spec=first, owner=owner).register
    actions.install(chief, spec=premises(version=2, effective_from=date(2026, 6, 1)), owner=owner)
    there = actions.create(chief, register=register, data={"code": "C001", "name": "Quán Một"}, since=LONG_AGO)
    process = system("Quy trình")
    come_from = Provenance(source=Change.Source.DOSSIER, ref="H50-1")
    certificates.issue_new(
        process, register=register, data={"code": "C002", "name": "Quán Hai"}, on=date(2024, 3, 4), provenance=come_from
    )
    certificates.perform(process, record=there, kind="issue", on=date(2024, 3, 4), provenance=come_from)
    known = Version.objects.filter(known__upper_inf=True, data__has_key="number").order_by("key")
    assert [(one.key, one.definition.version, one.data["issued_on"]) for one in known] == [
        ("C001", 2, "2024-03-04"),
        ("C002", 2, "2024-03-04"),
    ]
