"""An assessment on plain pages: begun, answered, disputed, finished, signed, verified, annulled; and what a phone is told."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from hienluong.capabilities.scoring import queries
from hienluong.capabilities.scoring.models import Assessment
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.services.assessments import targets
from tests.snapshots import ready

from .sample import BASE, Checked, browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def checked(db: None) -> Checked:
    return ready(Checked)


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, "JPEG")
    return SimpleUploadedFile("nen.jpg", out.getvalue(), "image/jpeg")


def test_from_the_first_answer_to_a_report_that_anybody_can_verify(checked: Checked) -> None:
    officer, leader, address = browser_of(checked.officer), browser_of(checked.leader), checked.address
    wrong = {"water-value": "yes", "floor-value": "no", "floor-note": "nứt", "cold-value": "rất lạnh"}
    answer = officer.post(f"{address}/cham", wrong)
    assert answer.status_code == 422
    assert "rất lạnh" in answer.content.decode()  # what was typed stays
    assert officer.post(f"{address}/viec/ket-thuc").status_code == 302
    assert Assessment.objects.get().state == "draft"  # a photo and a number are missing
    bases = {f"{one.item}-base": str(one.key) for one in checked.assessment.answers.all()}
    right = {**wrong, **bases, "cold-value": "4,5", "floor-photo": picture()}
    assert officer.post(f"{address}/cham", right).status_code == 302
    assert [one.item for one in checked.assessment.answers.filter(standing="current")] == ["water", "floor", "cold"]
    assert leader.post(f"{address}/viec/ky").status_code == 302  # not finished: nothing happens
    officer.post(f"{address}/viec/ket-thuc")
    assert officer.post(f"{address}/viec/ky").status_code == 403
    leader.post(f"{address}/viec/ky")
    signed = Assessment.objects.get()
    assert (signed.state, signed.level, signed.verdict["score"]) == ("signed", "C", "7.00")
    page = leader.get(address).content.decode()
    assert "Không đạt" in page
    assert f"/xac-minh/{signed.token}" in page
    assert Client().get(f"/xac-minh/{signed.token}").status_code == 200
    assert signed.report is not None
    with signed.report.open() as stream:
        assert stream.read(5) == b"%PDF-"
    leader.post(f"{address}/viec/huy", {"reason": "Nhầm cơ sở"})
    assert IssuedFile.objects.get(pk=signed.token).state == "revoked"
    assert Assessment.objects.get().state == "annulled"


def test_two_people_answer_at_once_and_both_answers_are_shown(checked: Checked) -> None:
    first = checked.send("water", "yes")
    assert first["standing"] == "current"
    other = checked.send("water", "no", base=None)
    assert other["standing"] == "rival"
    assert {one["key"] for one in other["answers"]} == {first["key"], other["key"]}
    officer = browser_of(checked.officer)
    page = officer.get(f"{checked.address}/cham").content.decode()
    assert page.count("Chọn câu này") == 2
    seen = {"item": "water", "key": other["key"], "seen": [first["key"], other["key"]]}
    officer.post(f"{checked.address}/chon", {**seen, "seen": [other["key"]]})  # the first was not shown: nothing
    assert checked.assessment.answers.filter(standing="rival").exists()
    told = officer.post(f"{checked.address}/chon-mot", json.dumps(seen), content_type="application/json")
    assert [one["value"] for one in told.json()["answers"]] == ["no"]
    assert checked.assessment.answers.count() == 2


def test_a_photo_that_never_arrives_is_let_go(checked: Checked) -> None:
    officer, photo = browser_of(checked.officer), str(uuid4())
    body = {"key": str(uuid4()), "item": "water", "value": "no", "note": "bẩn", "photos": [photo]}
    assert (
        officer.post(f"{checked.address}/tra-loi", json.dumps(body), content_type="application/json").status_code == 200
    )
    assert queries.items_awaiting_photos(checked.assessment) == ["water"]  # so it cannot be finished
    page = officer.get(f"{checked.address}/cham").content.decode()
    assert page.count("Bỏ ảnh chưa gửi đến") == 1
    said = {"water-base": body["key"], "water-value": "no", "water-note": "bẩn"}
    officer.post(f"{checked.address}/cham", said)
    assert queries.items_awaiting_photos(checked.assessment) == ["water"]
    officer.post(f"{checked.address}/cham", {**said, "water-drop": "1"})
    assert queries.items_awaiting_photos(checked.assessment) == []
    kept = checked.assessment.answers.get(standing="current")
    assert (kept.value, kept.note, kept.photos) == ("no", "bẩn", [])


def test_what_a_phone_is_told(checked: Checked) -> None:
    officer = browser_of(checked.officer)
    assert officer.get(f"{BASE}/phien").json()["account"] == checked.officer.account_id
    told = officer.get(f"{checked.address}/du-lieu").json()
    assert told["spec"]["tree"]["items"][1]["bands"][0] == {"from": "-50", "points": "2", "fails": False, "fault": ""}
    assert told["choices"]["cold"] == [["na", "Không áp dụng"]]
    signed_out = checked.send("water", "yes", client=Client())
    assert (signed_out["http"], signed_out["code"]) == (401, "signed_out")
    bad = officer.post(f"{checked.address}/tra-loi", b"{", content_type="application/json")
    assert (bad.status_code, bad.json()["code"]) == (422, "scoring.unreadable")
    assert checked.send("water", "maybe")["http"] == 422
    part = officer.post(f"{checked.address}/anh/{uuid4()}/phan?tu=x", b"1", content_type="application/octet-stream")
    assert part.status_code == 422
    worker = Client().get(f"{BASE}/ngoai-tuyen.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert "/lam-viec/cham-diem/ngoai-tuyen" in worker.content.decode()
    assert checked.officer.label not in officer.get(f"{BASE}/ngoai-tuyen").content.decode()


def test_what_was_begun_on_a_phone_is_begun_once_and_only_in_ones_own_name(checked: Checked) -> None:
    officer, today = browser_of(checked.officer), timezone.localdate()
    told = officer.get(f"{BASE}/mang-theo").json()
    assert [form["code"] for form in told["forms"]] == ["shop.check"]
    assert told["forms"][0]["choices"]["cold"] == [["na", "Không áp dụng"]]
    assert [checked.province.division.pk, checked.province.division.name] in told["agencies"]
    said = {"id": str(uuid4()), "form": "shop.check", "name": "Quán Mới", "place": "Chợ", "day": today.isoformat()}

    def begin(client: Client = officer, **changes: Any) -> tuple[int, dict[str, Any]]:
        body = {**said, "organization": checked.province.division.pk, **changes}
        answer = client.post(f"{BASE}/bat-dau-tren-may", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    first, second = begin(), begin()
    assert first == second
    assert first[0] == 200
    made = Assessment.objects.get(pk=said["id"])
    assert (made.target_name, made.day, made.steps.count()) == ("Quán Mới", today, 1)
    assert begin(id=str(checked.assessment.pk))[0] == 200, "one's own, by the same form: it is there already"
    assert begin(browser_of(checked.province.head))[0] == 422, "the key is of somebody else"
    long_ago = (today - timedelta(days=targets.LATEST + 1)).isoformat()
    for wrong in ({"day": long_ago}, {"day": "x"}, {"name": ""}, {"day": (today + timedelta(days=1)).isoformat()}):
        assert begin(**{"id": str(uuid4()), **wrong})[0] == 422, wrong
    assert begin(id=str(uuid4()), form="no.such")[0] == 404
    assert begin(browser_of(checked.province.clerk), id=str(uuid4()))[0] == 403
    assert browser_of(checked.province.clerk).get(f"{BASE}/mang-theo").status_code == 403
    assert Assessment.objects.count() == 2


def test_somebody_from_elsewhere_sees_and_changes_nothing(checked: Checked) -> None:
    stranger = browser_of(checked.province.asked)
    for page in ("", "/cham", "/du-lieu"):
        assert stranger.get(checked.address + page).status_code == 404
    assert checked.send("water", "no", client=stranger)["http"] == 404
    assert checked.assessment.target_name not in stranger.get(BASE + "/").content.decode()
    for verb in ("ket-thuc", "ky", "huy"):
        assert stranger.post(f"{checked.address}/viec/{verb}", {"reason": "x"}).status_code == 404
    assert not checked.assessment.answers.exists()


def test_beginning_keeps_what_was_typed(checked: Checked) -> None:
    officer = browser_of(checked.officer)
    assert "Biểu kiểm tra cửa hàng" in officer.get(f"{BASE}/bat-dau").content.decode()
    address = f"{BASE}/bat-dau?bieu=shop.check"
    said = {"organization": checked.province.division.pk, "name": "", "place": "Chợ Đông Hà"}
    assert "Chợ Đông Hà" in officer.post(address, said).content.decode()
    assert officer.post(address, {**said, "name": "Quán Cơm"}).status_code == 302
    assert browser_of(checked.province.clerk).get(address).status_code == 403
    assert "Quán Cơm" in officer.get(f"{BASE}/?tim=cơm").content.decode()


def test_texts_that_no_column_holds_are_no_fault_of_the_server(checked: Checked) -> None:
    phone = browser_of(checked.officer)
    division = checked.province.division.pk
    begun = {"form": "shop.check", "organization": division, "day": timezone.localdate().isoformat()}
    for name, status in (("Cửa\0 hàng", 200), ("\0", 422), ("\ud800", 422)):
        said = {**begun, "id": str(uuid4()), "name": name, "place": "Chợ\0"}
        answer = phone.post(f"{BASE}/bat-dau-tren-may", json.dumps(said), content_type="application/json")
        assert answer.status_code == status, (name, answer.content)
    body = {"item": "water\0", "key": str(uuid4()), "seen": []}
    answer = phone.post(f"{checked.address}/chon-mot", json.dumps(body), content_type="application/json")
    assert answer.status_code == 404
