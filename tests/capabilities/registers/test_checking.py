"""What is wrong with a field itself is told first; what rests on it is not told at all."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hienluong.capabilities.registers import checking

from .sample import GOOD, WELLS, wells

pytestmark = pytest.mark.django_db


def _spec() -> Any:
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["beside"] = {"x-kind": "reference", "title": "Giếng bên cạnh", "x-register": "thu.gieng"}
    schema["properties"]["deeper"] = {"x-kind": "flag", "title": "Sâu hơn nữa"}
    rules = [
        {"when": "beside == null || fee != 5", "field": "name", "message": "Đọc giếng bên cạnh."},
        {"when": "deeper != true", "field": "name", "message": "Đọc số tính từ số tính từ độ sâu."},
        {"when": "fee == null || fee < 10", "field": "note", "message": "Quy tắc trước."},
        {"when": "note != 'a'", "field": "fee", "message": "Quy tắc sau."},
    ]
    return wells(schema=schema, rules=rules, computed={**WELLS["computed"], "deeper": "deep == null || deep"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"fee": 5, "depth": 1}, {}),
        ({"depth": 200}, {"name": ["Đọc số tính từ số tính từ độ sâu."]}),
        ({"depth": 501}, {"depth": ["Độ sâu (m) không được quá 500."]}),
        ({"depth": "sâu"}, {"depth": ["Độ sâu (m) phải là số, ví dụ 12,5."]}),
        # a record that is not there is found out last, and yet told alone
        ({"depth": 1, "beside": "G999", "fee": 5}, {"beside": ["Giếng bên cạnh: không có bản ghi “G999”."]}),
        # a field at which a rule complains is not wrong itself: the next rule speaks too
        ({"depth": 1, "fee": 20, "note": "a"}, {"note": ["Quy tắc trước."], "fee": ["Quy tắc sau."]}),
    ],
)
def test_rules_speak_of_what_is_sound_by_itself(given: dict[str, Any], told: dict[str, Any]) -> None:
    assert checking.check(_spec(), {**GOOD, **given}).errors == told
