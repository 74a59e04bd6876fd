"""A file or a photo as a field of a record: uploaded in entry, as open as its field, never somebody else's."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from hienluong.capabilities.registers import actions, attached, disposing, history
from hienluong.capabilities.registers.definition import RegisterSpec, problems
from hienluong.capabilities.registers.models import Record, RecordFile
from hienluong.foundation.actions import InvalidInput, system
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.services.corrections import actions as corrections
from hienluong.services.records.importing import actions as importing
from hienluong.services.records.importing import mapping
from tests.capabilities.registers.sample import WELLS, official, wells
from tests.snapshots import ready

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db


class Pictured(Kept):
    """The wells, each with a photo that everybody may see and a paper that only its keepers may."""

    def __init__(self) -> None:
        super().__init__()
        schema = deepcopy(WELLS["schema"])
        schema["properties"] |= {
            "picture": {"x-kind": "photo", "title": "Ảnh giếng"},
            "paper": {"x-kind": "file", "title": "Giấy phép quét"},
            "signed": {"x-kind": "signature", "title": "Người giao ký"},
        }
        access = {**WELLS["access"], "public": {"read": ["code", "name", "place", "picture"]}}
        spec = wells(code="thu.anh", owner=self.owner.code, schema=schema, access=access)
        chief = official(self.owner, "define", "read", "write")
        self.register = actions.install(chief, spec=spec, owner=self.owner).register


@pytest.fixture
def pictured(db: None) -> Pictured:
    return ready(Pictured)


def upload(kind: str = "PNG") -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, kind)
    out.name = f"tep.{kind.lower()}"
    out.seek(0)
    return out


def test_files_come_in_with_the_record_and_are_as_open_as_their_field(pictured: Pictured) -> None:
    desk, person = browser_of(pictured.officer), pictured.province.party
    address = pictured.address(page="them")
    assert 'enctype="multipart/form-data"' in desk.get(address).content.decode()
    record: dict[str, Any] = {
        "code": "G001",
        "name": "Giếng chợ",
        "owner_number": person.identifier,
        "agency": pictured.here.code,
    }
    wrong = desk.post(address, {**record, "picture__file": upload("PDF")})
    assert (wrong.status_code, "Ảnh giếng phải là ảnh." in wrong.content.decode()) == (200, True)
    assert desk.post(address, {**record, "picture__file": upload(), "paper__file": upload("PDF")}).status_code == 302
    made = Record.objects.get(register=pictured.register)
    links = {link.field: link for link in RecordFile.objects.filter(record=made)}
    picture, paper = (f"/tep/{links[name].file_id}" for name in ("picture", "paper"))
    shown = desk.get(pictured.address(made)).content.decode()
    assert f'<a class="govuk-link" href="{picture}"><img class="hl-thumbnail" src="{picture}/xem"' in shown
    assert f'href="{paper}">tep.pdf</a>' in shown
    owner, stranger = browser_of(pictured.owner_officer), browser_of(pictured.province.stranger)
    assert [browser.get(picture).status_code for browser in (Client(), owner, stranger)] == [200, 200, 200]
    assert [browser.get(paper).status_code for browser in (desk, owner, stranger)] == [200, 404, 404]
    looks = PersonalDataRead.objects.filter(party_id=person.pk, purpose__startswith="Xem tệp của bản ghi")
    assert [look.fields for look in looks] == [["paper"]]
    form = desk.get(pictured.address(made, "sua")).content.decode()
    assert "tep.pdf" in form
    kept = {"picture": links["picture"].file_id, "paper": links["paper"].file_id, "paper__remove": "1"}
    changed = desk.post(pictured.address(made, "sua"), {**record, **kept, "name": "Giếng mới", "viec-kind": "change"})
    assert changed.status_code == 302, changed.content.decode()[:2000]
    now = history.at(made, timezone.now())
    assert now is not None
    assert (now.data.get("paper"), now.data["picture"]) == (None, str(links["picture"].file_id))
    assert desk.get(paper).status_code == 200, "history keeps it for those who may read it"


def test_a_record_is_signed_by_name_and_shows_the_signature(pictured: Pictured) -> None:
    desk, record = browser_of(pictured.officer), {"code": "G003", "name": "Giếng", "agency": pictured.here.code}
    assert desk.post(pictured.address(page="them"), {**record, "signed__name": "Trần Thị Bưởi"}).status_code == 302
    made = Record.objects.get(register=pictured.register, key="G003")
    link = RecordFile.objects.select_related("file").get(record=made, field="signed")
    assert link.file.name == "Ký bằng họ tên – Trần Thị Bưởi.png"
    assert f'src="/tep/{link.file_id}" alt="Người giao ký"' in desk.get(pictured.address(made)).content.decode()
    paper = store(upload("PDF"), name="a.pdf", owner=pictured.officer.account_id, purpose=attached.PURPOSE)
    with pytest.raises(InvalidInput, match="Người giao ký phải là ảnh"):
        actions.change(pictured.officer, record=made, data={"signed": str(paper.pk)})


def test_another_file_than_ones_own_is_refused(pictured: Pictured) -> None:
    p = pictured.province
    others = StoredFile.objects.get(pk=p.picture().pk)  # a citizen's, uploaded as a paper of a dossier
    data = {"code": "G002", "name": "Giếng", "agency": pictured.here.code, "picture": str(others.pk)}
    for given in (data, {**data, "picture": "00000000-0000-4000-8000-000000000000"}):
        with pytest.raises(InvalidInput, match="không phải do bạn tải lên"):
            actions.create(pictured.officer, register=pictured.register, data=given)
    with pytest.raises(InvalidInput):
        actions.create(pictured.officer, register=pictured.register, data={**data, "picture": "tep.png"})
    assert not RecordFile.objects.exists()


def test_files_in_batches_are_held_as_one_by_one(pictured: Pictured) -> None:
    """One's own upload is taken and bound; somebody else's is refused at its field, beside the rows that are sound."""
    p = pictured.province
    mine = store(upload(), name="anh.png", owner=p.officer.account_id, purpose=attached.PURPOSE)
    others = p.picture()
    desk = browser_of(pictured.officer)

    def row(code: str, **data: Any) -> dict[str, Any]:
        return {"op": "create", "data": {"code": code, "name": "Giếng", "agency": pictured.here.code, **data}}

    operations = [row("G001", picture=str(mine.pk)), row("G002", picture=str(others.pk)), row("G003", paper="tep.pdf")]
    answer = desk.post(
        f"/api/v1/registers/{pictured.register.code}/batch",
        json.dumps({"operations": operations, "atomic": False}),
        content_type="application/json",
    )
    good, foreign, unsound = answer.json()["results"]
    assert (good["status"], foreign["status"], unsound["status"]) == (200, 422, 422)
    assert foreign["problem"]["errors"]["picture"] == ["Ảnh giếng: tệp này không phải do bạn tải lên."]
    link = RecordFile.objects.get()
    assert (link.file_id, link.record.key, link.field) == (mine.pk, "G001", "picture")
    assert Client().get(f"/tep/{mine.pk}").status_code == 200, "as open as its field"


def test_a_table_brings_no_files_and_says_so(pictured: Pictured) -> None:
    content = f"Số giấy phép,Tên giếng,Ảnh giếng\nG001,Giếng chợ,{pictured.province.picture().pk}\n".encode()
    batch = importing.take_in(pictured.officer, register=pictured.register, name="gieng.csv", content=content)
    assert batch.mapping == {"0": "code", "1": "name"}
    with pytest.raises(InvalidInput, match="“Ảnh giếng” là tệp: không nhập từ bảng được"):
        importing.start(pictured.officer, batch=batch, mapping={**batch.mapping, "2": "picture"})
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["picture"] = {"x-kind": "photo", "title": "Ảnh giếng"}
    needed = wells(schema={**schema, "required": ["code", "name", "picture"]})
    assert ["hãy thêm từng bản ghi" in one for one in mapping.faults(batch.mapping, needed, [])] == [True]
    schema["properties"]["tests"]["items"]["properties"]["paper"] = {"x-kind": "file", "title": "Phiếu"}
    assert [message for _place, message in problems(wells(schema=schema))] == [
        "cột của bảng không nhận tệp; tách thành trường"
    ]


def test_a_file_is_not_contested_by_writing_another_in_its_place(pictured: Pictured) -> None:
    person = pictured.province.party
    record = actions.create(
        pictured.officer,
        register=pictured.register,
        data={"code": "G001", "name": "Giếng", "agency": pictured.here.code, "owner_number": person.identifier},
    )
    other = pictured.province.picture()
    with pytest.raises(InvalidInput, match="Mục này là tệp") as refused:
        corrections.ask(
            pictured.province.citizen, record=record, field="picture", party=person, wrong="Ảnh cũ", right=str(other.pk)
        )
    assert refused.value.field == "right"


def test_files_go_with_their_field_when_its_time_is_over(pictured: Pictured) -> None:
    files = [
        store(upload(kind), name="a", owner=pictured.officer.account_id, purpose=attached.PURPOSE)
        for kind in ("PNG", "PDF")
    ]
    data = {"code": "G001", "name": "Giếng", "agency": pictured.here.code}
    data |= {"picture": str(files[0].pk), "paper": str(files[1].pk)}
    record = actions.create(pictured.officer, register=pictured.register, data=data)
    actions.end(pictured.officer, record=record)
    before = actions.spec_of(actions.definition_on(pictured.register, timezone.localdate()))
    kept = {"years": 1, "clears": ["picture"]}
    later = before.model_dump(by_alias=True) | {"version": 2, "effective_from": date(2026, 2, 1), "retention": kept}
    chief = official(pictured.owner, "define")
    actions.install(chief, spec=RegisterSpec.model_validate(later), owner=pictured.owner)
    day = timezone.localdate() + timedelta(days=400)
    found = disposing.due(pictured.register, day)
    assert disposing.dispose(system("thử"), register=pictured.register, day=day, records=found) == 1
    assert [link.field for link in RecordFile.objects.filter(record=record)] == ["paper"]
    assert not StoredFile.objects.filter(pk=files[0].pk).exists()
    assert StoredFile.objects.filter(pk=files[1].pk).exists()
