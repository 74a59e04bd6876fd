"""Who opens the report of an assessment looks at the data of whom the assessed record is about: it is written down."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.capabilities.scoring.installing import install
from hienluong.capabilities.scoring.models import Assessment
from hienluong.foundation.actions import system
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.services.assessments import reports, targets
from tests.services.records.sample import Kept
from tests.snapshots import ready

from .sample import FORM, browser_of

pytestmark = pytest.mark.django_db


class Reported(Kept):
    """The wells, one of them of a person whom the house knows, and a form by which wells are assessed."""

    def __init__(self) -> None:
        super().__init__()
        spec = ScoringSpec.model_validate(FORM)
        install(system("Cài gói"), spec=spec, owner=self.province.commune)
        self.well = self.add(owner_number=self.province.party.identifier, name="Giếng chợ")

    def report(self, **about: str) -> StoredFile:
        """The report of an assessment about this; what it says is no matter here."""
        given = {"form": "shop.check", "organization_id": self.here.pk, **about}
        begun = targets.begin(self.officer, **given)  # type: ignore[arg-type]
        page = BytesIO()
        Image.new("RGB", (3, 3)).save(page, "PDF")
        page.seek(0)
        file = store(page, name=f"{begun.code}.pdf", owner=None, purpose=reports.PURPOSE)
        Assessment.objects.filter(pk=begun.pk).update(report=file)
        return file


def test_opening_a_report_is_a_look_at_whom_the_record_is_about(db: None) -> None:
    kept = ready(Reported)
    file, person = kept.report(register="thu.gieng", key="G001"), kept.province.party
    begun = PersonalDataRead.objects.latest("pk").pk  # who begins an assessment sees the record's name
    officer, leader = browser_of(kept.officer), browser_of(kept.province.leader)
    for _again in range(2):
        assert officer.get(f"/tep/{file.pk}").status_code == 200
    look = PersonalDataRead.objects.get(pk__gt=begun)
    assert (look.party_id, look.subject, look.purpose) == (person.pk, "thu.gieng", "Chấm điểm, kiểm tra")
    assert (look.actor_id, look.organization_id) == (kept.officer.account_id, kept.officer.organization_id)
    assert look.fields == ["code", "name"]
    assert leader.get(f"/tep/{file.pk}").status_code == 200
    assert PersonalDataRead.objects.latest("pk").actor_id == kept.province.leader.account_id
    mine = browser_of(kept.province.citizen).get("/ai-da-xem-du-lieu-cua-toi").content.decode()
    assert mine.count("Chấm điểm, kiểm tra") == 3, "begun, opened, opened by the other"

    written = PersonalDataRead.objects.count()
    for other in (kept.province.other_clerk, kept.province.citizen, kept.province.stranger):
        assert browser_of(other).get(f"/tep/{file.pk}").status_code == 404
    assert officer.get(f"/tep/{kept.report(name='Quán Bà Lành').pk}").status_code == 200
    assert PersonalDataRead.objects.count() == written, "refused; and what is only named in words names no person"
