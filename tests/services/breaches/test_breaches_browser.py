"""A breach from the report of somebody without an account to its end, in a real Chromium, clean for axe at every page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from hienluong.foundation.identity.models import Account
from hienluong.services.breaches.models import Breach
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in
from tests.thorough import looks

from .test_breaches import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def look(page: Page, name: str) -> None:
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, name)


@pytest.mark.parametrize("size", looks(["phone", "desktop"]))
def test_a_breach_from_the_report_to_its_end(request: pytest.FixtureRequest, size: str) -> None:
    page: Page = request.getfixturevalue(f"page_{size}")
    house = House()
    page.goto("/bao-vi-pham-du-lieu")
    look(page, f"bao-vi-pham-{size}")
    page.get_by_label("Chuyện gì đã xảy ra?").fill("Danh sách học sinh bị đăng lên mạng")
    page.get_by_role("button", name="Gửi báo cáo").click()
    expect(page.get_by_role("heading", name="Đã nhận báo cáo")).to_be_visible()
    look(page, f"da-nhan-bao-cao-{size}")
    breach = Breach.objects.get()
    sign_in(page, Account.objects.get(pk=house.handler.account_id))
    page.goto("/lam-viec/vi-pham-du-lieu")
    look(page, f"so-vi-pham-{size}")
    page.get_by_role("link", name=breach.code, exact=True).click()
    expect(page.get_by_text("Còn 71 giờ để báo")).to_be_visible()
    page.get_by_role("button", name="Đánh giá").click()
    page.get_by_label("Phải", exact=True).check()
    page.get_by_label("Có thể", exact=True).check()
    page.get_by_label("Căn cứ đánh giá").fill("Có họ tên, vị trí của trẻ em")
    page.get_by_role("button", name="Ghi đánh giá").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, f"danh-gia-thieu-{size}")
    for label, words in (
        ("Thời gian xảy ra", "Sáng nay"),
        ("Địa điểm", "Trang của trường"),
        ("Hành vi", "Đăng nhầm"),
        ("Tổ chức, cá nhân liên quan", "Trường tiểu học"),
        ("Hậu quả, thiệt hại có thể xảy ra", "Lừa đảo"),
        ("Biện pháp giải quyết, giảm tác hại", "Đã gỡ"),
    ):
        page.get_by_label(label).fill(words)
    page.get_by_label("Vị trí qua dịch vụ định vị").check()
    page.get_by_role("button", name="Ghi đánh giá").click()
    expect(page.get_by_text("phải báo người dân trong 72 giờ").first).to_be_visible()
    look(page, f"vu-viec-{size}")
    page.get_by_role("button", name="Lập Mẫu số 08").click()
    page.get_by_label("Chức danh").fill("Chuyên viên")
    page.get_by_label("Số điện thoại liên lạc").fill("0233 123")
    look(page, f"lap-mau-08-{size}")
    page.get_by_role("button", name="Lập giấy").click()
    expect(page.get_by_role("link", name="Thông báo vi phạm (Mẫu số 08)")).to_be_visible()
    page.get_by_role("button", name="Người bị ảnh hưởng").click()
    page.get_by_label("Số định danh, mã số thuế").fill(house.province.party.identifier)
    look(page, f"nguoi-bi-anh-huong-{size}")
    page.get_by_role("button", name="Thêm").click()
    page.get_by_role("button", name="Báo cho người có dữ liệu").click()
    page.get_by_label("Mức độ nghiêm trọng").fill("Nặng")
    page.get_by_label("Người dân nên làm gì").fill("Cảnh giác")
    page.get_by_label("Hỏi ai").fill("0233 123")
    look(page, f"bao-nguoi-dan-{size}")
    page.get_by_role("button", name="Gửi thông báo").click()
    expect(page.get_by_text("Đã nêu tên 1, đã báo 1.")).to_be_visible()
    Breach.objects.update(detected_at=timezone.now() - timedelta(hours=74))
    page.get_by_role("button", name="Ghi đã báo cơ quan chuyên trách").click()
    page.get_by_label("Gửi qua đâu, số văn bản").fill("Cổng quốc gia, số 12")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("lý do chậm")
    page.get_by_label("Lý do chậm").fill("Mất điện")
    page.get_by_role("button", name="Ghi", exact=True).click()
    expect(page.get_by_text("Đã báo, chậm 3 giờ")).to_be_visible()
    look(page, f"vu-viec-cham-{size}")
    page.get_by_role("button", name="Đóng vụ việc").click()
    page.get_by_label("Kết luận").fill("Đã khắc phục")
    page.get_by_role("button", name="Đóng vụ việc").click()
    expect(page.get_by_text("Đã đóng").first).to_be_visible()
