"""The contract of adapters, kept by each that the product ships."""

from __future__ import annotations

import pytest

from hienluong.services.adapters.announce import SYSTEMS
from hienluong.services.adapters.connections import SIMULATED
from tests.services.adapters.contract import AdapterContract

pytestmark = pytest.mark.django_db


def test_every_adapter_has_its_simulator() -> None:
    assert {system.code for system in SYSTEMS} == set(SIMULATED)


@pytest.mark.parametrize("code", [system.code for system in SYSTEMS])
class TestShippedAdapters(AdapterContract):
    """Each of them."""
