"""What was hidden under an earlier definition, at another organisation or in a history stays hidden."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hienluong.capabilities.registers import actions, history, merging, places, queries
from hienluong.capabilities.registers.models import Change
from hienluong.capabilities.registers.queries import Wish
from hienluong.foundation.actions import Actor, Grant, NotAllowed
from hienluong.foundation.actions.actor import ANONYMOUS
from tests.factories import make_roles

from .sample import GOOD, official, organization, wells
from .test_api_writing import BASE, Town
from .test_records import Wells

pytestmark = pytest.mark.django_db


def test_words_and_places_of_an_earlier_definition_find_nothing_that_is_hidden(db: None) -> None:
    well = Wells()
    schema = wells().schema_
    properties: dict[str, Any] = {**schema["properties"], "gate": {"x-kind": "point", "title": "Cổng"}}
    access = {"responsible": {"read": "*", "write": "*"}, "public": {"read": ["code", "name", "gate"]}}
    well.add(since=date(2026, 1, 1), note="bí mật")
    spec = wells(
        version=2,
        effective_from=date(2026, 6, 1),
        schema={**schema, "properties": properties},
        search=["name"],
        map="gate",
        access=access,
    )
    actions.install(well.chief, spec=spec, owner=well.owner)
    scope = queries.whole(ANONYMOUS, well.register, spec)
    for wish in (Wish(text="bi mat"), Wish(text="g001"), Wish(box=(107.0, 16.0, 108.0, 17.0))):
        assert queries.find(well.register, spec, scope, wish).rows == [], wish
    assert places.chart(well.register, spec, scope, Wish(), 1.0) is None
    own = queries.own(well.clerk, spec)
    assert len(queries.find(well.register, spec, own, Wish(text="bi mat")).rows) == 1


def test_a_history_does_not_tell_that_something_hidden_was_undone(db: None) -> None:
    well = Wells()
    record = well.add(since=date(2026, 1, 1))
    written = actions.change(well.clerk, record=record, data={"note": "ẩn"}, since=date(2026, 3, 1))
    actions.revert(well.clerk, record=record, change=Change.objects.get(pk=written.change))
    assert [one.change.kind for one in history.told(record, wells(), {"name"})] == ["create"]
    assert [one.change.kind for one in history.told(record, wells(), {"note"})] == ["undo", "change", "create"]


def test_an_old_key_leads_on_only_for_those_who_could_see_it(db: None) -> None:
    town = Town()
    access = {"responsible": {"read": "*", "write": "*"}, "owner": {"read": ["name"]}, "public": {"read": ["name"]}}
    actions.install(town.chief, spec=wells(version=2, effective_from=date(2021, 1, 1), access=access), owner=town.owner)
    kept = town.add(since=date(2026, 1, 1))
    given = {**GOOD, "code": "G002", "agency": town.there.code}
    other = actions.create(town.other, register=town.register, data=given, since=date(2026, 1, 1))
    merging.merge(town.chief_of_all, kept=kept, other=other)
    answers = [client.get(f"{BASE}/records/by-key/G002") for client in (town.here_client, town.there_client)]
    assert [answer.status_code for answer in answers] == [404, 404], "neither saw both keys"
    make_roles()
    assert town.signed_in(town.owner).get(f"{BASE}/records/by-key/G002").status_code == 308


def test_a_record_is_moved_only_by_whoever_may_write_all_that_changes_where_it_stands(db: None) -> None:
    province = organization("H50")
    owner, here, there = (organization(f"H50.9{number}", province) for number in (1, 2, 3))
    access = {"responsible": {"read": "*", "write": "*"}, "owner": {"read": "*", "write": ["note", "agency"]}}
    spec = wells(owner=owner.code, access=access)
    register = actions.install(official(owner, "define"), spec=spec, owner=owner).register
    given = {**GOOD, "agency": here.code}
    record = actions.create(official(here, "read", "write"), register=register, data=given, since=date(2026, 1, 1))
    may = frozenset(("registers.read", "registers.write"))
    grants = tuple(Grant(may, place.pk, place.path, "") for place in (owner, there))
    both = Actor(kind="account", label="Cán bộ thử", organization_id=owner.pk, grants=grants)
    with pytest.raises(NotAllowed, match="depth"):
        actions.change(both, record=record, data={"agency": there.code, "depth": 1})
    actions.change(both, record=record, data={"agency": there.code, "note": "chuyển"})
