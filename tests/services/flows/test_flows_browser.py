"""The pages of composed services in a real Chromium: declared, published, tried, decided."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hienluong.services.flows import actions, engine
from hienluong.services.flows.calling import Outcome
from hienluong.services.flows.models import Flow, Run
from tests.factories import actor_for_role, make_org
from tests.services.documents.test_incoming_browser import enter, look
from tests.services.flows.sample import Office

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LIST = "/quan-tri/truc-du-lieu/phoi-hop"


def _the_whole_way(page: Page, size: str) -> None:
    office = Office()
    head = actor_for_role("head", office.place)
    enter(page, head, LIST)
    look(page, f"flows-none-{size}")
    page.get_by_role("button", name="Khai báo dịch vụ phối hợp").click()
    page.get_by_label("Mã", exact=True).fill("thue-dat")
    page.get_by_label("Tên", exact=True).fill("Căn cứ tính thuế chuyển nhượng quyền sử dụng đất")
    page.get_by_label("Khai báo (YAML)").fill("input:\n  type: object\nsteps: []\nanswer: so\n")
    page.get_by_role("button", name="Lưu bản nháp").click()
    expect(page.get_by_role("alert").get_by_text("Dòng 3")).to_be_visible()
    look(page, f"flows-wrong-{size}")
    steps = [
        {"name": "xem", "call": office.call("look")},
        {"name": "dat", "call": office.call("order", body={"so": "xem.so"}), "compensate": office.call("cancel")},
    ]
    page.get_by_label("Khai báo (YAML)").fill(office.source(*steps, answer={"so": "dat.so"}))
    page.get_by_role("button", name="Lưu bản nháp").click()
    expect(page.get_by_text("Đã lưu bản nháp.")).to_be_visible()
    page.get_by_role("button", name="Công bố bản nháp").click()
    look(page, f"flows-publish-{size}")
    page.get_by_role("button", name="Công bố").click()
    expect(page.get_by_text("Đã công bố.")).to_be_visible()
    page.get_by_role("button", name="Chạy thử").click()
    page.get_by_label("Đầu vào (JSON)").fill('{"so": 7}')
    page.get_by_label("Mục đích").fill("Xem thử")
    look(page, f"flows-try-{size}")
    page.get_by_role("button", name="Chạy", exact=True).click()
    expect(page.get_by_text("Chưa có bước nào.")).to_be_visible()
    run = Run.objects.get()
    _cut_off_while_ordering(run)
    page.goto(LIST)
    look(page, f"flows-list-{size}")
    page.get_by_role("link", name="Căn cứ tính thuế chuyển nhượng quyền sử dụng đất,").click()
    look(page, f"flows-waiting-{size}")
    page.get_by_role("button", name="Ghi kết luận").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, f"flows-undecided-{size}")
    page.get_by_label("Việc đã thực hiện: đi tiếp với câu trả lời dưới đây").check()
    page.get_by_label("Lý do").fill("Đã gọi điện cho nơi cung cấp")
    page.get_by_label("Câu trả lời đã nhận (JSON)").fill('{"so": 7}')
    page.get_by_role("button", name="Ghi kết luận").click()
    expect(page.get_by_text("Đã ghi quyết định.")).to_be_visible()
    engine.advance(run.pk)
    page.reload()
    look(page, f"flows-run-{size}")
    flow = Flow.objects.get()
    place = make_org("Thuế tỉnh", parent=office.here.province)
    actions.permit(office.manager, flow=flow, consumer=place, purpose="Thu thuế chuyển nhượng")
    page.goto(f"{LIST}/dich-vu/{flow.code}")
    look(page, f"flows-show-{size}")
    page.get_by_role("link", name="Cho cơ quan khác chạy").click()
    look(page, f"flows-permit-{size}")


def _cut_off_while_ordering(run: Run) -> None:
    """As a worker leaves it that is killed while it orders."""
    looked = engine.advance(run.pk).works[0]
    engine.finish(looked, Outcome(done=True, value={"so": 7}, status=200))
    assert engine.advance(run.pk).works
    engine.advance(run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.WAITING


def test_on_a_desk(page_desktop: Page) -> None:
    _the_whole_way(page_desktop, "1440")


def test_on_a_phone(page_phone: Page) -> None:
    _the_whole_way(page_phone, "390")
