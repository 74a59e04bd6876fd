"""Reads of personal data through the API of a register are written down for the person, like those on its pages."""

from __future__ import annotations

import pytest
from django.test import Client

from hienluong.foundation.audit.models import PersonalDataRead
from tests.snapshots import ready

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

BASE = "/api/v1/registers/thu.gieng"


def test_reads_by_ones_own_right_are_written_down(db: None) -> None:
    kept = ready(Kept)
    person = kept.province.party
    record = kept.add(owner_number=person.identifier)
    officer, owner = browser_of(kept.officer), browser_of(kept.owner_officer)
    written = PersonalDataRead.objects.count()
    for browser, path, field in (
        (officer, f"{BASE}/records?scope=own", "note"),
        (officer, f"{BASE}/records/{record.pk}", "depth"),
        (owner, f"{BASE}/records", "depth"),
        (owner, f"{BASE}/records/by-key/{record.key}", "depth"),
    ):
        assert browser.get(path).status_code == 200
        written += 1
        assert PersonalDataRead.objects.count() == written
        look = PersonalDataRead.objects.latest("pk")
        assert (look.party_id, look.subject, look.purpose) == (person.pk, "thu.gieng", "Đọc qua API: Giếng khoan")
        assert field in look.fields
    tag = officer.get(f"{BASE}/records/{record.pk}")["ETag"]
    written += 1
    officer.get(f"{BASE}/records/{record.pk}", headers={"If-None-Match": tag})
    Client().get(f"{BASE}/records")
    assert PersonalDataRead.objects.count() == written, "nothing was shown, or nothing that is not public"
