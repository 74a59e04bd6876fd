"""An agency that charges, the bank as a process, the gate between the two."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hienluong.foundation.organisations.models import Organization
from tests.capabilities.payments.process import BankProcess, Gate, forget_jobs
from tests.factories import make_org, make_roles


@pytest.fixture
def agency(transactional_db: None) -> Organization:
    make_roles()
    forget_jobs()
    return make_org()


@pytest.fixture
def gate(live_server: Any) -> Iterator[Gate]:
    standing = Gate(live_server.url).open()
    yield standing
    standing.close()


@pytest.fixture
def bank_options() -> tuple[str, ...]:
    return ("--late", "1.5")


@pytest.fixture
def bank(gate: Gate, tmp_path: Path, settings: Any, bank_options: tuple[str, ...]) -> Iterator[BankProcess]:
    running = BankProcess(tmp_path, gate.url, settings.PAYMENT_SECRETS, *bank_options)
    settings.BANK_SIMULATOR_URL = running.url
    settings.PAYMENT_DOORS = {"bank": running.url, "gateway": f"{running.url}/cong"}
    yield running
    running.stop()
