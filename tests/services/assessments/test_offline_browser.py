"""On a phone without network: answered, photographed, sent later; what was answered elsewhere is shown beside it."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from hienluong.capabilities.scoring.models import Assessment, AssessmentPhoto
from hienluong.foundation.identity.models import Account
from tests.browser import assert_axe_clean, assert_no_sideways_scroll, screenshot, sign_in

from .sample import BASE, Checked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def checked(transactional_db: None) -> Checked:
    return Checked()


def picture() -> bytes:
    out = BytesIO()
    Image.effect_noise((1000, 800), 90).convert("RGB").save(out, "JPEG", quality=95)  # several parts
    return out.getvalue()


def test_a_phone_goes_out_of_the_network_and_comes_back(checked: Checked, page_phone: Page, page_desktop: Page) -> None:
    page, account = page_phone, Account.objects.get(pk=checked.officer.account_id)
    sign_in(page, account)
    page.goto(f"{checked.address}/cham")
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    page.get_by_role("link", name="Mang theo để chấm khi không có mạng").click()
    expect(page.get_by_role("heading", name="Cửa hàng Bà Lành")).to_be_visible()
    page.wait_for_function("async () => (await navigator.serviceWorker.ready).active?.state === 'activated'")
    page.context.set_offline(True)
    page.reload()  # the page comes from the phone itself
    expect(page.get_by_text("Không có mạng.")).to_be_visible()
    page.locator("[data-item=water]").get_by_label("Đạt", exact=True).check()
    page.locator("[data-item=floor]").get_by_label("Không đạt").check()
    page.locator("[data-item=floor] input[type=file]").set_input_files(
        {"name": "nen.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(page.get_by_text("Chưa gửi: 2 câu trả lời, 1 ảnh.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Chưa gửi: 2 câu trả lời, 1 ảnh.")).to_be_visible()
    expect(page.locator("[data-score]")).to_contain_text("5 / 8")
    assert_no_sideways_scroll(page)
    screenshot(page, "assessment-offline-390")
    checked.send("water", "no")  # meanwhile, in the office
    page.context.clear_cookies()
    page.context.set_offline(False)
    expect(page.get_by_role("link", name="Đăng nhập")).to_be_visible()  # the session is over: nothing is lost
    assert checked.assessment.answers.count() == 1
    sign_in(page, account)
    page.reload()
    expect(page.get_by_text("Đã gửi hết.")).to_be_visible(timeout=20_000)
    both = page.locator("[data-dispute=water] .hl-answer")
    expect(both).to_have_count(2)
    assert_axe_clean(page)
    screenshot(page, "assessment-dispute-390")
    photo = AssessmentPhoto.objects.get()
    assert photo.file is not None
    assert photo.size > 256 * 1024
    both.filter(has=page.locator("strong", has_text="Không đạt")).get_by_role("button", name="Chọn câu này").click()
    expect(page.locator("[data-dispute]")).to_have_count(0)
    standing = {one.item: (one.value, one.standing) for one in checked.assessment.answers.exclude(standing="past")}
    assert standing == {"water": ("no", "current"), "floor": ("no", "current")}
    assert checked.assessment.answers.count() == 3
    sign_in(page_desktop, account)
    for name, address in (("list", BASE + "/"), ("show", checked.address), ("do", f"{checked.address}/cham")):
        page_desktop.goto(address)
        assert_axe_clean(page_desktop)
        screenshot(page_desktop, f"assessment-{name}-1440")


def test_an_assessment_is_begun_without_network_and_gets_its_number_later(checked: Checked, page_phone: Page) -> None:
    page = page_phone
    sign_in(page, Account.objects.get(pk=checked.officer.account_id))
    page.goto(f"{BASE}/ngoai-tuyen")
    begin = page.locator("[data-begin]")
    expect(begin).to_be_visible(timeout=20_000)
    page.wait_for_function("async () => (await navigator.serviceWorker.ready).active?.state === 'activated'")
    page.context.set_offline(True)
    page.reload()
    begin.get_by_role("button", name="Bắt đầu biên bản mới").click()
    expect(begin.get_by_role("alert")).to_contain_text("Hãy ghi")
    begin.get_by_label("Tên cơ sở, đối tượng được chấm").fill("Quán cơm ven đường")
    assert_axe_clean(page)
    assert_no_sideways_scroll(page)
    screenshot(page, "assessment-begin-offline-390")
    begin.get_by_role("button", name="Bắt đầu biên bản mới").click()
    expect(page.get_by_role("heading", name="Quán cơm ven đường")).to_be_visible()
    expect(page.get_by_text("Chưa gửi lên, chưa có số")).to_be_visible()
    page.locator("[data-item=water]").get_by_label("Đạt", exact=True).check()
    expect(page.get_by_text("Chưa gửi: 1 biên bản mới. Chưa gửi: 1 câu trả lời, 0 ảnh.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Đã gửi hết.")).to_be_visible(timeout=20_000)
    made = Assessment.objects.get(target_name="Quán cơm ven đường")
    expect(page.get_by_text(made.code)).to_be_visible()
    assert [(one.item, one.value) for one in made.answers.all()] == [("water", "yes")]
