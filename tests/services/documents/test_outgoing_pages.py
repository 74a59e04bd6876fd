"""The pages of outgoing documents: lists, one document, writing, verbs; what they cost and whom they refuse."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from hienluong.capabilities.signing import requests
from hienluong.capabilities.signing.models import SignatureRequest
from hienluong.foundation.actions import DomainError
from hienluong.foundation.files.models import Opening, StoredFile
from hienluong.foundation.organisations.models import Position
from hienluong.services.documents import access, bodies
from hienluong.services.documents.actions import approvals, arrivals, drafting, numbers, opinions, signing
from hienluong.services.documents.models import Document, Look, State, Why, WorkingCopy
from tests.factories import make_account, make_official

from .bureau import Bureau, Person, make_bureau
from .test_issuing import issued, settle, signed

pytestmark = pytest.mark.django_db
#: Queries of a list page, at most.
MOST = 15


@pytest.fixture(autouse=True)
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signs proved a moment ago who they are."""
    monkeypatch.setattr("hienluong.foundation.signin.steps.confirmed", lambda _request: True)


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person.account)
    return client


def page(person: Person, name: str, *args: object, status: int = 200, **query: str) -> str:
    answer = as_(person).get(reverse(f"outgoing:{name}", args=args), query)
    assert answer.status_code == status, (answer.status_code, answer.headers.get("Location"))
    return answer.content.decode() if answer.headers["Content-Type"].startswith("text/") else ""


def act(person: Person, document: Document, verb: str, **data: object):
    return as_(person).post(reverse("outgoing:act", args=[document.pk, verb]), data)


def test_each_list_shows_what_waits_there_and_nothing_else(bureau: Bureau) -> None:
    draft = bureau.draft(subject="bản nháp một")
    asked = bureau.draft(subject="hỏi ý kiến")
    opinions.ask(bureau.drafter.actor, document=asked, officials=[bureau.head.official])
    submitted = bureau.draft(subject="trình lên")
    approvals.submit(bureau.drafter.actor, document=submitted, approvers=[bureau.head.official])
    approved = bureau.approved(subject="chờ số")
    numbered = bureau.approved(subject="chờ chữ ký")
    numbers.number(bureau.clerk.actor, document=numbered)
    sealed = signed(bureau, bureau.approved(subject="chờ gửi đi"))
    shown = {
        ("drafter", "nhap"): [draft, asked, submitted, approved, numbered, sealed],
        ("head", "y-kien"): [asked],
        ("head", "duyet"): [submitted],
        ("deputy", "ky"): [numbered],
        ("clerk", "cap-so"): [approved],
        ("clerk", "cho-ky"): [numbered],
        ("clerk", "dong-dau"): [],
        ("clerk", "phat-hanh"): [sealed],
        ("colleague", "nhap"): [],
        ("health_clerk", "cap-so"): [],
    }
    everything = [draft, asked, submitted, approved, numbered, sealed]
    for (who, tray), wanted in shown.items():
        text = page(getattr(bureau, who), "tray", tray)
        found = [document for document in everything if reverse("outgoing:show", args=[document.pk]) + '"' in text]
        assert found == wanted, (who, tray)
    page(bureau.drafter, "tray", "cap-so", status=404)
    page(bureau.clerk, "tray", "khong-co", status=404)
    assert "chờ gửi đi" in page(bureau.clerk, "tray", "phat-hanh", q="GỬI")
    assert "chờ gửi đi" not in page(bureau.clerk, "tray", "phat-hanh", q="khác")


def test_lists_are_closed_to_whose_post_has_nothing_to_do_with_documents(bureau: Bureau) -> None:
    official = make_official("Ngô Thị Lạ", role="auditor", org=bureau.office)
    other = Person(official, make_account(official=official))
    for name, more in (("home", ()), ("issued", ()), ("internal", ()), ("begin", ()), ("register", ())):
        page(other, name, *more, status=403)
    page(other, "tray", "y-kien", status=404)


@pytest.mark.parametrize("who", ["drafter", "clerk", "deputy"])
def test_a_list_costs_the_same_however_long_it_is(bureau: Bureau, who: str) -> None:
    tray = {"drafter": "nhap", "clerk": "cho-ky", "deputy": "ky"}[who]
    client = as_(getattr(bureau, who))

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(reverse("outgoing:tray", args=[tray])).status_code == 200
        return len(queries)

    numbers.number(bureau.clerk.actor, document=bureau.approved())
    client.get(reverse("outgoing:tray", args=[tray]))
    few = cost()
    for _n in range(4):
        numbers.number(bureau.clerk.actor, document=bureau.approved())
    assert cost() == few
    assert few <= MOST


def test_the_issued_are_found_by_their_words(bureau: Bureau) -> None:
    document = issued(bureau)
    assert document.code in page(bureau.drafter, "issued")
    assert document.code in page(bureau.drafter, "issued", q="tiem chung")
    assert document.code not in page(bureau.drafter, "issued", q="giao thông")
    assert document.code not in page(bureau.colleague, "issued")
    assert document.code not in page(bureau.health_leader, "issued")
    assert document.code not in page(bureau.drafter, "internal")


#: Every address of one thing: its parts after the document, and what is sent there (None: only looked at).
ONE_DOCUMENT: dict[str, tuple[tuple[object, ...], dict[str, str] | None]] = {
    "show": ((), None),
    "write": ((), {"based_on": "1", "body": "Lạ"}),
    "keep": ((), {"based_on": "1", "body": "Lạ"}),
    "drop": ((), {}),
    "preview": ((), {"based_on": "1", "body": "Lạ"}),
    "set_out": ((), {"subject": "Lạ", "type": "CV"}),
    "draft_pdf": ((), None),
    "version": ((1,), None),
    "draft_page": ((1, 1), None),
    "act": (("huy",), {"reason": "Lạ"}),
    "small": (("bo-tep", 1), {}),
}
#: Addresses with a part that is no document: whose they are is tried by the test of the books.
OTHERS = {"tray", "batch", "void", "letterhead", "copy"}


def test_every_address_of_one_document_is_on_the_list() -> None:
    patterns = get_resolver().namespace_dict["outgoing"][1].reverse_dict
    with_parts = {
        name
        for name in patterns
        if isinstance(name, str) and any(parts for _route, parts in patterns.getlist(name)[0][0])
    }
    assert with_parts == set(ONE_DOCUMENT) | OTHERS


def test_strangers_see_no_document_and_no_part_of_it(bureau: Bureau) -> None:
    document = bureau.approved()
    before = (document.state, document.changed_at, document.versions.count())
    for stranger in (bureau.colleague, bureau.health_leader, bureau.health_clerk, bureau.chairman):
        client = as_(stranger)
        for name, (more, data) in ONE_DOCUMENT.items():
            address = reverse(f"outgoing:{name}", args=[document.pk, *more])
            assert client.get(address).status_code in (404, 405), (name, stranger)
            if data is not None:
                assert client.post(address, data).status_code == 404, (name, stranger)
        assert client.post(reverse("outgoing:batch", args=["ky"]), {"document": [document.pk]}).status_code in (
            302,
            404,
        )
    document.refresh_from_db()
    assert (document.state, document.changed_at, document.versions.count()) == before
    for person in (bureau.drafter, bureau.head, bureau.deputy, bureau.clerk):
        assert document.subject in page(person, "show", document.pk)


def test_a_page_of_a_document_costs_the_same_however_much_happened(bureau: Bureau) -> None:
    document = bureau.draft()
    client = as_(bureau.drafter)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("outgoing:show", args=[document.pk])).status_code == 200
        return len(queries)

    opinions.ask(bureau.drafter.actor, document=document, officials=[bureau.head.official])
    drafting.comment(bureau.head.actor, document=document, version=1, text="một")
    cost()
    few = cost()
    opinions.ask(
        bureau.drafter.actor, document=document, officials=[bureau.deputy.official, bureau.health_leader.official]
    )
    for _n in range(3):
        drafting.comment(bureau.deputy.actor, document=document, version=1, text="hai")
    assert cost() == few


def test_looks_at_a_restricted_document_are_written_down(bureau: Bureau) -> None:
    document = bureau.draft(restricted=True)
    page(bureau.drafter, "show", document.pk)
    page(bureau.clerk, "show", document.pk)
    assert set(Look.objects.values_list("official_id", flat=True)) == {
        bureau.drafter.official.pk,
        bureau.clerk.official.pk,
    }


def test_the_whole_way_by_pages(bureau: Bureau) -> None:
    begun = as_(bureau.drafter).post(
        reverse("outgoing:begin"),
        {
            "agency": bureau.province.pk,
            "direction": "outgoing",
            "type": "CV",
            "subject": "rà soát số liệu",
            "unit": bureau.office.pk,
            "urgency": "1",
        },
    )
    document = Document.objects.get()
    assert begun.headers["Location"] == reverse("outgoing:write", args=[document.pk])
    saved = as_(bureau.drafter).post(
        begun.headers["Location"],
        {"based_on": "1", "body": "Thực hiện kế hoạch", "addressees": "Sở Y tế", "archive": "VT, VX", "xem": "1"},
    )
    assert saved.headers["Location"] == reverse("outgoing:show", args=[document.pk])
    around = {
        "subject": document.subject,
        "type": "CV",
        "unit": bureau.office.pk,
        "signer": bureau.deputy.official.pk,
        "competence": "TM.",
        "places": "Sở Y tế",
        "lines": "Như trên",
        "urgency": "1",
    }
    assert as_(bureau.drafter).post(reverse("outgoing:set_out", args=[document.pk]), around).status_code == 302
    due = timezone.localdate() + timedelta(days=2)
    asked = act(
        bureau.drafter, document, "xin-y-kien", colleagues=[bureau.head.official.pk], due=f"{due:%d/%m/%Y}", others=""
    )
    assert asked.status_code == 302
    assert "xin ý kiến bạn" in page(bureau.head, "show", document.pk)
    assert act(bureau.head, document, "tra-loi", stance="disagree", text="").status_code == 422
    assert act(bureau.head, document, "tra-loi", stance="agree_if", text="Thêm hạn").status_code == 302
    assert act(bureau.drafter, document, "trinh", step1=bureau.head.official.pk).status_code == 302
    assert act(bureau.head, document, "duyet", version="2", note="").status_code == 302
    assert act(bureau.deputy, document, "duyet", version="1").status_code == 422
    assert act(bureau.deputy, document, "duyet", version="2").status_code == 302
    assert "Số tiếp theo: 01/UBND-VP" in page(bureau.clerk, "act", document.pk, "cap-so")
    assert act(bureau.clerk, document, "cap-so").status_code == 302
    signed_ = as_(bureau.deputy).post(reverse("outgoing:batch", args=["ky"]), {"document": [document.pk]})
    assert signed_.status_code == 302
    settle()
    assert act(bureau.clerk, document, "dong-dau").status_code == 302
    settle()
    assert act(bureau.clerk, document, "phat-hanh", share_with=[bureau.colleague.official.pk]).status_code == 302
    settle()
    document.refresh_from_db()
    assert (document.state, document.code) == (State.ISSUED, "01/UBND-VP")
    assert document.code in page(bureau.colleague, "issued")
    assert "Đã đến" in page(bureau.drafter, "show", document.pk)
    assert act(bureau.clerk, document, "thu-hoi", reason="Sai").status_code == 302


def test_a_conflict_keeps_what_was_typed_and_shows_what_differs(bureau: Bureau) -> None:
    document = bureau.draft()
    drafting.add_drafter(bureau.drafter.actor, document=document, official=bureau.colleague.official)
    address = reverse("outgoing:write", args=[document.pk])
    assert as_(bureau.drafter).post(address, {"based_on": "1", "body": "Bản của Phước"}).status_code == 302
    answer = as_(bureau.colleague).post(address, {"based_on": "1", "body": "Bản của Mai"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Bản của Mai" in text
    assert "<del>" in text
    assert 'name="based_on" value="2"' in text
    assert as_(bureau.colleague).post(address, {"based_on": "2", "body": "Bản của Mai"}).status_code == 302
    assert drafting.latest(document).number == 3


def test_what_is_typed_is_kept_and_shown_again(bureau: Bureau) -> None:
    document = bureau.draft()
    client, address = as_(bureau.drafter), reverse("outgoing:keep", args=[document.pk])
    assert client.post(address, {"based_on": "1", "body": "Đang gõ dở"}).json()["at"]
    assert client.post(address, {"based_on": "x", "body": "y"}).status_code == 422
    assert "Đang gõ dở" in page(bureau.drafter, "write", document.pk)
    assert "Đang gõ dở" not in page(bureau.drafter, "write", document.pk, **{"ban-luu": "0"})
    picture = client.post(reverse("outgoing:preview", args=[document.pk]), {"based_on": "1", "body": "Đang gõ dở"})
    assert picture.content.startswith(b"\x89PNG")
    assert picture.headers["X-Pages"] == "1"
    assert client.post(reverse("outgoing:drop", args=[document.pk])).status_code == 302
    assert not WorkingCopy.objects.exists()
    assert client.post(address, {"based_on": "1", "body": "a\nTỐI MẬT\nb"}).status_code == 422


def test_two_versions_are_compared_on_a_page(bureau: Bureau) -> None:
    document = bureau.draft()
    for number, text in enumerate(("Giao Sở Y tế", "Giao Sở Tài chính"), 1):
        drafting.save(bureau.drafter.actor, document=document, body=text, parts=drafting.Parts(), based_on=number)
    text = page(bureau.head, "version", document.pk, 3, status=404)
    text = page(bureau.drafter, "version", document.pk, 3)
    assert "Y tế</del>" in text
    assert "Tài chính</ins>" in text
    page(bureau.drafter, "version", document.pk, 9, status=404)
    assert bodies.plain(drafting.latest(document).body) in page(bureau.drafter, "version", document.pk, 3, voi="1")


def test_what_somebody_may_not_do_is_neither_offered_nor_done(bureau: Bureau) -> None:
    document = bureau.approved()
    for person, verb, data in (
        (bureau.drafter, "cap-so", {}),
        (bureau.deputy, "ky", {}),
        (bureau.head, "phat-hanh", {}),
        (bureau.clerk, "ky", {}),
        (bureau.deputy, "thu-hoi", {"reason": "x"}),
    ):
        page(person, "act", document.pk, verb, status=403)
        assert act(person, document, verb, **data).status_code in (403, 422)
    page(bureau.clerk, "act", document.pk, "khong-co", status=404)
    document.refresh_from_db()
    assert document.state == State.APPROVED


def test_the_records_office_keeps_its_books_on_pages(bureau: Bureau) -> None:
    assert "Sổ chưa có số nào" in page(bureau.clerk, "register")
    client = as_(bureau.clerk)
    assert client.post(reverse("outgoing:reserve"), {"type": "CV", "count": "2", "reason": ""}).status_code == 422
    assert (
        client.post(reverse("outgoing:reserve"), {"type": "CV", "count": "2", "reason": "Họp báo"}).status_code == 302
    )
    text = page(bureau.clerk, "register")
    assert "Họp báo" in text
    from hienluong.services.documents.models import TakenNumber

    first = TakenNumber.objects.order_by("number")[0]
    assert client.post(reverse("outgoing:void", args=[first.pk]), {"reason": "Thôi"}).status_code == 302
    assert as_(bureau.health_clerk).get(reverse("outgoing:void", args=[first.pk])).status_code == 404
    for dang, head in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        answer = client.get(reverse("outgoing:register"), {"dang": dang, "so": str(first.book_id)})
        assert answer.content.startswith(head)
    assert client.get(reverse("outgoing:register"), {"dang": "pdf", "quyen": "9"}).status_code == 404
    assert "Theo loại" in page(bureau.clerk, "statistics")
    assert "Theo loại" in page(bureau.deputy, "statistics")
    page(bureau.drafter, "statistics", status=403)
    page(bureau.drafter, "register", status=403)
    address = reverse("outgoing:letterhead", args=[bureau.province.pk])
    assert client.post(address, {"place": "Đông Hà", "units": "TH = Văn phòng"}).status_code == 302
    assert client.post(address, {"units": "TH = Không có"}).status_code == 422
    assert as_(bureau.health_clerk).get(address).status_code == 404
    assert "TH = Văn phòng" in client.get(address).content.decode()


def test_the_records_office_copies_what_came_in(bureau: Bureau) -> None:
    issued(bureau)
    came = Document.objects.get(direction="incoming")
    arrivals.register(bureau.health_clerk.actor, document=came)
    address = reverse("outgoing:copy", args=[came.uid])
    assert address in as_(bureau.health_clerk).get(reverse("documents:incoming", args=[came.uid])).content.decode()
    form = {"kind": "SY", "signer": bureau.health_leader.official.pk, "competence": "", "lines": "Như trên"}
    for stranger in (bureau.clerk, bureau.drafter, bureau.health_leader):
        assert as_(stranger).get(address).status_code == 404
        assert as_(stranger).post(address, form).status_code == 404
    assert as_(bureau.health_clerk).post(address, {**form, "kind": "SL"}).status_code == 422
    assert as_(bureau.health_clerk).post(address, form).status_code == 302
    made = Document.objects.get(type="SY")
    numbers.number(bureau.health_clerk.actor, document=made)
    made.refresh_from_db()
    assert (made.code, made.agency) == ("01/SY-SYT", bureau.health)


def a_word_file(words: str) -> BytesIO:
    import zipfile

    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            'officeDocument" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml",
            '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
            f"<w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>",
        )
    content.seek(0)
    content.name = "thu.docx"
    return content


def test_a_word_file_becomes_a_draft(bureau: Bureau) -> None:
    content = a_word_file("Nội dung từ Word")
    answer = as_(bureau.drafter).post(
        reverse("outgoing:begin"),
        {
            "agency": bureau.province.pk,
            "direction": "outgoing",
            "type": "TB",
            "subject": "x",
            "urgency": "0",
            "word": content,
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert "Nội dung từ Word" in bodies.plain(drafting.latest(Document.objects.get()).body)


def test_a_secret_is_refused_on_the_page_before_its_file_is_kept(bureau: Bureau) -> None:
    answer = as_(bureau.drafter).post(
        reverse("outgoing:begin"),
        {
            "agency": bureau.province.pk,
            "direction": "outgoing",
            "type": "CV",
            "subject": "việc mật",
            "urgency": "0",
            "secrecy_level": "toi_mat",
        },
    )
    assert answer.status_code == 422
    assert "117/2025/QH15" in answer.content.decode()
    assert "việc mật" in answer.content.decode()
    assert not Document.objects.exists()


def test_a_word_file_with_a_stamp_of_secrecy_is_not_kept(bureau: Bureau) -> None:
    content = a_word_file("TUYỆT MẬT")
    answer = as_(bureau.drafter).post(
        reverse("outgoing:begin"),
        {
            "agency": bureau.province.pk,
            "direction": "outgoing",
            "type": "TB",
            "subject": "x",
            "urgency": "0",
            "word": content,
        },
    )
    assert answer.status_code == 422
    assert "117/2025/QH15" in answer.content.decode()
    assert not StoredFile.objects.filter(purpose=access.FILE_PURPOSE).exists()


@pytest.mark.parametrize("confirmed", [True, False])
def test_whoever_uses_a_key_proves_first_who_they_are(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch, confirmed: bool
) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    monkeypatch.setattr("hienluong.foundation.signin.steps.confirmed", lambda _request: confirmed)
    client = as_(bureau.deputy)
    one = client.get(reverse("outgoing:act", args=[document.pk, "ky"]))
    many = client.post(reverse("outgoing:batch", args=["ky"]), {"document": [document.pk]})
    asked = reverse("signin:confirm")
    assert (one.status_code == 302 and one.headers["Location"].startswith(asked)) is not confirmed
    assert many.headers["Location"].startswith(asked) is not confirmed
    waiting = signing.request_of(document)
    assert waiting is not None
    assert waiting.marks.filter(state="signing").exists() is confirmed


def test_on_the_page_of_all_that_waits_a_document_says_no_when_the_post_ended(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    request = signing.request_of(document)
    assert request is not None
    Position.objects.filter(official=bureau.deputy.official).update(role="officer")
    with pytest.raises(DomainError):
        requests.sign(bureau.deputy.actor, request_ids=[request.pk])
    settle()
    document.refresh_from_db()
    assert document.state == State.NUMBERED


def test_who_signed_and_moved_to_another_agency_sees_the_line_and_no_longer_the_file(bureau: Bureau) -> None:
    document, deputy = signed(bureau, bureau.approved()), bureau.deputy
    request = SignatureRequest.objects.get(subject_ref=signing.reference(document))
    line, *file = [f"/lam-viec/ky-so/{request.pk}{part}" for part in ("", "/trang/1", "/tep")]
    assert [as_(deputy).get(each).status_code for each in (line, *file)] == [200, 200, 200]
    assert file[0] in as_(deputy).get(line).content.decode()
    looks = Opening.objects.count()
    Position.objects.filter(official=deputy.official).update(organization=bureau.health, title="Giám đốc")
    answer = as_(deputy).get(line)
    said = answer.content.decode()
    assert (answer.status_code, "không còn quyền xem" in said, file[0] in said) == (200, True, False)
    refused = [as_(deputy).get(each) for each in file]
    assert [each.status_code for each in refused] == [403, 403]
    assert "không còn quyền xem" in refused[1].content.decode()
    assert Opening.objects.count() == looks  # nothing was opened, so nothing is written down as opened
    assert [as_(bureau.health_leader).get(each).status_code for each in (line, *file)] == [404, 404, 404]
    assert [as_(bureau.clerk).get(each).status_code for each in (line, *file)] == [200, 200, 200]


def test_nobody_signs_on_the_page_of_all_that_waits_what_they_may_not_read(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    request = signing.request_of(document)
    assert request is not None
    access.end_reading(document, why=Why.SIGNER, official=bureau.deputy.official)
    with pytest.raises(DomainError, match="không còn quyền xem"):
        requests.sign(bureau.deputy.actor, request_ids=[request.pk])
