"""Filing through the pages: for whom, what changed, files, and nothing typed lost."""

from __future__ import annotations

import re
import unicodedata
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from PIL import Image

from hienluong.services.dossiers import actions
from hienluong.services.dossiers.carrying import changes
from hienluong.services.dossiers.models import Dossier, Draft, State
from hienluong.services.procedures.models import ProcedureVersion, Suspension
from hienluong.services.procedures.spec import ProcedureSpec
from tests.factories import make_enterprise
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db

START = "/dich-vu/8.000900/nop"


def picture(name: str = "anh.jpg", kind: str = "JPEG") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), "white").save(out, kind)
    return SimpleUploadedFile(name, out.getvalue())


def at(draft: Draft, name: str, **parts: Any) -> str:
    return reverse(f"portal:{name}", kwargs={"draft_id": draft.pk, **parts})


def words(answer: Any) -> str:
    return str(answer.content.decode())


def begin(client: Client, whom: str = "toi") -> Draft:
    client.post(START, {"whom": whom})
    return Draft.objects.get()


# Finding


def test_a_search_without_any_full_hit_says_that_it_shows_less(browser_of_citizen: Client, province: Province) -> None:
    version = province.versions["single_agency"]
    type(version.procedure).objects.filter(pk=version.procedure.pk).update(search_text="xac nhan tinh trang nha o")
    told = "Không dịch vụ nào có đủ các từ bạn gõ"
    full = words(browser_of_citizen.get("/dich-vu", {"q": "tình trạng nhà ở"}))
    assert "8.000900" in full
    assert told not in full
    less = words(browser_of_citizen.get("/dich-vu", {"q": "tình trạng nhà xưởng"}))
    assert "8.000900" in less
    assert told in less
    assert "Không tìm thấy dịch vụ nào" in words(browser_of_citizen.get("/dich-vu", {"q": "hoàn toàn xưởng"}))


def test_what_to_prepare_says_when_a_paper_is_asked_for_and_names_files(
    browser_of_citizen: Client, province: Province
) -> None:
    asked = {"reason": {"type": "string", "title": "Lý do"}, "plan": {"x-kind": "file", "title": "Bản vẽ"}}
    form = {
        "code": "don",
        "title": "Đơn",
        "schema": {"type": "object", "properties": asked},
        "pages": [{"id": "a", "title": "A", "fields": ["reason", "plan"]}],
    }
    papers = [{"code": "HD", "name": "Hợp đồng thuê", "when": "reason == 'thuê'"}]
    province.publish("8.000930", form=form, papers=papers)
    page = words(browser_of_citizen.get("/dich-vu/8.000930"))
    assert "(khi “Lý do” là thuê)" in page
    assert "Bản vẽ" in page


# Beginning


def test_looking_at_the_first_page_writes_nothing(browser_of_citizen: Client) -> None:
    for _ in range(2):
        assert "Bạn nộp hồ sơ này cho ai?" in words(browser_of_citizen.get(START))
    assert not Draft.objects.exists()


def test_for_myself(browser_of_citizen: Client, province: Province) -> None:
    draft = begin(browser_of_citizen)
    assert draft.subject == province.party
    again = browser_of_citizen.post(START, {"whom": "toi"})
    assert str(draft.pk) in again["Location"]
    assert Draft.objects.count() == 1


def test_for_whom_must_be_said(browser_of_citizen: Client) -> None:
    answer = browser_of_citizen.post(START, {"whom": ""})
    assert answer.status_code == 422
    assert "Hãy chọn bạn nộp hồ sơ cho ai" in words(answer)
    assert browser_of_citizen.post(START, {"whom": "ben-999999"}).status_code == 422


def test_for_another_person_with_a_paper_of_authority(browser_of_citizen: Client, province: Province) -> None:
    client = browser_of_citizen
    draft = begin(client, "nguoi-khac")
    assert client.get(at(draft, "draft_page", page_id="ly-do"))["Location"] == at(draft, "whom")
    wrong = client.post(at(draft, "represented"), {"name": "Trần Văn Con", "identifier": "12", "relation": "mẹ"})
    assert wrong.status_code == 422
    assert "Trần Văn Con" in words(wrong)
    client.post(at(draft, "represented"), {"name": "Trần Văn Con", "identifier": "045212004321", "relation": "mẹ"})
    client.post(at(draft, "draft_page", page_id="ly-do"), {"reason": "Con đi học"})
    client.post(at(draft, "place"), {"commune": province.commune.pk, "delivery": "online"})
    assert "Giấy tờ chứng minh quyền đại diện" in words(client.get(at(draft, "draft_papers")))
    client.post(at(draft, "draft_papers"), {"paper-CC": picture(), "paper-DAI-DIEN": picture("khai-sinh.jpg")})
    check = words(client.get(at(draft, "check")))
    assert "Trần Văn Con" in check
    assert f"{province.party.name} (mẹ)" in check
    client.post(at(draft, "check"), {"cam-ket": "1"})
    dossier = Dossier.objects.get()
    assert (dossier.subject.name, dossier.filer, dossier.relation) == ("Trần Văn Con", province.party, "mẹ")
    own = words(client.get(f"/ho-so/{dossier.code}"))
    assert "Trần Văn Con" in own
    assert f"{province.party.name} (mẹ)" in own
    desk = Client()
    desk.force_login(type(province.account).objects.get(pk=province.clerk.account_id))
    seen = words(desk.get(f"/lam-viec/ho-so/{dossier.code}"))
    assert f"{province.party.name} (mẹ)" in seen
    assert "Người đại diện" in seen


def test_a_service_for_enterprises_is_offered_to_their_people_only(
    browser_of_citizen: Client, province: Province
) -> None:
    province.publish("8.000912", applicants=["enterprise"])
    start = "/dich-vu/8.000912/nop"
    assert "Bạn chưa nộp được hồ sơ này" in words(browser_of_citizen.get(start))
    assert browser_of_citizen.post(start, {"whom": "toi"}).status_code == 422
    company = make_enterprise("Công ty TNHH Sông Hiếu", representative=province.party)
    page = words(browser_of_citizen.get(start))
    assert "Công ty TNHH Sông Hiếu" in page
    assert "Cho tôi:" not in page
    browser_of_citizen.post(start, {"whom": f"ben-{company.pk}"})
    assert Draft.objects.get().subject == company


# Another version meanwhile


def newer(p: Province) -> ProcedureVersion:
    today = timezone.localdate()
    old = p.versions["single_agency"]
    ProcedureVersion.objects.filter(pk=old.pk).update(valid=DateRange(old.valid.lower, today))
    form = {
        "code": "don",
        "title": "Đơn",
        "schema": {
            "type": "object",
            "required": ["need", "until"],
            "properties": {
                "need": {"type": "string", "title": "Nhu cầu"},
                "until": {"type": "string", "title": "Đến khi nào"},
            },
        },
        "pages": [{"id": "nhu-cau", "title": "Nhu cầu", "fields": ["need", "until"]}],
    }
    papers = [*old.spec_json["papers"], {"code": "HD", "name": "Hợp đồng thuê nhà"}]
    spec = {**old.spec_json, "form": form, "papers": papers, "effective_from": today.isoformat()}
    return ProcedureVersion.objects.create(
        procedure=old.procedure, number=2, state="published", valid=DateRange(today, None), spec_json=spec, digest=""
    )


def test_a_draft_is_told_what_changed_and_loses_nothing(browser_of_citizen: Client, province: Province) -> None:
    client = browser_of_citizen
    draft = begin(client)
    client.post(at(draft, "draft_page", page_id="ly-do"), {"reason": "Bổ túc hồ sơ vay vốn"})
    current = newer(province)
    for name, parts in (("draft_page", {"page_id": "ly-do"}), ("place", {}), ("draft_papers", {}), ("check", {})):
        assert client.get(at(draft, name, **parts))["Location"] == at(draft, "carry_over")
    notice = words(client.get(at(draft, "carry_over")))
    for told in ("Nhu cầu", "Đến khi nào", "Lý do", "Bổ túc hồ sơ vay vốn", "Hợp đồng thuê nhà"):
        assert told in notice
    answer = client.post(at(draft, "carry_over"))
    assert answer["Location"] == at(draft, "draft_page", page_id="nhu-cau")
    draft.refresh_from_db()
    assert draft.procedure_version == current
    assert draft.data["reason"] == "Bổ túc hồ sơ vay vốn"
    assert client.get(at(draft, "draft_page", page_id="nhu-cau")).status_code == 200


def test_what_is_posted_to_an_outdated_page_is_kept_first(browser_of_citizen: Client, province: Province) -> None:
    draft = begin(browser_of_citizen)
    newer(province)
    browser_of_citizen.post(at(draft, "draft_page", page_id="ly-do"), {"reason": "Gõ sau khi luật đổi"})
    draft.refresh_from_db()
    assert draft.data["reason"] == "Gõ sau khi luật đổi"


def test_a_suspended_service_keeps_the_draft_and_says_so(browser_of_citizen: Client, province: Province) -> None:
    draft = begin(browser_of_citizen)
    today = timezone.localdate()
    Suspension.objects.create(
        procedure=province.versions["single_agency"].procedure, reason="Chờ luật", valid=DateRange(today, None)
    )
    page = browser_of_citizen.get(at(draft, "check"), follow=True)
    assert "tạm dừng tiếp nhận" in words(page)
    assert browser_of_citizen.post(at(draft, "carry_over")).status_code == 200
    assert Draft.objects.filter(pk=draft.pk).exists()


# What was typed


@pytest.mark.parametrize("odd", ["a\x00b", "\x00", "x\ud800y", "\u202eabc", "😀" * 300, "z" * 60_000])
def test_odd_characters_are_taken_and_shown_again(browser_of_citizen: Client, odd: str) -> None:
    draft = begin(browser_of_citizen)
    typed = odd.encode("utf-8", "surrogatepass")
    body = b"reason=" + b"".join(b"%%%02X" % byte for byte in typed)
    url = at(draft, "draft_page", page_id="ly-do")
    answer = browser_of_citizen.post(url, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (302, 422)
    assert browser_of_citizen.get(url).status_code == 200
    assert browser_of_citizen.get(at(draft, "check")).status_code == 200


def test_decomposed_vietnamese_is_the_same_answer(browser_of_citizen: Client) -> None:
    draft = begin(browser_of_citizen)
    wrong = unicodedata.normalize("NFD", "Đường Hùng Vương " * 20)  # too long: kept as it was typed
    browser_of_citizen.post(at(draft, "draft_page", page_id="ly-do"), {"reason": wrong})
    draft.refresh_from_db()
    assert draft.data["reason"] == unicodedata.normalize("NFC", wrong)


def test_an_answer_taken_away_is_gone(browser_of_citizen: Client, province: Province) -> None:
    draft = begin(browser_of_citizen)
    url = at(draft, "draft_page", page_id="ly-do")
    browser_of_citizen.post(url, {"reason": "Có lý do"})
    browser_of_citizen.post(url, {"reason": ""})
    assert "Có lý do" not in words(browser_of_citizen.get(url))


# Files


def ready(client: Client, p: Province) -> Draft:
    draft = begin(client)
    client.post(at(draft, "draft_page", page_id="ly-do"), {"reason": "Vay vốn"})
    client.post(at(draft, "place"), {"commune": p.commune.pk, "delivery": "online"})
    return draft


def test_a_bad_file_harms_no_good_one(browser_of_citizen: Client, province: Province) -> None:
    draft = ready(browser_of_citizen, province)
    bad = SimpleUploadedFile("hong.jpg", b"not a picture")
    answer = browser_of_citizen.post(at(draft, "draft_papers"), {"paper-CC": [picture("tot.jpg"), bad]})
    assert answer.status_code == 422
    assert "tot.jpg" in words(answer)
    assert "hong.jpg" in words(answer)
    assert "tot.jpg" in words(browser_of_citizen.get(at(draft, "draft_papers")))


def test_files_beyond_ten_are_named_not_dropped(browser_of_citizen: Client, province: Province) -> None:
    draft = ready(browser_of_citizen, province)
    many = [picture(f"trang-{n}.jpg") for n in range(12)]
    answer = browser_of_citizen.post(at(draft, "draft_papers"), {"paper-CC": many})
    assert answer.status_code == 422
    assert "chưa nhận “trang-10.jpg”" in words(answer)
    assert "chưa nhận “trang-11.jpg”" in words(answer)
    draft.refresh_from_db()
    assert len(draft.papers["CC"]) == 10


def test_a_photo_taken_with_the_camera_counts(browser_of_citizen: Client, province: Province) -> None:
    draft = ready(browser_of_citizen, province)
    assert 'capture="environment"' in words(browser_of_citizen.get(at(draft, "draft_papers")))
    browser_of_citizen.post(at(draft, "draft_papers"), {"anh-CC": picture()})
    browser_of_citizen.post(at(draft, "check"), {"cam-ket": "1"})
    assert Dossier.objects.get().papers.get().file is not None


def test_pressing_twice_shows_the_one_dossier(browser_of_citizen: Client, province: Province) -> None:
    draft = ready(browser_of_citizen, province)
    browser_of_citizen.post(at(draft, "draft_papers"), {"paper-CC": picture()})
    places = {browser_of_citizen.post(at(draft, "check"), {"cam-ket": "1"})["Location"] for _ in range(2)}
    assert places == {f"/ho-so/{Dossier.objects.get().code}/da-nop"}


def asked_to_supplement(p: Province) -> str:
    dossier = p.file()
    items = [{"code": "CC", "name": "Căn cước", "what": "Chụp cả hai mặt"}]
    actions.request_supplement(p.clerk, dossier=dossier, reason="Ảnh mờ.", items=items)
    return f"/ho-so/{dossier.code}/bo-sung"


def test_a_supplement_keeps_its_good_files_while_another_is_bad(browser_of_citizen: Client, province: Province) -> None:
    url = asked_to_supplement(province)
    bad = SimpleUploadedFile("hong.pdf", b"%PDF-nothing")
    answer = browser_of_citizen.post(url, {"paper-CC": [picture("mat-truoc.jpg"), bad], "note": "Tôi gửi lại"})
    assert answer.status_code == 422
    for told in ("mat-truoc.jpg", "hong.pdf", "Tôi gửi lại", "Chụp cả hai mặt"):
        assert told in words(answer)
    assert "mat-truoc.jpg" in words(browser_of_citizen.get(url))
    assert browser_of_citizen.post(url, {"paper-CC": picture("mat-sau.jpg"), "note": "Đủ"}).status_code == 302
    dossier = Dossier.objects.get()
    assert dossier.state == State.SUBMITTED
    names = {paper.file.name for paper in dossier.papers.exclude(file__isnull=True)}
    assert names == {"mat-truoc.jpg", "mat-sau.jpg"}


def test_what_becomes_required_or_conditional_is_told_by_labels(province: Province) -> None:
    spec = newer(province).spec_json
    form = spec["form"]
    asked = form["schema"]["properties"]
    before = {**form, "schema": {**form["schema"], "required": ["need"]}}
    conditional = {"until": asked["until"], "need": {**asked["need"], "x-when": "until == 'mai'"}}
    after = {**form, "schema": {**form["schema"], "properties": conditional}}
    old, new = (ProcedureSpec.model_validate({**spec, "form": each}) for each in (before, after))
    told = changes(old, new, {})
    assert told.newly_required == ["Đến khi nào"]
    assert [(each.label, each.when) for each in told.conditional] == [("Nhu cầu", "“Đến khi nào” là mai")]
    assert changes(old, new, {"until": "mai"}).newly_required == [], "what is answered already is not asked for"
    assert changes(new, old, {}).asked_always == ["Nhu cầu"]


# What it costs


@pytest.mark.parametrize("amount", [300_000, 0])
def test_the_check_page_sums_the_fees_and_counts_the_steps(db: None, amount: int) -> None:
    table = {"name": "le_phi", "inputs": [], "hit": "first", "rows": [], "default": {"amount": amount}}
    charge = {"code": "le_phi", "name": "Lệ phí", "kind": "levy", "table": table, "legal_basis": "NQ 1", "text": "x"}
    p, client = Province(charge), Client()
    client.force_login(p.account)
    page = strip_tags(words(client.get(at(ready(client, p), "check")))).replace("\N{NO-BREAK SPACE}", " ")
    page = " ".join(page.split())
    assert re.search(r"Bước (\d) trên \1\b", page)
    assert f"Tổng cộng: {amount:,} đ".replace(",", ".") in page
    assert ("Bạn thanh toán sau khi nộp." in page) is (amount > 0)


def test_the_line_of_steps_takes_no_name_of_a_page(browser_of_citizen: Client, province: Province) -> None:
    draft = ready(browser_of_citizen, province)
    pages: tuple[tuple[str, dict[str, str]], ...] = (("draft_page", {"page_id": "ly-do"}), ("place", {}), ("check", {}))
    for name, parts in pages:
        answer = browser_of_citizen.get(at(draft, name, **parts))
        told = answer.context
        assert f"Bước {told['step_number']} trên {told['step_total']}" in words(answer)
        assert told.get("number") is None
