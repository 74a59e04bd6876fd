"""Schemas of events: what they may be, and which change breaks whoever reads."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from django.db import transaction

from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.services.streams import compatibility, registry, running
from hienluong.services.streams.declared import TYPES
from hienluong.services.streams.models import SchemaVersion
from hienluong.services.streams.registry import Breaking
from tests.factories import actor_for_role, make_org

OLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "code": {"type": "string", "maxLength": 40},
        "kind": {"enum": ["a", "b"]},
        "codes": {"type": "array", "items": {"type": "string"}},
        "place": {"type": "object", "properties": {"level": {"type": "integer", "minimum": 1}}},
    },
    "required": ["code"],
}


def changed(**properties: Any) -> dict[str, Any]:
    """The schema with other properties; None takes one away."""
    merged = {**OLD["properties"], **properties}
    return {**OLD, "properties": {name: each for name, each in merged.items() if each is not None}}


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        {**OLD, "title": "Tên", "description": "Nghĩa"},
        changed(more={"type": "string"}),
        changed(kind={"enum": ["a", "b", "c"]}),
        changed(code={"type": "string", "maxLength": 80, "description": "Mã"}),
        changed(place={"type": "object", "properties": {"level": {"type": "integer", "minimum": 0}}}),
    ],
)
def test_what_may_follow(new: dict[str, Any]) -> None:
    assert compatibility.faults(new) == []
    assert compatibility.breaks(OLD, new) == []


@pytest.mark.parametrize(
    ("new", "where"),
    [
        (changed(kind=None), "/kind"),
        ({**OLD, "required": ["code", "kind"]}, "/kind"),
        ({**OLD, "required": []}, "/code"),
        (changed(code={"type": "integer"}), "/code"),
        (changed(code={"type": ["string", "null"], "maxLength": 40}), "/code"),
        (changed(code={"type": "string", "maxLength": 20}), "/code"),
        (changed(code={"type": "string", "maxLength": 40, "minLength": 2}), "/code"),
        (changed(code={"type": "string", "maxLength": 40, "pattern": "^H"}), "/code"),
        (changed(code={"type": "string", "maxLength": 40, "format": "date"}), "/code"),
        (changed(kind={"enum": ["a"]}), "/kind"),
        (changed(codes={"type": "array", "items": {"type": "integer"}}), "/codes/[]"),
        (changed(codes={"type": "array"}), "/codes"),
        (changed(place={"type": "object", "properties": {"level": {"type": "integer", "minimum": 2}}}), "/place/level"),
        (changed(place={"type": "object", "properties": {}}), "/place"),
    ],
)
def test_what_breaks_is_told_with_its_place(new: dict[str, Any], where: str) -> None:
    found = compatibility.breaks(OLD, new)
    assert len(found) == 1
    assert found[0].startswith(where)


@pytest.mark.parametrize(
    "bad",
    [
        [],
        {"type": "string"},
        {"type": "object", "properties": {"phone": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"personal_id": {}}}}},
        {"type": "object", "properties": {"Mã": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"$ref": "https://ke-gian.example/x"}}},
        {"type": "object", "properties": {"a": {"type": "text"}}},
        {"type": "object", "properties": {"a": {"pattern": "("}}},
        {"type": "object", "properties": {}, "required": ["a"]},
        {"type": "object", "properties": []},
        {"type": "object", "additionalProperties": True},
        json.loads('{"type": "object", "properties": {"a": ' + '{"type": "array", "items": ' * 20 + "{}" + "}" * 22),
    ],
)
def test_what_is_no_schema_of_an_event_is_refused(bad: Any) -> None:
    assert compatibility.faults(bad)


@pytest.mark.parametrize("type", TYPES)
def test_what_is_declared_can_be_used(type: str) -> None:
    assert compatibility.faults(TYPES[type].schema) == []
    jsonschema_rs.meta.validate(TYPES[type].schema)
    assert str(TYPES[type].title)


@pytest.mark.django_db
def test_versions_follow_each_other_and_stay() -> None:
    province = make_org(kind="province")
    admin = actor_for_role("admin", province)
    assert registry.install(running.WHO) == len(TYPES)
    body = TYPES["organization.created"].schema
    wider = {**body, "properties": {**body["properties"], "level": {"type": "string"}}}
    second = registry.add(admin, type="organization.created", body=wider)
    assert (second.number, registry.latest()["organization.created"].pk) == (2, second.pk)
    assert registry.add(admin, type="organization.created", body=wider).pk == second.pk
    assert registry.install(running.WHO) == 0  # what was added by hand stays
    with pytest.raises(Breaking) as refused, transaction.atomic():
        registry.add(admin, type="organization.created", body=body)
    assert refused.value.details["breaks"] == [str(refused.value.message)]
    assert registry.version("organization.created", 1).body == body
    assert SchemaVersion.objects.filter(type="organization.created").count() == 2
    with pytest.raises(NotFound):
        registry.add(admin, type="account.created", body=body)
    with pytest.raises(InvalidInput):
        registry.add(admin, type="organization.created", body={"type": "object", "properties": {"phone": {}}})
    for other in ("clerk", "leader", "head"):
        with pytest.raises(NotAllowed):
            registry.add(actor_for_role(other, province), type="organization.created", body=wider)


@pytest.mark.parametrize("text", ["", "[", "[]", "1", '{"a": ' * 2000, "x" * 60_000])
def test_what_is_no_json_is_told(text: str) -> None:
    with pytest.raises(InvalidInput):
        registry.read(text)
