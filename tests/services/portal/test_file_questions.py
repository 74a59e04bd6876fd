"""Questions whose answer is a file: kept at once, left out again, a paper of the dossier when it is filed; never another's."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.files import access as files
from hienluong.foundation.files.models import StoredFile
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Draft
from hienluong.services.dossiers.presentation import data_rows
from tests.services.dossiers.province import SPEC, Province
from tests.services.records.sample import browser_of
from tests.services.workplace.test_counter import PERSON
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    **SPEC["form"],
    "schema": {
        "type": "object",
        "required": ["reason", "face"],
        "properties": {
            **SPEC["form"]["schema"]["properties"],
            "face": {"x-kind": "photo", "title": "Ảnh chân dung"},
            "plan": {"x-kind": "file", "title": "Bản vẽ"},
        },
    },
    "pages": [{"id": "ly-do", "title": "Lý do của bạn", "fields": ["reason", "face", "plan"]}],
}


class Filing:
    def __init__(self) -> None:
        self.province = p = Province()
        self.version = p.publish("8.000970", form=FORM, papers=[])
        self.draft = actions.start_draft(p.citizen, version=self.version, subject=p.party)


@pytest.fixture
def filing(db: None) -> Filing:
    return ready(Filing)


def upload(name: str = "anh.png") -> BytesIO:
    out = BytesIO()
    if name.endswith(".png"):
        Image.new("RGB", (30, 20), "white").save(out, "PNG")
    else:
        Image.new("RGB", (30, 20), "white").save(out, "PDF")
    out.name = name
    out.seek(0)
    return out


def test_from_choosing_a_file_to_the_officer(filing: Filing) -> None:
    p, draft = filing.province, filing.draft
    person, page = browser_of(p.citizen), f"/nop/{draft.pk}/ly-do"
    assert 'enctype="multipart/form-data"' in person.get(page).content.decode()
    missing = person.post(page, {"reason": "Sửa", "plan__file": upload("ban-ve.pdf")})
    assert missing.status_code == 422
    assert "ban-ve.pdf" in missing.content.decode(), "a good file stays when another answer is missing"
    plan = Draft.objects.get(pk=draft.pk).data["plan"]
    wrong = person.post(page, {"reason": "Sửa", "plan": plan, "face__file": upload("chan-dung.pdf")})
    assert (wrong.status_code, "Ảnh chân dung phải là ảnh." in wrong.content.decode()) == (422, True)
    strange = BytesIO(b"MZ...")
    strange.name = "virus.exe"  # type: ignore[attr-defined]
    assert person.post(page, {"reason": "Sửa", "plan": plan, "face__file": strange}).status_code == 422
    assert person.post(page, {"reason": "Sửa", "plan": plan, "face__file": upload()}).status_code == 302
    left = person.post(page, {"reason": "Sửa", "plan": plan, "plan__remove": "1", "face": draft_of(draft)["face"]})
    assert (left.status_code, draft_of(draft).get("plan")) == (302, "")
    actions.save_draft(p.citizen, draft=draft, organization=p.commune)
    check = person.get(f"/nop/{draft.pk}/kiem-tra").content.decode()
    assert "anh.png" in check
    assert person.post(f"/nop/{draft.pk}/kiem-tra", {"cam-ket": "1"}).status_code == 302
    dossier = Dossier.objects.get(draft__pk=draft.pk)
    (paper,) = dossier.papers.select_related("file")
    assert (paper.code, paper.name, str(paper.file_id)) == ("don.face", "Ảnh chân dung", dossier.data["face"])
    assert {row.key: row.value for row in data_rows(dossier)}["Ảnh chân dung"] == "anh.png"
    assert files.may_open(p.clerk, paper.file)
    assert not files.may_open(p.stranger, paper.file)
    assert "Ảnh chân dung" in browser_of(p.clerk).get(f"/lam-viec/ho-so/{dossier.code}").content.decode()


def draft_of(draft: Draft) -> dict[str, Any]:
    return dict(Draft.objects.get(pk=draft.pk).data)


def test_another_persons_file_is_no_answer(filing: Filing) -> None:
    p, draft = filing.province, filing.draft
    others = StoredFile.objects.get(pk=p.picture().pk)
    StoredFile.objects.filter(pk=others.pk).update(owner_id=p.stranger.account_id)
    answers = {"reason": "Sửa", "face": str(others.pk)}
    actions.save_draft(p.citizen, draft=draft, data=answers)
    with pytest.raises(NotAllowed):
        actions.file_online(p.citizen, draft=draft, filing=p.online(version=filing.version, data=answers, papers=()))
    with pytest.raises(NotAllowed):
        p.file(version=filing.version, data=answers, papers=())


def test_a_clerk_takes_the_file_in_at_the_counter(filing: Filing) -> None:
    p = filing.province
    desk, address = browser_of(p.clerk), f"/lam-viec/lap-ho-so/{filing.version.procedure.code}"
    assert desk.get(address).status_code == 200
    sheet = {**PERSON, "paper-CC": "", "reason": "Sửa", "nhap": str(uuid.uuid4())}
    assert desk.post(address, {**sheet, "face__file": upload("a.pdf")}).status_code == 422
    assert desk.post(address, {**sheet, "face__file": upload()}).status_code == 302
    paper = Dossier.objects.get().papers.get()
    assert (paper.code, paper.file is not None) == ("don.face", True)
