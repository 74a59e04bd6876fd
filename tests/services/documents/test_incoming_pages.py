"""Pages of what comes in: the lists, one document and its acts, taking in a scan; constant in queries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment
from hienluong.services.documents import access, suggesting
from hienluong.services.documents.actions import handling
from hienluong.services.documents.layout.content import Content, Signer
from hienluong.services.documents.layout.rendering import render
from hienluong.services.documents.models import Arrival, Document, Look, Reader, State
from hienluong.services.documents.reading import ocr
from tests.factories import actor_for_role
from tests.foundation.files import samples

from .offices import Agency, arrived, make_agency, official_of, registered

LIST = "/lam-viec/van-ban/den/"
NEW = f"{LIST}them"


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency()


def at(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def page(actor: Actor, address: str) -> str:
    answer = at(actor).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def of(document: Document, verb: str = "") -> str:
    return f"{LIST}{document.uid}" + (f"/viec/{verb}" if verb else "")


SAID = {
    "type": "QD",
    "code": "12/QĐ-UBND",
    "issued_on": "20/11/2026",
    "author_name": "UBND tỉnh thử",
    "subject": "Về việc kiểm tra an toàn thực phẩm",
    "urgency": "1",
}


def with_prefix(prefix: str, **more: str) -> dict[str, str]:
    return {f"{prefix}-{name}": value for name, value in {**SAID, **more}.items()}


def test_the_whole_way_by_pages_alone(health: Agency) -> None:
    document = arrived(health)
    clerk, leader, head, officer = (at(each) for each in (health.clerk, health.leader, health.head, health.officer))
    clerk.post(of(document, "dang-ky"), with_prefix("dang-ky"))
    document.refresh_from_db()
    assert (document.state, document.code, document.urgency) == (State.REGISTERED, "12/QĐ-UBND", 1)
    clerk.post(of(document, "trinh"), {"trinh-leader": health.leader.official_id, "trinh-proposal": "Giao phòng NV"})
    assert "Giao phòng NV" in page(health.leader, of(document))
    assert document.subject in page(health.leader, f"{LIST}?muc=cho-phan-cong")
    leader.post(of(document, "phan-cong"), {"phan-cong-lead": f"o{health.division.pk}"})
    task = Assignment.objects.get()
    assert document.subject in page(health.head, f"{LIST}?muc=duoc-giao")
    head.post(
        f"/lam-viec/giao-viec/{task.pk}/viec/giao-tiep",
        {"giao-tiep-title": "Dự thảo", "giao-tiep-lead": f"p{health.officer.official_id}-{health.division.pk}"},
    )
    below = Assignment.objects.get(parent=task)
    assert document.subject in page(health.officer, LIST)
    for who, each in ((officer, below), (head, task)):
        who.post(f"/lam-viec/giao-viec/{each.pk}/viec/bao-cao", {"bao-cao-result": "Đã xong"})
        above = head if each == below else leader
        above.post(f"/lam-viec/giao-viec/{each.pk}/viec/danh-gia", {"danh-gia-quality": "good"})
    document.refresh_from_db()
    assert document.state == State.COMPLETED
    html = page(health.leader, of(document))
    assert "Hoàn thành" in html
    leader.post(of(document, "mo-lai"), {"mo-lai-reason": "Còn việc"})
    clerk.post(of(document, "ket-thuc"), {"ket-thuc-note": "Lưu"})
    document.refresh_from_db()
    assert document.state == State.COMPLETED


def test_refusing_sharing_and_answering_a_wish_to_take_back(health: Agency) -> None:
    wrong = arrived(health, code="9/UBND")
    assert at(health.clerk).post(of(wrong, "tu-choi"), {"tu-choi-reason": ""}).status_code == 422
    at(health.clerk).post(of(wrong, "tu-choi"), {"tu-choi-reason": "Gửi nhầm"})
    assert "Gửi nhầm" in page(health.clerk, of(wrong))
    document = registered(health)
    clerk = at(health.clerk)
    clerk.post(of(document, "chia-se"), {"chia-se-officials": [health.officer.official_id]})
    assert document.subject in page(health.officer, of(document))
    clerk.post(f"{of(document)}/thoi-chia-se/{health.officer.official_id}")
    assert at(health.officer).get(of(document)).status_code == 404
    assert clerk.post(f"{of(document)}/thoi-chia-se/{2**70}").status_code == 404
    handling.ask_take_back(actor_system(), document=document, reason="Sai phụ lục")
    assert "Sai phụ lục" in page(health.clerk, of(document))
    clerk.post(of(document, "lay-lai"), {"lay-lai-agrees": "yes"})
    document.refresh_from_db()
    assert document.state == State.TAKEN_BACK


def actor_system() -> Actor:
    from .offices import EXCHANGE

    return EXCHANGE


def test_what_looks_the_same_is_asked_about_with_a_link(health: Agency) -> None:
    first, second = registered(health), arrived(health)
    assert f"{LIST}{first.uid}" in page(health.clerk, of(second))
    said = with_prefix("dang-ky", code=first.code, issued_on="20/11/2026")
    answer = at(health.clerk).post(of(second, "dang-ky"), said)
    assert answer.status_code == 422
    assert f"{LIST}{first.uid}" in answer.content.decode()
    assert 'name="dang-ky-despite_same"' in answer.content.decode()
    at(health.clerk).post(of(second, "dang-ky"), {**said, "dang-ky-despite_same": "on"})
    second.refresh_from_db()
    assert second.state == State.REGISTERED


def test_strangers_find_nothing_and_learn_nothing(health: Agency) -> None:
    document = registered(health, subject="Nội dung không ai khác biết", restricted=True)
    finance = make_agency("Sở Tài chính", parent=health.place.parent)
    others = [health.leader, health.head, health.officer, finance.clerk, finance.leader]
    others += [
        actor_for_role(role, health.place.parent) for role in ("document_clerk", "executive", "admin", "auditor")
    ]
    for actor in others:
        client = at(actor)
        assert client.get(of(document)).status_code == 404
        assert client.get(f"{of(document)}?tep=1").status_code == 404
        for verb in ("trinh", "phan-cong", "chia-se", "sua", "khong-co"):
            assert client.post(of(document, verb), {}).status_code in (403, 404)
        for tab in ("", "?muc=tat-ca", "?muc=tat-ca&q=khac+biet", "?muc=cho-trinh"):
            assert "không ai khác biết" not in client.get(f"{LIST}{tab}").content.decode()
    assert Client().get(of(document)).status_code == 302
    assert at(health.clerk).get(f"{LIST}00000000-0000-0000-0000-000000000000").status_code == 404
    assert not Look.objects.exists()


def test_each_look_at_a_restricted_one_is_written_down(health: Agency) -> None:
    document = registered(health, restricted=True)
    page(health.clerk, of(document))
    page(health.clerk, of(document))
    assert [(each.official_id, each.what) for each in Look.objects.all()] == [
        (health.clerk.official_id, "trang văn bản")
    ] * 2


def upload(client: Client, **more: Any) -> Any:
    content = SimpleUploadedFile("van-ban.pdf", samples.plain_pdf(), "application/pdf")
    return client.post(NEW, {"pages_of": content, "secrecy": "", **more})


def test_a_scan_is_kept_shown_and_registered_with_what_was_confirmed(health: Agency) -> None:
    client = at(health.clerk)
    shown = upload(client, annexes=[SimpleUploadedFile("phu-luc.png", samples.png(), "image/png")])
    html = shown.content.decode()
    main, annex = StoredFile.objects.get(name="van-ban.pdf"), StoredFile.objects.get(name="phu-luc.png")
    assert f"/tep/{main.pk}/xem?trang=1" in html
    assert not Document.objects.exists()
    wrong = client.post(NEW, {**SAID, "subject": "", "tep": str(main.pk), "kem": str(annex.pk)})
    assert wrong.status_code == 422
    assert str(main.pk) in wrong.content.decode()
    assert "UBND tỉnh thử" in wrong.content.decode()
    client.post(NEW, {**SAID, "tep": str(main.pk), "kem": str(annex.pk)})
    document = Document.objects.get()
    assert (document.state, document.arrival.source, document.arrival.number) == (State.REGISTERED, "scan", 1)
    assert {(row.role, row.file_id) for row in document.files.all()} == {("scan", main.pk), ("annex", annex.pk)}
    assert at(health.clerk).get(f"/tep/{main.pk}").status_code == 200
    assert at(health.leader).get(f"/tep/{main.pk}").status_code == 404


def test_files_of_others_and_files_of_documents_are_not_taken(health: Agency) -> None:
    other_clerk = actor_for_role("document_clerk", health.place)
    upload(at(other_clerk))
    theirs = StoredFile.objects.get()
    for wrong in (str(theirs.pk), "x", "00000000-0000-0000-0000-000000000000"):
        answer = at(health.clerk).post(NEW, {**SAID, "tep": wrong})
        assert answer.status_code == 422
    at(other_clerk).post(NEW, {**SAID, "tep": str(theirs.pk)})
    again = at(other_clerk).post(NEW, {**SAID, "code": "13/QĐ-UBND", "tep": str(theirs.pk)})
    assert again.status_code == 422
    assert Document.objects.count() == 1


@pytest.mark.parametrize("level", ["mat", "toi_mat", "tuyet_mat"])
def test_a_state_secret_is_refused_before_its_file_is_kept(health: Agency, level: str) -> None:
    answer = upload(at(health.clerk), secrecy=level)
    assert answer.status_code == 422
    assert "117/2025/QH15" in answer.content.decode()
    typed = at(health.clerk).post(NEW, {**SAID, "secrecy": level})
    assert typed.status_code == 422
    assert "117/2025/QH15" in typed.content.decode()
    assert not StoredFile.objects.exists()
    assert not Document.objects.exists()


def test_a_paper_without_a_file_is_typed(health: Agency) -> None:
    assert "Xác nhận thông tin" in page(health.clerk, f"{NEW}?tay=1")
    at(health.clerk).post(NEW, SAID)
    assert Arrival.objects.get().source == "hand"
    again = at(health.clerk).post(NEW, SAID)
    assert again.status_code == 422
    assert "bản trùng" in again.content.decode()
    at(health.clerk).post(NEW, {**SAID, "despite_same": "on"})
    assert sorted(Arrival.objects.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"issued_on": "31/02/2026"}, "ngày có thật"),
        ({"issued_on": "01/01/2090"}, "sau hôm nay"),
        ({"issued_on": "01/01/1500"}, "Xem lại năm"),
        ({"type": "XX"}, "Loại văn bản"),
        ({"pages": "0"}, "Số trang"),
        ({"due_on": "01/01/2020"}, "từ hôm nay trở đi"),
        ({"subject": "x\x00y"}, "ký tự lạ"),
        ({"code": "x" * 80}, "60"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(health: Agency, wrong: dict[str, str], words: str) -> None:
    answer = at(health.clerk).post(NEW, {**SAID, **wrong})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert "UBND tỉnh thử" in html
    assert not Document.objects.exists()


def test_only_the_records_office_takes_in(health: Agency) -> None:
    for actor in (health.leader, health.head, health.officer, actor_for_role("admin", health.place)):
        assert at(actor).get(NEW).status_code == 403
        assert at(actor).post(NEW, SAID).status_code == 403


def test_lists_say_what_waits_and_are_narrowed(health: Agency) -> None:
    urgent = arrived(health, code="1/UBND", subject="Hỏa tốc phòng chống bão", urgency=3)
    plain = registered(health, code="2/UBND", subject="Báo cáo quý")
    assert "(1)" in page(health.clerk, f"{LIST}?muc=cho-dang-ky")
    html = page(health.clerk, f"{LIST}?muc=tat-ca&urgency=3")
    assert (urgent.subject in html, plain.subject in html) == (True, False)
    html = page(health.clerk, f"{LIST}?muc=tat-ca&q=bao+cao")
    assert (urgent.subject in html, plain.subject in html) == (False, True)
    html = page(health.clerk, f"{LIST}?muc=tat-ca&state=arrived&source=exchange&tu=01/01/2020")
    assert (urgent.subject in html, plain.subject in html) == (True, False)
    Arrival.objects.filter(document=urgent).update(arrived_at=timezone.now() - timedelta(days=9))
    assert "Chậm đăng ký" in page(health.clerk, f"{LIST}?muc=cho-dang-ky")
    Document.objects.filter(pk=plain.pk).update(due_at=timezone.now() - timedelta(days=1))
    html = page(health.clerk, f"{LIST}?muc=tat-ca&late=on")
    assert (urgent.subject in html, plain.subject in html) == (False, True)
    assert page(health.clerk, f"{LIST}?muc=xx&state=zz&urgency=a&tu=32/13/1&den=9999-12-31&late=2&page=x&q=%00'")


def counted(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("who", ["clerk", "leader", "officer"])
@pytest.mark.parametrize("query", ["", "?muc=tat-ca", "?muc=tat-ca&q=so+lieu"])
def test_queries_of_a_list_do_not_grow(health: Agency, who: str, query: str) -> None:
    def one(number: int) -> None:
        document = handling.submit(
            health.clerk, document=registered(health, code=f"{number}/UBND"), leader=official_of(health.leader)
        )
        handling.assign(
            health.leader, document=document, tasks=[Task("", health.division, official_of(health.officer))]
        )

    one(0)
    client = at(getattr(health, who))
    client.get(f"{LIST}{query}")
    few = counted(client, f"{LIST}{query}")
    for number in range(1, 8):
        one(number)
    with CaptureQueriesContext(connection) as found:
        client.get(f"{LIST}{query}")
    assert len(found) == few
    assert few <= 15, "\n".join(query["sql"][:160] for query in found)


def test_queries_of_a_document_do_not_grow_with_its_history(health: Agency) -> None:
    document = handling.submit(health.clerk, document=registered(health), leader=official_of(health.leader))
    task = handling.assign(health.leader, document=document, tasks=[Task("", health.division)])[0]
    client = at(health.leader)
    client.get(of(document))
    few = counted(client, of(document))
    for _turn in range(4):
        below = assignments.give_on(
            health.head, parent=task, task=Task("x", health.division, official_of(health.officer))
        )
        assignments.return_task(health.officer, assignment=below, reason="x")
    assert counted(client, of(document)) <= few + 1
    assert few <= 32


def test_the_first_reading_is_seen_by_the_leader(health: Agency) -> None:
    document = handling.submit(health.clerk, document=registered(health), leader=official_of(health.leader))
    handling.assign(health.leader, document=document, tasks=[Task("", health.division)])
    assert "chưa xem" in page(health.leader, of(document))
    page(health.head, of(document))
    row = Reader.objects.get(document=document, official=health.head.official_id)
    assert row.first_read_at is not None
    assert access.decide_read(health.head, document).allowed


def paper(**more: Any) -> bytes:
    """A decision as an agency prints it."""
    said: dict[str, Any] = {
        "type": "QD",
        "agency_name": "Ủy ban nhân dân tỉnh Quảng Trị",
        "place": "Quảng Trị",
        "number": 1956,
        "notation": "QĐ-UBND",
        "date": date(2026, 11, 20),
        "subject": "Ban hành Kế hoạch chuyển đổi số năm 2027",
        "authority": "CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH",
        "body": "<p>Nội dung.</p>",
        "signers": (Signer(name="Nguyễn Văn Mẫu", title="CHỦ TỊCH"),),
    }
    return render(Content(**{**said, **more})).pdf


def test_what_a_paper_says_is_proposed_with_how_sure_it_is(health: Agency) -> None:
    content = SimpleUploadedFile("quyet-dinh.pdf", paper(), "application/pdf")
    html = at(health.clerk).post(NEW, {"pages_of": content, "secrecy": ""}).content.decode()
    for words in ("1956/QĐ-UBND", "Kế hoạch chuyển đổi số năm 2027", "Nguyễn Văn Mẫu", 'value="2026"'):
        assert words in html, words
    assert '<option value="QD" selected>' in html
    assert "Máy đọc chắc đến đâu" in html


@pytest.mark.parametrize("level", ["MẬT", "TUYỆT MẬT"])
def test_a_stamp_that_is_read_is_refused_before_the_file_is_kept(health: Agency, level: str) -> None:
    content = SimpleUploadedFile("quyet-dinh.pdf", paper(circulation=level), "application/pdf")
    answer = at(health.clerk).post(NEW, {"pages_of": content, "secrecy": ""})
    assert answer.status_code == 422
    assert "117/2025/QH15" in answer.content.decode()
    assert not StoredFile.objects.exists()


def test_what_may_be_a_stamp_is_asked_about(health: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "of_scan", lambda content: suggesting.Suggested(doubtful="MAT"))
    assert upload(at(health.clerk)).status_code == 422
    assert not StoredFile.objects.exists()
    assert upload(at(health.clerk), not_secret="on").status_code == 200
    assert StoredFile.objects.count() == 1


def test_a_paper_that_cannot_be_read_is_typed_beside_its_picture(
    health: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(content: bytes, **more: Any) -> None:
        raise ocr.TesseractMissing("Chưa cài Tesseract")

    monkeypatch.setattr(ocr, "read", refuse)
    html = upload(at(health.clerk)).content.decode()
    assert "Chưa cài Tesseract" in html
    assert "Xác nhận thông tin" in html
