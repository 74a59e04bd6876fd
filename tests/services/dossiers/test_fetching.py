"""Papers that nobody has to hand in: an extract of the person's record, a result they were given before."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.utils import timezone
from PIL import Image

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import attached
from hienluong.foundation.actions import system
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.files import access as files
from hienluong.foundation.files import printed as printing
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.services.dossiers import actions, fetching, publishing
from hienluong.services.dossiers.checklist import lines_of, receipt_rows
from hienluong.services.dossiers.models import Dossier, Result
from tests.capabilities.registers.sample import GOOD, WELLS, official, wells
from tests.printed import carries, words_of
from tests.services.records.sample import browser_of
from tests.snapshots import ready

from .askonce import Town

pytestmark = pytest.mark.django_db


class Given(Town):
    """The person was given a signed result before, and has a well."""

    def __init__(self) -> None:
        super().__init__()
        p = self.province
        dossier = p.file(delivery="online")
        actions.receive(p.clerk, dossier=dossier)
        actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
        actions.submit_for_signature(p.head, dossier=dossier)
        publishing.produce(actions.sign(p.leader, dossier=dossier))
        self.result = Result.objects.get(dossier=dossier)
        self.record = self.well()


@pytest.fixture
def town(db: None) -> Given:
    return ready(Given)


def test_what_is_found_is_not_asked_for_and_becomes_a_paper_of_the_dossier(town: Given) -> None:
    p, draft = town.province, town.draft()
    person = browser_of(p.citizen)
    actions.save_draft(p.citizen, draft=draft, data={"reason": "Sửa giếng"})
    place = person.post(f"/nop/{draft.pk}/noi-giai-quyet", {"commune": p.commune.pk, "delivery": "online"})
    assert (place.status_code, place["Location"]) == (302, f"/nop/{draft.pk}/kiem-tra"), "nothing is left to upload"
    check = person.get(f"/nop/{draft.pk}/kiem-tra").content.decode()
    assert "Không phải nộp. Lấy từ Giếng khoan: Giếng chợ Đông Hà" in check
    assert f"Lấy từ kết quả đã cấp: Giấy xác nhận số {town.result.number}" in check
    looks = PersonalDataRead.objects.filter(purpose__startswith="Lấy giấy tờ thay người dân")
    assert {look.subject for look in looks} == {"thu.gieng", town.result.dossier.code}
    before = looks.count()
    assert person.post(f"/nop/{draft.pk}/kiem-tra", {"cam-ket": "1"}).status_code == 302
    dossier = Dossier.objects.get(draft__pk=draft.pk)
    assert looks.count() == before, "what was found an hour ago is not read again"
    extract, earlier = dossier.papers.select_related("file__blob").order_by("code")
    assert (extract.code, extract.origin["record"], extract.origin["sha256"]) == (
        "GP",
        town.record.pk,
        extract.file.blob_id,
    )
    with extract.file.open() as stream:
        assert stream.read(5) == b"%PDF-"
    assert (earlier.file_id, earlier.origin["number"]) == (town.result.file_id, town.result.number)
    lines = {line.code: line for line in lines_of(dossier)}
    assert (lines["GP"].lacking, lines["XN"].lacking) == (False, False)
    assert receipt_rows(dossier)[0]["remark"].startswith("Lấy từ Giếng khoan: Giếng chợ Đông Hà, ngày ")
    desk = browser_of(p.clerk).get(f"/lam-viec/ho-so/{dossier.code}").content.decode()
    assert "Lấy từ Giếng khoan: Giếng chợ Đông Hà" in desk
    for paper in (extract, earlier):
        assert files.may_open(p.clerk, paper.file)
        assert not files.may_open(p.other_clerk, paper.file)
        assert not files.may_open(p.stranger, paper.file)


def test_what_is_not_there_is_uploaded_as_ever(town: Given) -> None:
    p = town.province
    Result.objects.filter(pk=town.result.pk).update(state="revoked")
    stranger_draft = actions.start_draft(p.stranger, version=town.version, subject=None)
    assert stranger_draft.found == {}
    draft = town.draft(town.elsewhere())
    actions.save_draft(p.citizen, draft=draft, data={"reason": "x", "well_name": "G"}, organization=p.agency_two)
    last = Entry.objects.latest("seq").seq
    actions.find_papers(p.citizen, draft=draft)
    assert draft.found == {}, "another agency without an agreement"
    assert Entry.objects.filter(seq__gt=last, verb="dossiers.register_refused").count() == 1
    page = browser_of(p.citizen).get(f"/nop/{draft.pk}/giay-to").content.decode()
    assert "Giấy phép giếng khoan" in page
    assert "Giấy xác nhận đã được cấp" in page
    town.agreement(p.agency_two, draft.procedure_version.spec.code)
    actions.find_papers(p.citizen, draft=draft)
    assert [row["key"] for row in draft.found["GP"]["rows"]] == ["Tên giếng"], "only what the agreement gives"


def test_at_the_counter_it_is_fetched_unless_it_was_brought(town: Given) -> None:
    p = town.province
    answers = {"reason": "Sửa giếng", "well_name": "Giếng"}
    dossier = p.file(version=town.version, data=answers, papers=())
    assert {paper.code for paper in dossier.papers.all() if paper.origin} == {"GP", "XN"}
    brought = (actions.PaperIn(code="GP", name="Giấy phép", originals=1),)
    dossier = p.file(version=town.version, data=answers, papers=brought)
    assert {paper.code for paper in dossier.papers.all() if paper.origin} == {"XN"}
    assert fetching.in_words({}) == ""


class Scanned(Town):
    """The wells have a scanned paper and the signature of whoever handed them over, of which the person has one."""

    def __init__(self) -> None:
        super().__init__()
        schema = deepcopy(WELLS["schema"])
        schema["properties"] |= {
            "paper": {"x-kind": "file", "title": "Giấy phép quét"},
            "signed": {"x-kind": "signature", "title": "Người giao ký"},
        }
        access = {**WELLS["access"], "subject": {"read": ["code", "name", "paper", "signed"]}}
        chief, began = official(self.owner, "define", "read", "write"), timezone.localdate() - timedelta(days=1)
        spec = wells(owner=self.owner.code, version=2, effective_from=began, schema=schema, access=access)
        registers.install(chief, spec=spec, owner=self.owner)
        self.paper = self.kept("giay-phep-G001.png", "white")
        self.signed = self.kept("chu-ky.png", "navy")
        data = {"owner_number": self.person.identifier, "agency": self.province.commune.code}
        given = {**GOOD, **data, "paper": str(self.paper.pk), "signed": str(self.signed.pk)}
        registers.create(system("Nhập từ sổ"), register=self.register, data=given, since=began)

    def kept(self, name: str, colour: str) -> StoredFile:
        out = BytesIO()
        Image.new("RGB", (61, 37), colour).save(out, "PNG")
        out.seek(0)
        return store(out, name=name, owner=None, purpose=attached.PURPOSE)


def test_an_extract_prints_a_file_by_name_size_and_digest_and_a_signature_as_it_is(db: None) -> None:
    town = ready(Scanned)
    dossier = town.province.file(version=town.version, data={"reason": "Sửa giếng", "well_name": "Giếng"}, papers=())
    extract = dossier.papers.select_related("file").get(code="GP")
    assert extract.file is not None
    with extract.file.open() as stream:
        printed = stream.read()
    words = " ".join(words_of(printed).split())
    for said in ("Giấy phép quét", "giay-phep-G001.png", "byte", f"SHA-256 {town.paper.blob_id[:12]}…"):
        assert said in words
    for number in (town.paper.pk, town.signed.pk):
        assert str(number) not in words
    assert carries(printed, town.signed)
    assert not carries(printed, town.paper), "a file is named, not shown"
    assert printing.in_words(["", "tep.png", uuid4()]) == {}
