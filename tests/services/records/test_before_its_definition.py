"""Old records written down in the form, and from the file, of today."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Version
from hienluong.services.records import reading
from hienluong.services.records.importing import actions, previewing
from tests.capabilities.registers.sample import WELLS, official, wells

from .sample import Kept, browser_of
from .test_importing import HEADINGS, as_csv, rows, run, take_in

pytestmark = pytest.mark.django_db

LONG_AGO = date(2019, 5, 1)


@pytest.fixture
def kept(db: None) -> Kept:
    """The wells, which have had a class since June that must be said."""
    made = Kept()
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["grade"] = {"type": "string", "title": "Hạng", "enum": ["A", "B"]}
    schema["required"] = [*schema["required"], "grade"]
    spec = wells(owner=made.owner.code, version=2, effective_from=date(2026, 6, 1), schema=schema)
    registers.install(official(made.owner, "define", "read", "write"), spec=spec, owner=made.owner)
    return made


def test_a_file_of_old_records_is_brought_in(kept: Kept) -> None:
    lines = [[*row, "B"] for row in rows(kept, 3)]
    batch = take_in(kept, as_csv(lines, (*HEADINGS, "Hạng")))
    assert batch.mapping[str(len(HEADINGS))] == "grade"
    batch.since = LONG_AGO
    opened = reading.open_register(kept.officer, kept.register)
    assert previewing.look(kept.officer, opened, batch, batch.mapping).faulty == 0
    run(actions.start(kept.officer, batch=batch, mapping=batch.mapping, since=LONG_AGO))
    known = Version.objects.filter(known__upper_inf=True, data__grade="B")
    assert [timezone.localdate(one.valid.lower) for one in known] == [LONG_AGO] * 3


def test_an_old_record_is_written_in_the_form_of_today(kept: Kept) -> None:
    browser = browser_of(kept.officer)
    day = {"viec-since_day": "1", "viec-since_month": "5", "viec-since_year": "2019"}
    typed = {"code": "G007", "name": "Giếng cổ", "grade": "A", "agency": kept.here.code, **day}
    answer = browser.post(kept.address(page="them"), typed)
    assert answer.status_code == 302, answer.content.decode()
    made = Version.objects.get(key="G007", known__upper_inf=True)
    assert (made.valid.lower.year, made.data["grade"]) == (2019, "A")
