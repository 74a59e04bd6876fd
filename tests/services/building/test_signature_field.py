"""A signature in the builders: on the palette, sound in a pack; no column of a table, no key."""

from __future__ import annotations

from copy import deepcopy

from hienluong.capabilities.registers.definition import problems
from hienluong.services.building import field_properties, labels
from tests.capabilities.registers.sample import WELLS, wells


def test_a_signature_is_offered_and_is_a_field_of_its_own() -> None:
    assert "signature" in labels.GROUPS[next(reversed(labels.GROUPS))]
    signature = {"x-kind": "signature", "title": "Chữ ký"}
    assert not field_properties.can_be_key(signature)
    assert not field_properties.is_text(signature)
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["signed"] = signature
    assert not list(problems(wells(schema=schema)))
    schema["properties"]["tests"]["items"]["properties"]["signed"] = signature
    said = [message for _place, message in problems(wells(schema=schema))]
    assert said == ["cột của bảng không nhận tệp; tách thành trường"]
