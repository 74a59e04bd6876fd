"""The pages of the event stream in a real Chromium: asked for, decided, not delivered, a schema looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from hienluong.services.streams import registry, running
from hienluong.services.streams.models import Subscription, Undelivered
from tests.services.documents.test_incoming_browser import enter, look
from tests.services.streams.sample import HERE, Office

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/quan-tri/su-kien/"


def _undelivered(one: Subscription, sequence: int, **more: Any) -> None:
    Undelivered.objects.create(
        subscription=one,
        key=more.pop("key", "organisations.organization:7"),
        sequence=sequence,
        event={"id": str(sequence), "type": "vn.hienluong.organization.changed", "time": "2026-11-20T00:00:00Z"},
        next_try_at=timezone.now() + timedelta(hours=4),
        **more,
    )


def _the_whole_way(page: Page, size: str) -> None:
    registry.install(running.WHO)
    office = Office()
    enter(page, office.asker, LIST)
    expect(page.get_by_text("Không có đăng ký nào")).to_be_visible()
    page.get_by_role("button", name="Đề nghị nhận sự kiện").click()
    look(page, f"streams-ask-{size}")
    page.get_by_label("Hệ thống nhận").select_option(label="Kho của Sở – Sở Nhận tin")
    page.get_by_label("Thông tin liên hệ của cơ quan đổi").check()
    page.get_by_label("Chỉ những sự kiện").fill("code = H50.08, H50.09")
    page.get_by_label("Gửi đến địa chỉ của hệ thống (webhook)").check()
    page.get_by_label("Địa chỉ webhook").fill("https://192.168.1.7/nhan")
    page.get_by_label("Mục đích sử dụng").fill("Cập nhật danh bạ của hệ thống quản lý văn bản")
    page.get_by_label("Căn cứ pháp lý").fill("Điều 12 Nghị định 278/2025/NĐ-CP")
    page.get_by_role("button", name="Gửi đề nghị").click()
    expect(page.get_by_role("alert").get_by_text("thuộc mạng nội bộ")).to_be_visible()
    look(page, f"streams-ask-wrong-{size}")
    page.get_by_label("Địa chỉ webhook").fill("http://127.0.0.1:9099/he-thong-quan-ly-van-ban/nhan-su-kien")
    page.get_by_role("button", name="Gửi đề nghị").click()
    expect(page.get_by_text("Đã gửi đề nghị")).to_be_visible()
    look(page, f"streams-requested-{size}")
    one = Subscription.objects.get()
    enter(page, office.decider, f"{LIST}dang-ky/{one.code}")
    page.get_by_role("button", name="Duyệt").click()
    expect(page.get_by_text("Đã ghi quyết định.")).to_be_visible()
    error = "ConnectTimeout: máy chủ của hệ thống không trả lời trong 5 giây"
    _undelivered(one, 41, attempts=12, failed_at=timezone.now(), given_up_at=timezone.now(), error="HTTP 422")
    _undelivered(one, 44)
    _undelivered(one, 45, key="organisations.organization:9", attempts=3, failed_at=timezone.now(), error=error)
    Subscription.objects.update(failures=3)
    page.reload()
    look(page, f"streams-approved-{size}")
    page.get_by_role("link", name="Chưa giao được: 3").click()
    look(page, f"streams-undelivered-{size}")
    page.get_by_role("button", name="Bỏ qua sự kiện này").first.click()
    expect(page.get_by_text("Hãy ghi lý do.")).to_be_visible()
    page.get_by_role("button", name="Gửi lại ngay").first.click()
    expect(page.get_by_text("Đã ghi nhận.")).to_be_visible()
    page.goto(f"{LIST}dang-ky/{one.code}")
    page.get_by_role("link", name="Gửi lại từ một ngày").click()
    look(page, f"streams-replay-{size}")
    page.get_by_label("Lý do").fill("Mất dữ liệu khi đổi máy chủ")
    page.get_by_role("button", name="Gửi lại").click()
    expect(page.get_by_text("Đang gửi lại.")).to_be_visible()
    look(page, f"streams-again-{size}")
    page.goto(LIST)
    look(page, f"streams-list-{size}")
    page.get_by_role("link", name="Loại sự kiện").click()
    look(page, f"streams-types-{size}")
    page.get_by_role("link", name="organization.succeeded").click()
    page.get_by_label("Lược đồ mới (JSON Schema)").fill('{"type": "object", "properties": {}}')
    page.get_by_role("button", name="Kiểm tra tương thích").click()
    expect(page.get_by_text("/successor: trường bị bỏ.")).to_be_visible()
    look(page, f"streams-type-{size}")


def test_on_a_desk(page_desktop: Page, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = HERE
    _the_whole_way(page_desktop, "1440")


def test_on_a_phone(page_phone: Page, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = HERE
    _the_whole_way(page_phone, "390")
