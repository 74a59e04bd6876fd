"""A work file from opening to the archive in a real Chromium, clean for axe at every page, at two widths."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.services.workfiles.models import Handover, WorkFile
from hienluong.services.workfiles.tasks import pack, write_destruction_minutes, write_handover_minutes
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.thorough import looks

from .matter import Matter, aged, pdf

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


def enter(page: Page, actor: Actor) -> None:
    page.context.clear_cookies()
    sign_in(page, Account.objects.get(pk=actor.account_id))


def work(task: Any, **arguments: Any) -> None:
    """A job as the worker does it: in a thread of its own, away from the browser's event loop."""

    def run() -> None:
        try:
            task.func(**arguments)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as worker:
        worker.submit(run).result()


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_a_work_file_from_opening_to_its_end(request: pytest.FixtureRequest, size: str) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    matter = Matter()
    matter.document("12/TTr-SYT", matter.keeper)
    enter(page, matter.keeper)
    page.goto("/lam-viec/ho-so-cong-viec/")
    look(page, f"workfiles-empty-{size}")
    page.get_by_role("button", name="Mở hồ sơ").click()
    page.get_by_role("button", name="Mở hồ sơ").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Tiêu đề hồ sơ").fill("Hồ sơ lập dự toán ngân sách năm 2027")
    page.get_by_label("Ký hiệu").fill("KHTC")
    page.get_by_label("Thời hạn lưu trữ").select_option("06")
    look(page, f"workfiles-new-{size}")
    page.get_by_role("button", name="Mở hồ sơ").click()
    expect(page.get_by_role("heading", name="Hồ sơ lập dự toán ngân sách năm 2027")).to_be_visible()
    page.get_by_role("button", name="Thêm văn bản").click()
    page.get_by_label("Tìm văn bản").fill("phe duyet du toan")
    page.get_by_role("button", name="Tìm", exact=True).click()
    look(page, f"workfiles-add-document-{size}")
    page.get_by_role("button", name="Thêm 12/TTr-SYT").click()
    page.get_by_role("button", name="Thêm tài liệu").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": pdf("a")}
    )
    page.get_by_label("Tên tài liệu").fill("Ghi chép cuộc họp ngày 20/11/2026")
    look(page, f"workfiles-add-file-{size}")
    page.get_by_role("button", name="Thêm", exact=True).click()
    page.get_by_role("button", name="Đưa lên: Ghi chép cuộc họp ngày 20/11/2026").click()
    expect(page.locator("tbody tr").first).to_contain_text("Ghi chép cuộc họp")
    page.get_by_role("link", name="Thêm người cùng lập").click()
    page.get_by_label("Người cùng lập hồ sơ").select_option(str(matter.colleague.official_id))
    page.get_by_role("button", name="Thêm", exact=True).click()
    look(page, f"workfiles-file-{size}")
    page.get_by_role("button", name="Kết thúc hồ sơ").click()
    page.get_by_role("button", name="Kết thúc hồ sơ").click()
    page.get_by_role("button", name="Giao nộp lưu trữ").click()
    page.get_by_role("checkbox").first.check()
    look(page, f"workfiles-hand-over-{size}")
    page.get_by_role("button", name="Giao nộp", exact=True).click()
    expect(page.get_by_text("Chờ tiếp nhận")).to_be_visible()

    enter(page, matter.archivist)
    handover, work_file = Handover.objects.get(), WorkFile.objects.get()
    page.goto("/lam-viec/ho-so-cong-viec/giao-nop")
    look(page, f"workfiles-handovers-{size}")
    page.get_by_role("link", name=str(handover)).click()
    page.get_by_role("button", name="Tiếp nhận và đóng gói").click()
    work(pack, line_id=handover.lines.get().pk)
    page.reload()
    page.get_by_role("link", name="Kết luận").click()
    page.get_by_label("Đạt", exact=True).check()
    look(page, f"workfiles-judge-{size}")
    page.get_by_role("button", name="Ghi kết luận").click()
    page.get_by_role("button", name="Hoàn thành, lập biên bản").click()
    work(write_handover_minutes, handover_id=handover.pk)
    page.reload()
    expect(page.get_by_role("link", name="Biên bản giao nhận")).to_be_visible()
    look(page, f"workfiles-handover-{size}")
    page.goto("/lam-viec/ho-so-cong-viec/danh-muc")
    page.get_by_role("button", name="Thêm vào danh mục").click()
    page.get_by_label("Tiêu đề hồ sơ").fill("Hồ sơ thi đua, khen thưởng")
    page.get_by_label("Ký hiệu").fill("TĐKT")
    page.get_by_role("button", name="Thêm", exact=True).click()
    expect(page.get_by_text("1-TĐKT")).to_be_visible()
    look(page, f"workfiles-planned-{size}")

    aged(work_file, 12)
    page.goto("/lam-viec/ho-so-cong-viec/huy")
    page.get_by_role("button", name="Lập danh mục hủy").click()
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Hội đồng xét hủy").fill("Họp ngày 20/11/2026: nhất trí.")
    look(page, f"workfiles-propose-{size}")
    page.get_by_role("button", name="Trình phê duyệt").click()
    expect(page.get_by_text("Chờ phê duyệt")).to_be_visible()
    address = page.url
    enter(page, matter.leader)
    page.goto(address)
    page.get_by_role("button", name="Quyết định").click()
    page.get_by_label("Phê duyệt hủy", exact=True).check()
    page.get_by_label("Số quyết định, hoặc lý do không phê duyệt").fill("15/QĐ-SYT ngày 25/11/2026")
    page.get_by_role("button", name="Ghi quyết định").click()
    enter(page, matter.archivist)
    page.goto(address)
    page.get_by_role("button", name="Hủy hồ sơ").click()
    page.get_by_label("Ai chứng kiến việc hủy?").fill("Trần Thị B, Trưởng phòng")
    look(page, f"workfiles-carry-out-{size}")
    page.get_by_role("button", name="Hủy", exact=True).click()
    expect(page.get_by_text("Đã hủy").first).to_be_visible()
    work(write_destruction_minutes, destruction_id=int(address.rsplit("/", 1)[1]))
    page.reload()
    look(page, f"workfiles-destruction-{size}")
    page.goto("/lam-viec/ho-so-cong-viec/huy")
    look(page, f"workfiles-destructions-{size}")
