"""Alerts: each is opened once, told to those who watch, and closed when it is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from hienluong.foundation.actions import Actor, NotAllowed, system
from hienluong.foundation.events.models import Event, Handover
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations.models import Organization
from hienluong.services.adapters.models import System as Line
from hienluong.services.bus import alerting, publishing, usage
from hienluong.services.bus.alerting import Finding, Rule
from hienluong.services.bus.gateway import accesslog
from hienluong.services.bus.gateway.configuration import ACCESS_LOG
from hienluong.services.bus.models import Alert, Call, Volume
from hienluong.services.bus.tasks import watch_over
from tests.factories import actor_for_role, make_org
from tests.services.test_wrong_user import browser_of

from .sample import Province
from .test_usage import line

pytestmark = pytest.mark.django_db
PAGE = "/quan-tri/truc-du-lieu/canh-bao"
PARCEL = "land-prices/v1/parcel"
WHO = system("Trục chia sẻ dữ liệu")


class Watched(Province):
    """An agreement of 60 calls a minute and 100 records a day; heads on both sides, an IT officer at the province."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        Organization.objects.filter(pk=self.province.pk).update(kind="province")
        self.folder = folder
        self.agreement = self.agreed(self.version(), per_day=100)
        self.officer: Actor = actor_for_role("admin", self.province)
        self.head: Actor = actor_for_role("head", self.owner)
        self.caller: Actor = actor_for_role("head", self.consumer)

    def called(self, *answers: tuple[int, int], at: datetime | None = None) -> None:
        """Calls answered with these statuses after so many ms, now or at a time, ten seconds apart at most."""
        route = accesslog.route_name("land-prices", 1, "parcel", self.agreement.code)
        now = at or timezone.now()
        with (self.folder / ACCESS_LOG).open("a") as log:
            log.writelines(
                line(now - timedelta(seconds=50 * place), r=route, s=status, ms=ms, c="x")
                for place, (status, ms) in enumerate(answers[:3])
            )
            log.writelines(
                line(now, r=route, s=status, ms=ms, c=f"c{place % 9}") for place, (status, ms) in enumerate(answers[3:])
            )
        usage.take_in(self.folder)

    def found(self, now: datetime | None = None) -> dict[str, list[str]]:
        """By rule, what it found."""
        made: dict[str, list[str]] = {}
        for one in alerting.look(now or timezone.now()):
            made.setdefault(str(one.rule), []).append(one.subject)
        return made


@pytest.fixture
def here(tmp_path: Path, settings: Any) -> Watched:
    settings.GATEWAY_FOLDER = tmp_path
    return Watched(tmp_path)


def test_a_share_of_errors_counts_from_so_many_calls_and_above_the_limit_only(here: Watched) -> None:
    here.called(*[(503, 5)] * 4, *[(200, 5)] * 15)
    assert "errors" not in here.found(), "nineteen calls say nothing"
    here.called((200, 5))
    assert here.found()["errors"] == [PARCEL]
    here.called(*[(200, 5)] * 60)
    assert "errors" not in here.found(), "4 of 80 is five percent, and not more"
    assert "errors" not in here.found(timezone.now() + timedelta(minutes=11)), "that was before the window"


def test_a_source_is_silent_when_it_only_fails_and_slow_when_its_bucket_lies_above(here: Watched) -> None:
    here.called(*[(504, 50)] * 5, (404, 5))
    assert here.found()["silent"] == [PARCEL]
    here.called((200, 5))
    assert "silent" not in here.found()
    here.called(*[(200, 2_400)] * 40)
    assert "slow" not in here.found(), "within 2,500 ms, as far as is known"
    here.called(*[(200, 2_600)] * 10)
    assert here.found()["slow"] == [PARCEL]


def test_quotas_of_calls_and_of_records_are_told_at_four_fifths_and_when_they_are_used_up(here: Watched) -> None:
    minute = timezone.now().replace(second=0, microsecond=0)
    route = accesslog.route_name("land-prices", 1, "parcel", here.agreement.code)
    with (here.folder / ACCESS_LOG).open("w") as log:
        log.writelines([line(minute, r=route, c="one")] * 47 + [line(minute, r=route, c="two")] * 40)
    usage.take_in(here.folder)
    assert not {"quota", "quota_full"} & set(here.found()), "each system has the quota for itself"
    with (here.folder / ACCESS_LOG).open("a") as log:
        log.writelines([line(minute, r=route, c="one")])
    usage.take_in(here.folder)
    assert here.found()["quota"] == [here.agreement.code]
    Volume.objects.create(agreement=here.agreement.code, day=timezone.localdate(), records=100)
    assert here.found()["quota_full"] == [here.agreement.code]
    assert "quota" not in here.found()


def test_queues_systems_and_the_files_of_the_gateway(
    here: Watched, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "SECOND_LOOK", 0.0)
    assert here.found() == {}, "where no gateway runs its files are not missed"
    publishing.publish(timezone.now(), here.folder)
    assert here.found() == {}
    more = here.agreed(here.agreement.version)
    assert here.found() == {"files": ["gateway"]}
    publishing.publish(timezone.now(), here.folder)
    assert here.found() == {}
    (here.folder / publishing.KEYS).write_text('{"keys": []}')
    assert here.found() == {"files": ["gateway"]}
    publishing.publish(timezone.now(), here.folder)
    settings.EVENT_SERVER = {**settings.EVENT_SERVER, "url": "nats://127.0.0.1:1"}
    event = Event.objects.create(type="test.x", subject="test:1", leaving=True)
    now = timezone.now()
    assert here.found(now + timedelta(minutes=10)) == {}
    assert here.found(now + timedelta(minutes=12)) == {"outbox": ["events"]}
    Event.objects.filter(pk=event.pk).update(leaving=False)
    Handover.objects.create(event=event, subscriber="x", subject="test:1", next_try_at=now, given_up_at=now)
    Call.objects.create(
        at=now - timedelta(minutes=12), agreement=more.code, operation=PARCEL, client="x", purpose="x", status=200
    )
    code = next(code for code in settings.ADAPTERS) if settings.ADAPTERS else ""
    if code:
        Line.objects.create(code=code, failures=5, opened_until=now)
    found = here.found(now)
    assert found.pop("undelivered") == ["handovers"]
    assert found.pop("intake") == ["calls"]
    assert found == ({"system": [code]} if code else {})


def test_long_numbers_of_an_alert_are_grouped(here: Watched) -> None:
    details = {"p95": "≤ 5000 ms", "limit": 2500}
    alerting.settle(WHO, findings=[Finding(Rule.SLOW, PARCEL, details, provider=here.owner)], now=timezone.now())
    page = browser_of(here.officer).get(PAGE).content.decode()
    assert "trả lời trong ≤ 5.000 ms (mức báo: 2.500 ms)." in page
    assert "nằm hẳn trên 2.500 ms" in page


def test_an_alert_is_opened_once_told_and_closed_when_it_was_well_for_a_while(here: Watched) -> None:
    start = timezone.now()
    finding = Finding(Rule.ERRORS, PARCEL, {"percent": 50, "calls": 40, "limit": 5}, provider=here.owner)
    assert alerting.settle(WHO, findings=[finding], now=start) == (1, 0)
    told = set(Notification.objects.values_list("account_id", flat=True))
    assert told == {here.officer.account_id, here.head.account_id}, "the caller has no part in it"
    later = Finding(Rule.ERRORS, PARCEL, {"percent": 70, "calls": 40, "limit": 5}, provider=here.owner)
    assert alerting.settle(WHO, findings=[later], now=start + timedelta(minutes=1)) == (0, 0)
    assert Notification.objects.count() == 2
    assert alerting.settle(WHO, findings=[], now=start + timedelta(minutes=5)) == (0, 0)
    page = browser_of(here.officer).get(PAGE).content.decode()
    assert "70% trong 40 lượt của 10 phút qua bị lỗi (mức báo: 5%)." in page
    assert "Không có cảnh báo nào đang mở." not in page
    assert alerting.settle(WHO, findings=[], now=start + timedelta(minutes=6)) == (0, 1)
    one = Alert.objects.get()
    assert (one.opened_at, one.closed_at) == (start, start + timedelta(minutes=6))
    assert Notification.objects.filter(title=f"Đã hết: Nhiều lượt lỗi: {PARCEL}").count() == 2
    assert "Không có cảnh báo nào đang mở." in browser_of(here.officer).get(PAGE).content.decode()
    assert alerting.settle(WHO, findings=[finding], now=start + timedelta(minutes=9)) == (1, 0)
    assert Alert.objects.filter(rule="errors").count() == 2
    assert alerting.forget(start + timedelta(days=367)) == 1


def test_the_database_has_one_open_alert_for_a_rule_and_subject(here: Watched) -> None:
    now = timezone.now()
    given: dict[str, Any] = {"rule": "errors", "subject": PARCEL, "opened_at": now, "seen_at": now}
    Alert.objects.create(**given, closed_at=now)
    Alert.objects.create(**given)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(**given)
    with pytest.raises(NotAllowed):
        alerting.settle(here.officer, findings=[], now=now)


def test_each_sees_the_alerts_of_what_is_theirs(here: Watched) -> None:
    quota = {"percent": 90, "used": 9, "most": 10, "declared": True}
    findings = [
        Finding(Rule.QUOTA, here.agreement.code, quota, provider=here.owner, consumer=here.consumer),
        Finding(Rule.SILENT, PARCEL, {"errors": 5, "minutes": 15}, provider=here.owner),
        Finding(Rule.UNDELIVERED, "handovers", {"count": 3}),
    ]
    alerting.settle(WHO, findings=findings, now=timezone.now())
    stranger = actor_for_role("head", make_org(parent=here.province))
    for who, seen in (
        (here.officer, (True, True, True)),
        (here.head, (True, True, False)),
        (here.caller, (True, False, False)),
        (stranger, (False, False, False)),
    ):
        page = browser_of(who).get(PAGE)
        assert page.status_code == 200
        text = page.content.decode()
        words = ("Đã dùng 90% hạn mức", "5 lượt lỗi trong 15 phút qua", "3 sự kiện đã thôi gửi lại")
        assert tuple(each in text for each in words) == seen, who.label
    citizen = actor_for_role("clerk", here.owner)
    assert browser_of(citizen).get(PAGE).status_code == 403


def test_the_task_finds_opens_and_counts(here: Watched) -> None:
    here.called(*[(500, 5)] * 25)
    assert watch_over() == (2, 0), "errors, and silence"
    assert watch_over() == (0, 0)
    assert {one.rule for one in Alert.objects.all()} == {"errors", "silent"}
    assert "2 cảnh báo đang mở" in browser_of(here.officer).get("/quan-tri/truc-du-lieu/theo-doi").content.decode()
    assert mail.outbox is not None
