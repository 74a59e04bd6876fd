"""A letter and its answer between two agencies, in a real Chromium, leaders and officers on phones.

Draft, opinions, approval, number, two signatures, sending; the other agency registers, its leader assigns, the officer
answers; statuses flow back to the first; the work file closes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from hienluong.capabilities.signing import verification
from hienluong.foundation.organisations.models import Organization
from hienluong.services.documents.models import Document, DocumentFile, State
from hienluong.services.workfiles.models import WorkFile
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.factories import make_account, make_official

from .bureau import Bureau, Person, make_bureau
from .test_issuing import settle as settled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever signs proved a moment ago who they are."""
    monkeypatch.setattr("hienluong.foundation.signin.steps.confirmed", lambda _request: True)


def away(do: Callable[[], Any]) -> Any:
    """What it gives, done in a thread of its own: away from the browser's event loop."""

    def run() -> Any:
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as worker:
        return worker.submit(run).result(timeout=120)


def settle() -> None:
    """What the worker would do."""
    away(settled)


def verdict_on(document: Document) -> verification.Verification:
    """What a stranger is told about the paper."""
    paper = document.files.get(role=DocumentFile.Role.MAIN, replaced_at__isnull=True).file
    with paper.open() as stream:
        return verification.verify_pdf(stream.read())


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def acts(page: Page, address: str) -> None:
    """Open a document on a phone: the paper comes first, then what is to be done."""
    page.goto(address)
    page.get_by_role("link", name="Việc của bạn", exact=True).click()


@dataclass
class Desks:
    """Who sits where: most at a desk, leaders and officers with a phone."""

    desk: Page
    phone: Page

    def at(self, person: Person, *, phone: bool = False) -> Page:
        """The person's browser, signed in."""
        page = self.phone if phone else self.desk
        page.context.clear_cookies()
        sign_in(page, person.account)
        return page


@dataclass(frozen=True)
class Side:
    """One agency's people, as far as a letter of its own needs them."""

    drafter: Person
    asked: Person
    head: Person
    signer: Person
    clerk: Person


def out(desks: Desks, side: Side, begun_at: str, subject: str, to: Organization, *, name: str) -> Document:
    """Carry a letter from its first word to its receivers."""
    page = desks.at(side.drafter)
    page.goto(begun_at)
    page.get_by_label("Trích yếu nội dung").fill(subject)
    look(page, f"documents-{name}-begin")
    page.get_by_role("button", name="Bắt đầu soạn").click()
    editor = page.locator("[contenteditable=true]")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("Thực hiện Kế hoạch số 10/KH-UBND, đề nghị quý cơ quan phối hợp rà soát số liệu.")
    page.get_by_label("Kính gửi").fill(to.name)
    look(page, f"documents-{name}-write")
    page.get_by_role("button", name="Lưu và xem văn bản").click()
    page.get_by_role("button", name="Thông tin, nơi nhận, người ký").click()
    page.get_by_label("Người ký").select_option(str(side.signer.official.pk))
    page.get_by_label("Gửi đến cơ quan").fill(to.code)
    look(page, f"documents-{name}-set-out")
    page.get_by_role("button", name="Lưu").first.click()
    page.get_by_role("button", name="Xin ý kiến").click()
    page.get_by_label(side.asked.official.full_name).check()
    page.get_by_role("button", name="Xin ý kiến").click()
    address = page.url

    page = desks.at(side.asked, phone=True)
    acts(page, address)
    page.get_by_label("Đồng ý", exact=True).check()
    look(page, f"documents-{name}-opinion-phone")
    page.get_by_role("button", name="Gửi ý kiến").click()

    page = desks.at(side.drafter)
    page.goto(address)
    page.get_by_role("button", name="Trình duyệt").click()
    page.get_by_label("Bước 1").select_option(str(side.head.official.pk))
    page.get_by_role("button", name="Trình duyệt").click()
    for person in (side.head, side.signer):
        page = desks.at(person, phone=True)
        acts(page, address)
        look(page, f"documents-{name}-approve-phone")
        page.get_by_role("button", name="Duyệt", exact=True).click()
        expect(page.get_by_text("Đã duyệt.", exact=True).first).to_be_visible()

    page = desks.at(side.clerk)
    page.goto(address)
    page.get_by_role("button", name="Cấp số").click()
    look(page, f"documents-{name}-number")
    page.get_by_role("button", name="Cấp số").click()
    page = desks.at(side.signer, phone=True)
    acts(page, address)
    look(page, f"documents-{name}-sign-phone")
    page.get_by_role("button", name="Ký số").click()
    page.get_by_role("button", name="Ký số").click()
    settle()
    page = desks.at(side.clerk)
    page.goto(address)
    page.get_by_role("button", name="Đóng dấu (ký số cơ quan)").click()
    page.get_by_role("button", name="Đóng dấu (ký số cơ quan)").click()
    settle()
    page.goto(address)
    look(page, f"documents-{name}-sealed")
    page.get_by_role("button", name="Phát hành").click()
    page.get_by_role("button", name="Phát hành").click()
    settle()
    page.goto(address)
    expect(page.get_by_text("Đã phát hành").first).to_be_visible()
    look(page, f"documents-{name}-issued")
    return Document.objects.get(pk=int(address.rsplit("/", 1)[1].split("#")[0]))


def health_people(bureau: Bureau) -> tuple[Person, Person]:
    """An officer and the head of a division of the department."""
    from tests.factories import make_org

    division = make_org("Phòng Nghiệp vụ Y", kind="division", parent=bureau.health)

    def person(name: str, role: str, title: str) -> Person:
        official = make_official(name, role=role, org=division, title=title)
        return Person(official, make_account(official=official))

    return person("Nguyễn Thị Hồng Vân", "officer", "Chuyên viên"), person("Phạm Văn Lợi", "head", "Trưởng phòng")


def receipt_of(desks: Desks, bureau: Bureau, document: Document) -> str:
    """What the drafter reads about the department, after the events went round."""
    settle()
    page = desks.at(bureau.drafter)
    page.goto(f"/lam-viec/van-ban/di/{document.pk}")
    return (
        page.get_by_role("region", name="Nơi nhận").or_(page.locator("section", has_text="Nơi nhận")).last.inner_text()
    )


def test_a_letter_and_its_answer(page_desktop: Page, page_phone: Page) -> None:
    bureau, desks = make_bureau(), Desks(page_desktop, page_phone)
    officer, chief = health_people(bureau)
    committee = Side(bureau.drafter, bureau.colleague, bureau.head, bureau.deputy, bureau.clerk)
    department = Side(officer, chief, chief, bureau.health_leader, bureau.health_clerk)

    letter = out(desks, committee, "/lam-viec/van-ban/di/moi", "rà soát số liệu tiêm chủng", bureau.health, name="out")
    assert "Đã đến" in receipt_of(desks, bureau, letter)

    page = desks.at(bureau.health_clerk)
    page.goto("/lam-viec/van-ban/den/")
    look(page, "documents-in-list")
    page.get_by_role("link", name="rà soát số liệu tiêm chủng").click()
    look(page, "documents-in-arrived")
    page.get_by_role("button", name="Đăng ký, cấp số đến").click()
    assert "Đã tiếp nhận" in receipt_of(desks, bureau, letter)
    page = desks.at(bureau.health_clerk)
    came = Document.objects.get(direction="incoming", agency=bureau.health)
    address = f"/lam-viec/van-ban/den/{came.uid}"
    page.goto(address)
    page.get_by_label("Trình", exact=True).select_option(str(bureau.health_leader.official.pk))
    page.get_by_role("button", name="Trình", exact=True).click()

    page = desks.at(bureau.health_leader, phone=True)
    acts(page, address)
    look(page, "documents-in-assign-phone")
    lead = page.get_by_label("Chủ trì")
    lead.select_option(lead.locator("option", has_text=officer.official.full_name).get_attribute("value"))
    page.get_by_role("button", name="Phân công", exact=True).click()
    assert "Đã phân công" in receipt_of(desks, bureau, letter)

    page = desks.at(officer, phone=True)
    page.goto(address)
    page.get_by_role("link", name="Việc của bạn:").click()
    look(page, "documents-task-phone")
    page.get_by_role("button", name="Nhận việc").click()
    assert "Đang xử lý" in receipt_of(desks, bureau, letter)

    page = desks.at(officer)
    page.goto(address)
    page.get_by_role("link", name="Soạn văn bản trả lời").click()
    answer = out(desks, department, page.url, "trả lời về số liệu tiêm chủng", bureau.province, name="answer")
    assert "Hoàn thành" in receipt_of(desks, bureau, letter)
    came.refresh_from_db()
    assert came.state == State.COMPLETED

    page = desks.at(officer)
    page.goto("/lam-viec/ho-so-cong-viec/moi")
    page.get_by_label("Tiêu đề hồ sơ").fill("Hồ sơ rà soát số liệu tiêm chủng năm 2026")
    page.get_by_label("Ký hiệu").fill("NVY")
    page.get_by_role("button", name="Mở hồ sơ").click()
    for there in (address, f"/lam-viec/van-ban/di/{answer.pk}"):
        page.goto(there)
        page.get_by_role("link", name="Đưa vào hồ sơ công việc").click()
        page.get_by_role("button", name="Đưa vào hồ sơ").click()
    page.get_by_role("button", name="Kết thúc hồ sơ").click()
    page.get_by_role("button", name="Kết thúc hồ sơ").click()
    look(page, "documents-work-file")
    assert WorkFile.objects.get().state == "closed"
    assert WorkFile.objects.get().items.count() == 2

    for document in (letter, answer):
        found = away(lambda: verdict_on(document))  # noqa: B023 - called at once
        assert (found.verdict, len(found.signatures)) == ("signed", 2), found.sentence
