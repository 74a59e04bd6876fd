"""A document from the records office to the officer and back, in a real Chromium, on a desk and on a phone."""

from __future__ import annotations

from io import BytesIO

import pytest
from playwright.sync_api import Page, expect

from hienluong.foundation.actions import Actor
from hienluong.foundation.files import store
from hienluong.foundation.identity.models import Account
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment
from hienluong.services.documents import access
from hienluong.services.documents.actions import arrivals, handling
from hienluong.services.documents.models import Document, State
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.foundation.files import samples

from .offices import Agency, arrived, make_agency, official_of, registered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/lam-viec/van-ban/den/"


@pytest.fixture
def health(transactional_db: None) -> Agency:
    return make_agency()


def paper(name: str = "van-ban.pdf") -> arrivals.FileIn:
    return arrivals.FileIn(store(BytesIO(samples.plain_pdf(2)), name=name, owner=None, purpose=access.FILE_PURPOSE))


def enter(page: Page, actor: Actor, address: str) -> None:
    page.context.clear_cookies()
    sign_in(page, Account.objects.get(pk=actor.account_id))
    page.goto(address)


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def _the_whole_way(page: Page, health: Agency, size: str) -> None:
    document = arrived(health, files=[paper(), paper("phu-luc.pdf")])
    address = f"{LIST}{document.uid}"
    enter(page, health.clerk, LIST)
    look(page, f"incoming-list-{size}")
    page.get_by_role("link", name=document.subject).click()
    look(page, f"incoming-register-{size}")
    page.get_by_label("Số trang").fill("2")
    page.get_by_role("button", name="Đăng ký, cấp số đến").click()
    page.get_by_label("Ý kiến đề xuất").fill("Kính trình lãnh đạo, đề xuất giao phòng chuyên môn.")
    page.get_by_role("button", name="Trình", exact=True).click()
    enter(page, health.leader, LIST)
    page.get_by_role("link", name=document.subject).click()
    page.locator("#id_phan-cong-lead").select_option(label=health.division.name)
    look(page, f"incoming-assign-{size}")
    page.get_by_role("button", name="Phân công", exact=True).click()
    task = Assignment.objects.get()
    enter(page, health.head, f"/lam-viec/giao-viec/{task.pk}")
    page.get_by_text("Giao tiếp", exact=True).first.click()
    form = page.locator("#viec-giao-tiep")
    page.locator("#id_giao-tiep-lead").select_option(f"p{health.officer.official_id}-{health.division.pk}")
    look(page, f"task-give-on-{size}")
    form.get_by_role("button", name="Giao tiếp").click()
    below = Assignment.objects.get(parent=task)
    for worker, judge, each in ((health.officer, health.head, below), (health.head, health.leader, task)):
        enter(page, worker, f"/lam-viec/giao-viec/{each.pk}")
        page.get_by_text("Báo cáo kết quả", exact=True).first.click()
        page.get_by_label("Kết quả", exact=True).fill("Đã xong, có dự thảo kèm theo.")
        page.get_by_role("button", name="Gửi báo cáo").click()
        enter(page, judge, f"/lam-viec/giao-viec/{each.pk}")
        page.get_by_label("Tốt", exact=True).check()
        page.get_by_role("button", name="Chấp nhận và đánh giá").click()
    enter(page, health.leader, address)
    expect(page.get_by_text("Đã xử lý xong").first).to_be_visible()
    look(page, f"incoming-done-{size}")
    assert Document.objects.get(pk=document.pk).state == State.COMPLETED


def test_the_whole_way_on_a_desk(health: Agency, page_desktop: Page) -> None:
    _the_whole_way(page_desktop, health, "1440")


def test_the_whole_way_on_a_phone(health: Agency, page_phone: Page) -> None:
    _the_whole_way(page_phone, health, "390")


def test_a_scan_is_confirmed_beside_its_picture(health: Agency, page_desktop: Page, page_phone: Page) -> None:
    for page, size in ((page_desktop, "1440"), (page_phone, "390")):
        enter(page, health.clerk, f"{LIST}them")
        look(page, f"incoming-upload-{size}")
        page.locator("input[type=file]").first.set_input_files(
            {"name": "van-ban.pdf", "mimeType": "application/pdf", "buffer": samples.plain_pdf()}
        )
        page.get_by_role("button", name="Đọc văn bản").click()
        expect(page.locator("#viewer img")).to_be_visible()
        page.get_by_label("Cơ quan ban hành").fill("UBND tỉnh")
        page.get_by_label("Trích yếu nội dung").fill(f"Văn bản quét {size}")
        look(page, f"incoming-confirm-{size}")
        page.get_by_role("button", name="Đăng ký, cấp số đến").click()
        expect(page.get_by_role("heading", name=f"Văn bản quét {size}")).to_be_visible()


def test_keys_go_through_the_list(health: Agency, page_desktop: Page) -> None:
    older, newer = registered(health, code="1/TB", subject="Văn bản cũ"), registered(health, code="2/TB")
    enter(page_desktop, health.clerk, f"{LIST}?muc=tat-ca")
    keys = page_desktop.keyboard
    keys.press("j")
    keys.press("j")
    keys.press("Enter")
    page_desktop.wait_for_url(f"**{LIST}{older.uid}")
    assert newer.pk != older.pk


def test_lists_boards_and_books_are_clean_on_both_sizes(health: Agency, page_desktop: Page, page_phone: Page) -> None:
    document = handling.submit(health.clerk, document=registered(health), leader=official_of(health.leader))
    task = handling.assign(
        health.leader,
        document=document,
        tasks=[
            Task("", health.division),
            Task("", health.division, official_of(health.officer), "coordinate"),
        ],
    )[0]
    assignments.progress(health.head, assignment=task, percent=40, text="Đang làm")
    places = {
        "task-list": ("/lam-viec/giao-viec/", health.head),
        "task-given": ("/lam-viec/giao-viec/?muc=giao", health.leader),
        "task-give": ("/lam-viec/giao-viec/giao", health.leader),
        "task-board": ("/lam-viec/giao-viec/bang", health.leader),
        "task": (f"/lam-viec/giao-viec/{task.pk}", health.leader),
        "incoming-book": (f"{LIST}so", health.clerk),
        "incoming-figures": (f"{LIST}thong-ke", health.clerk),
        "incoming-typed": (f"{LIST}them?tay=1", health.clerk),
        "incoming-working": (f"{LIST}{document.uid}", health.head),
    }
    for name, (address, actor) in places.items():
        for page, size in ((page_desktop, "1440"), (page_phone, "390")):
            enter(page, actor, address)
            look(page, f"{name}-{size}")
