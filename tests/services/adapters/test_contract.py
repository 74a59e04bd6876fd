"""The contract of adapters, kept by each that the product ships."""

from __future__ import annotations

import pytest

from hienluong.services.adapters import asking
from hienluong.services.adapters.announce import SYSTEMS
from hienluong.services.adapters.asking import Reason
from hienluong.services.adapters.base import adapter
from hienluong.services.adapters.connections import SIMULATED
from hienluong.services.adapters.faults import NotThere
from tests.services.adapters.contract import WHO, AdapterContract
from tests.services.adapters.process import MinistriesProcess

pytestmark = pytest.mark.django_db


def test_every_adapter_has_its_simulator() -> None:
    assert {system.code for system in SYSTEMS} == set(SIMULATED)


#: An operation of each, and what none of them knows.
NOT_THERE = {
    "population": ("confirm", {"personal_id": "045190000404"}),
    "civil_status": ("birth", {"personal_id": "045190000404"}),
    "insurance": ("participation", {"personal_id": "045190000404"}),
    "enterprises": ("get", {"number": "1234560404"}),
    "land": ("parcel", {"parcel": 404}),
    "criminal_records": ("find", {"number": "khong-co"}),
    "post": ("find", {"number": "khong-co"}),
}


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
def test_what_is_not_there_is_no_refusal(ministries: MinistriesProcess, code: str) -> None:
    """Else what was lost on the way would never be sent again."""
    name, unknown = NOT_THERE[code]
    with pytest.raises(NotThere):
        asking.ask(WHO, code, name, {**adapter(code).operation(name).sample, **unknown}, reason=Reason("Kiểm thử"))


@pytest.mark.parametrize(
    ("code", "name"), [(system.code, each.name) for system in SYSTEMS for each in system.operations if each.sample]
)
def test_every_question_with_a_sample_is_answered(ministries: MinistriesProcess, code: str, name: str) -> None:
    operation = adapter(code).operation(name)
    answer = asking.ask(WHO, code, name, operation.sample, reason=Reason("Kiểm thử"))
    assert operation.answers_with.is_valid(dict(answer.data))


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
class TestShippedAdapters(AdapterContract):
    """Each of them."""
