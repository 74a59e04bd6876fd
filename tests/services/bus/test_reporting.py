"""The daily report: exact, written once, told once, and never changed; what comes later is said beside it."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import InternalError, ProgrammingError, transaction
from django.utils import timezone

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, system
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations.models import Organization
from hienluong.services.bus import reporting, usage
from hienluong.services.bus.gateway import accesslog
from hienluong.services.bus.gateway.configuration import ACCESS_LOG
from hienluong.services.bus.models import DailyReport
from hienluong.services.bus.tasks import close_day
from tests.factories import actor_for_role, make_org
from tests.services.test_wrong_user import browser_of

from .sample import Province
from .test_usage import line

pytestmark = pytest.mark.django_db
PAGE = "/quan-tri/truc-du-lieu/bao-cao"
WHO = system("Trục chia sẻ dữ liệu")


class Closed(Province):
    """Calls of yesterday, at the last moment of the day, and of the first moment of today."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        Organization.objects.filter(pk=self.province.pk).update(kind="province")
        self.folder = folder
        self.agreement = self.agreed(self.version())
        self.officer: Actor = actor_for_role("admin", self.province)
        self.head: Actor = actor_for_role("head", self.owner)
        self.caller: Actor = actor_for_role("head", self.consumer)
        self.today = timezone.localdate()
        self.day = self.today - timedelta(days=1)
        midnight = datetime.combine(self.today, datetime.min.time(), timezone.get_current_timezone())
        self.before, self.after = midnight - timedelta(milliseconds=1), midnight

    def called(self, at: datetime, count: int = 1, **changes: Any) -> None:
        route = accesslog.route_name("land-prices", 1, "parcel", self.agreement.code)
        with (self.folder / ACCESS_LOG).open("a") as log:
            log.writelines([line(at, **{"r": route, "c": "x", **changes})] * count)
        usage.take_in(self.folder)


@pytest.fixture
def here(tmp_path: Path, settings: Any) -> Closed:
    settings.GATEWAY_FOLDER = tmp_path
    return Closed(tmp_path)


def test_a_day_is_closed_exactly_once_and_both_sides_have_the_same_figures(here: Closed) -> None:
    here.called(here.before, 1234, ms=7, i=3, o=50)
    here.called(here.before, 6, s=503, ms=300)
    here.called(here.before, 2, s=429)
    here.called(here.before, 4, r="", s=403)
    here.called(here.after, 99)
    assert close_day() == 2
    assert close_day() == 0
    provided = DailyReport.objects.get(organization=here.owner)
    consumed = DailyReport.objects.get(organization=here.consumer)
    assert (provided.consumed, consumed.provided) == ([], [])
    mine, theirs = reporting.total(provided.provided), reporting.total(consumed.consumed)
    assert mine == theirs
    assert (mine.calls, mine.errors, mine.refused, mine.limited) == (1242, 6, 2, 2)
    assert (mine.milliseconds, mine.received) == (1234 * 7 + 6 * 300 + 2 * 12, 1234 * 3 + 8 * 10)
    assert sum(mine.latency) == 1242
    told = Notification.objects.filter(kind="bus.report")
    assert {one.account_id for one in told} == {here.officer.account_id, here.head.account_id, here.caller.account_id}
    assert told.count() == 3
    for_all = told.get(account_id=here.officer.account_id).body
    assert f"{here.owner.name}: cung cấp 1.242 lượt (6 lỗi), khai thác 0 lượt (0 lỗi)." in for_all
    assert for_all.count("\n") == 1
    assert here.consumer.name not in told.get(account_id=here.head.account_id).body


def test_a_report_is_never_changed_and_what_came_later_is_said(here: Closed) -> None:
    here.called(here.before, 10)
    assert close_day() == 2
    report = DailyReport.objects.get(organization=here.owner)
    for change in (lambda: DailyReport.objects.update(provided=[]), lambda: DailyReport.objects.all().delete()):
        with pytest.raises((InternalError, ProgrammingError), match="never changed"), transaction.atomic():
            change()
    address = f"{PAGE}/{here.day.isoformat()}/{here.owner.code}"
    assert "Sau khi chốt" not in browser_of(here.head).get(address).content.decode()
    here.called(here.before, 3)
    page = browser_of(here.head).get(address).content.decode()
    assert "Sau khi chốt có thêm 3 lượt cung cấp và 0 lượt khai thác" in page
    assert reporting.total(DailyReport.objects.get(pk=report.pk).provided).calls == 10
    assert close_day() == 0


def test_the_files_say_what_the_page_says(here: Closed) -> None:
    here.called(here.before, 12, ms=7, i=3, o=50)
    close_day()
    browser = browser_of(here.caller)
    address = f"{PAGE}/{here.day.isoformat()}/{here.consumer.code}"
    rows = list(csv.reader(StringIO(browser.get(f"{address}?dang=csv").content.decode("utf-8-sig"))))
    wanted = [
        "land-prices/v1/parcel", here.agreement.code, here.owner.name, "12", "0", "0", "0", "84", "≤ 10 ms", "36", "600",
    ]  # fmt: skip
    assert wanted in rows
    book = openpyxl.load_workbook(BytesIO(browser.get(f"{address}?dang=excel").content))
    assert [cell.value for cell in book["Khai thác"][2]][3:8] == [12, 0, 0, 0, 84]
    assert book["Cung cấp"].max_row == 1


def test_others_find_no_report_and_wrong_addresses_are_nothing(here: Closed) -> None:
    here.called(here.before)
    close_day()
    stranger = actor_for_role("head", make_org(parent=here.province))
    good = f"{here.day.isoformat()}/{here.owner.code}"
    assert browser_of(stranger).get(f"{PAGE}/{good}").status_code == 404
    assert "Chưa có báo cáo nào" in browser_of(stranger).get(PAGE).content.decode()
    assert browser_of(here.caller).get(f"{PAGE}/{good}").status_code == 404
    seen = browser_of(here.officer).get(PAGE).content.decode()
    assert here.owner.name in seen
    assert here.consumer.name in seen
    for bad in ("hom-qua/H50", f"{here.day.isoformat()}/nowhere", "2026-13-40/H50", "%00/%00"):
        assert browser_of(here.officer).get(f"{PAGE}/{bad}").status_code == 404
    assert browser_of(actor_for_role("clerk", here.owner)).get(PAGE).status_code == 403


def test_a_day_that_is_not_over_is_not_closed_and_days_that_were_missed_are(here: Closed) -> None:
    with pytest.raises(InvalidInput):
        reporting.make(WHO, day=here.today)
    with pytest.raises(NotAllowed):
        reporting.make(here.officer, day=here.day)
    assert reporting.due(here.today) == [here.day]
    assert close_day() == 0, "a day without calls has no reports"
    here.called(here.before - timedelta(days=3))
    reporting.make(WHO, day=here.day - timedelta(days=3))
    assert reporting.due(here.today) == [here.day - timedelta(days=count) for count in (2, 1, 0)]
    assert len(reporting.due(here.today + timedelta(days=90))) == reporting.BEHIND
