"""The pages of the bus: what one finds, declares, asks for and decides, and what is refused in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.foundation.actions import Actor
from hienluong.services.bus import catalogue
from hienluong.services.bus.models import Service, ServiceAgreement, Version
from tests.capabilities.registers.sample import official as keeper
from tests.capabilities.registers.sample import wells
from tests.factories import actor_for_role, make_org
from tests.services.test_wrong_user import browser_of

from .sample import UPSTREAM, Province, document

pytestmark = pytest.mark.django_db
BASE = "/quan-tri/truc-du-lieu"
ONE = f"{BASE}/dich-vu/land-prices"
PARTS = ("day", "month", "year")


class Offices(Province):
    """The same departments with people who sign in."""

    def __init__(self) -> None:
        super().__init__()
        self.head: Actor = actor_for_role("head", self.owner)
        self.officer: Actor = actor_for_role("officer", self.consumer)


@pytest.fixture
def here() -> Offices:
    return Offices()


def day(name: str, value: Any) -> dict[str, int]:
    return {f"{name}_{part}": getattr(value, part) for part in PARTS}


def declared(here: Offices, **changes: Any) -> dict[str, Any]:
    return {
        "owner": here.owner.code,
        "title": "Giá đất",
        "code": "gia-dat",
        "data": "Giá từng thửa đất",
        "contact_name": "Trần Bình",
        "contact_email": "binh@example.gov.vn",
        "upstream": UPSTREAM,
        "document": document(),
        **changes,
    }


def asked(here: Offices, **changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        **day("since", today),
        **day("until", today + timedelta(days=30)),
        "thao-tac-2": ["code", "price"],
        "consumer": here.consumer.code,
        "purpose": "Tính thuế chuyển nhượng",
        "legal_ground": "Nghị định 278/2025/NĐ-CP",
        "per_minute": "60",
        "weekdays": ["0", "4"],
        "from_hour": "7",
        "to_hour": "17",
        "addresses": "203.113.10.0/24",
        **changes,
    }


def test_a_service_is_declared_from_a_file_published_asked_for_approved_and_withdrawn(here: Offices) -> None:
    head, officer = browser_of(here.head), browser_of(here.officer)
    file = SimpleUploadedFile("gia-dat.yaml", document().encode())
    answer = head.post(f"{BASE}/khai-bao", declared(here, document="", file=file, code="land-prices"))
    assert answer.headers["Location"] == f"{ONE}/v1"
    assert officer.get(ONE).status_code == 404, "a draft is its owner's"
    assert "Giá đất" not in officer.get(BASE).content.decode()
    assert head.post(f"{ONE}/v1/cong-bo", {"text": "Bản đầu tiên"}).status_code == 302
    page = officer.get(ONE).content.decode()
    for words in ("Đang cung cấp", "GET /parcels/{number}", "owner.name", "Bản đầu tiên", "Trần Bình"):
        assert words in page
    assert UPSTREAM not in page, "where it runs is its owner's to know"
    assert UPSTREAM in head.get(ONE).content.decode()
    form = officer.get(f"{ONE}/v1/de-nghi").content.decode()
    assert "Một thửa đất" in form
    made = officer.post(f"{ONE}/v1/de-nghi", asked(here))
    agreement = ServiceAgreement.objects.get()
    place = f"{BASE}/thoa-thuan/{agreement.code}"
    assert made.headers["Location"] == place
    assert (agreement.fields, agreement.weekdays, agreement.to_hour) == ({"parcel": ["code", "price"]}, [0, 4], 17)
    assert officer.post(place, {"viec": "duyet"}).status_code == 403
    assert "(1 chờ bạn duyệt)" in head.get(BASE).content.decode()
    assert head.post(place, {"viec": "duyet"}).status_code == 302
    assert agreement.code in head.get(ONE).content.decode()
    without = head.post(place, {"viec": "tam-dung", "ly_do": " "})
    assert (without.status_code, "Hãy ghi lý do." in without.content.decode()) == (422, True)
    assert head.post(place, {"viec": "tam-dung", "ly_do": "Nghi lộ dữ liệu"}).status_code == 302
    text = officer.get(place).content.decode()
    for words in ("Tạm dừng", "Nghi lộ dữ liệu", "code, price", "Thứ Hai, Thứ Sáu, từ 7 giờ đến 17 giờ"):
        assert words in text
    assert head.post(place, {"viec": "tiep-tuc"}).status_code == 302
    assert officer.post(place, {"viec": "cham-dut", "ly_do": "Không cần nữa"}).status_code == 302
    assert ServiceAgreement.objects.get().state == "ended"


def test_nobody_is_offered_to_approve_what_they_asked_for(here: Offices) -> None:
    version = here.version()
    both = actor_for_role("admin", here.province)
    browser = browser_of(both)
    assert browser.post(f"{ONE}/v{version.major}/de-nghi", asked(here)).status_code == 302
    place = f"{BASE}/thoa-thuan/{ServiceAgreement.objects.get().code}"
    page = browser.get(place).content.decode()
    assert 'value="duyet"' not in page
    assert "Bạn là người đề nghị" in page
    refused = browser.post(place, {"viec": "duyet"})
    assert (refused.status_code, "không tự duyệt" in refused.content.decode()) == (403, True)
    assert 'value="duyet"' in browser_of(here.head).get(place).content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "Giá đất"}, "Mã gồm chữ thường"),
        ({"owner": "Sở không có"}, "Sở không có"),
        ({"contact_email": "binh"}, "binh"),
        ({"upstream": "http://10.0.0.1/"}, "nội bộ"),
        ({"document": ""}, "Chọn tệp mô tả"),
        ({"document": "openapi: 3.1.0\ninfo: ["}, "Dòng"),
        ({"document": "", "file": b"\xff\xfe\x00"}, "UTF-8"),
    ],
)
def test_what_is_wrong_in_a_declaration_is_said_and_what_was_typed_stays(
    here: Offices, changes: dict[str, Any], words: str
) -> None:
    if "file" in changes:
        changes = {**changes, "file": SimpleUploadedFile("a.yaml", changes["file"])}
    answer = browser_of(here.head).post(f"{BASE}/khai-bao", declared(here, **changes))
    text = answer.content.decode()
    assert (answer.status_code, words in text, "Giá từng thửa đất" in text) == (422, True, True)
    assert not Service.objects.exists(), "neither the service nor its version"


def test_a_file_that_was_sent_stays_as_text_when_something_else_is_wrong(here: Offices) -> None:
    file = SimpleUploadedFile("gia-dat.yaml", document().encode())
    answer = browser_of(here.head).post(f"{BASE}/khai-bao", declared(here, document="", file=file, title=""))
    assert (answer.status_code, "operationId: parcels" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thao-tac-2": []}, "ít nhất một thao tác"),
        ({"thao-tac-2": ["secret"]}, "secret"),
        ({"per_minute": "nhiều"}, "số nguyên"),
        ({"addresses": "mạng nhà"}, "mạng nhà"),
        ({"from_hour": "20"}, "Giờ cuối"),
        ({"until_year": "2020"}, "Ngày cuối"),
        ({"consumer": "Cơ quan không có"}, "Cơ quan không có"),
    ],
)
def test_what_is_wrong_in_a_request_is_said_and_stays(here: Offices, changes: dict[str, Any], words: str) -> None:
    here.version()
    answer = browser_of(here.officer).post(f"{ONE}/v1/de-nghi", asked(here, **changes))
    text = answer.content.decode()
    assert (answer.status_code, words in text, "Tính thuế chuyển nhượng" in text) == (422, True, True)
    assert not ServiceAgreement.objects.exists()


def test_a_version_goes_through_its_life_on_the_pages_and_its_users_are_counted(here: Offices) -> None:
    here.agreed(here.version())
    head = browser_of(here.head)
    again = head.post(f"{ONE}/v1/mo-ta", {"document": document().replace("price", "cost"), "text": "Đổi tên trường"})
    assert (again.status_code, "parcel: price" in again.content.decode()) == (422, True)
    more = {"document": document(), "upstream": UPSTREAM, "timeout": 5, "retries": 1}
    assert head.post(f"{ONE}/phien-ban", more).headers["Location"] == f"{ONE}/v2"
    assert head.post(f"{ONE}/v2/dia-chi", {"upstream": UPSTREAM, "timeout": 9, "retries": 0}).status_code == 302
    assert Version.objects.get(major=2).timeout == 9
    assert "1 thỏa thuận đang dùng" in head.get(f"{ONE}/v1/sap-ngung").content.decode()
    early = head.post(f"{ONE}/v1/sap-ngung", day("retires_on", timezone.localdate()))
    assert (early.status_code, "sau hôm nay" in early.content.decode()) == (422, True)
    last = timezone.localdate() + timedelta(days=90)
    assert head.post(f"{ONE}/v1/sap-ngung", day("retires_on", last)).status_code == 302
    assert f"Ngừng từ {last:%d/%m/%Y}" in head.get(ONE).content.decode()
    assert head.post(f"{ONE}/v1/ngung", {"text": ""}).status_code == 422
    assert head.post(f"{ONE}/v1/ngung", {"text": "Đã có phiên bản 2"}).status_code == 302
    late = head.post(f"{ONE}/v1/cong-bo", {})
    assert (late.status_code, "Đã ngừng" in late.content.decode()) == (422, True)
    assert head.get(f"{ONE}/v1/bay").status_code == 404


def test_only_its_owners_side_declares_and_others_agreements_are_not_there(here: Offices) -> None:
    agreement = here.agreed(here.version())
    other = browser_of(actor_for_role("head", make_org(parent=here.province)))
    for page in ("sua", "phien-ban", "v1/mo-ta", "v1/dia-chi", "v1/cong-bo", "v1/ngung"):
        assert other.post(f"{ONE}/{page}", {"text": "x"}).status_code == 403
    assert other.post(f"{BASE}/khai-bao", declared(here)).status_code == 403
    assert other.get(f"{BASE}/thoa-thuan/{agreement.code}").status_code == 404
    assert agreement.code not in other.get(ONE).content.decode()
    assert browser_of(actor_for_role("document_clerk", here.consumer)).get(BASE).status_code == 403
    assert browser_of(here.officer).get(f"{BASE}/khai-bao").status_code == 403


def test_services_and_registers_are_found_together_at_the_same_cost(
    here: Offices, django_assert_max_num_queries: Any
) -> None:
    registers.install(keeper(here.owner, "define", "read"), spec=wells(owner=here.owner.code), owner=here.owner)
    here.version()
    for number in range(12):
        service = here.service(code=f"so-{number}", title=f"Số liệu {number}")
        made = catalogue.add_version(here.provider, service=service, document=document(), upstream=UPSTREAM)
        agreement = catalogue.publish(here.provider, version=made)
        here.agreed(agreement)
    browser = browser_of(here.head)
    browser.get(BASE)
    for address in (BASE, ONE, f"{BASE}/thoa-thuan", f"{BASE}/dich-vu/registers.thu.gieng"):
        with django_assert_max_num_queries(15):
            page = browser.get(address)
        assert page.status_code == 200
    found = browser.get(f"{BASE}?q=gieng").content.decode()
    assert "registers.thu.gieng" in found
    assert "land-prices" not in found
    only = browser.get(f"{BASE}?state=draft&owner={here.owner.code}").content.decode()
    assert "Không có dịch vụ nào như vậy" in only


def test_the_address_is_called_optional_only_until_the_version_is_provided() -> None:
    here = Offices()
    version = here.version(published=False)
    browser = browser_of(here.head)

    def label() -> str:
        page = browser.get(f"{ONE}/v1/dia-chi").content.decode()
        return page.split('for="id_upstream"', 1)[1].split("</label>", 1)[0]

    assert "(không bắt buộc)" in label()
    catalogue.publish(here.provider, version=version)
    assert "(không bắt buộc)" not in label()
    refused = browser.post(f"{ONE}/v1/dia-chi", {"upstream": "", "timeout": 9, "retries": 1})
    assert refused.status_code == 422
