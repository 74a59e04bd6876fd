"""The IT officer sees what failed, why, and can try it again or let it go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, NotFound, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event, Handover
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.notifications.models import Delivery
from hienluong.foundation.notifications.tasks import deliver
from hienluong.house.failures import actions
from hienluong.house.failures.counts import count
from hienluong.services.streams.models import Undelivered
from tests.factories import actor_for_role, make_account, make_org
from tests.services.streams.sample import Office

pytestmark = pytest.mark.django_db
ADDRESS = "/quan-tri/viec-hong"


@pytest.fixture
def officer() -> Actor:
    return actor_for_role("admin", make_org(kind="province"))


@pytest.fixture
def browser(officer: Actor) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=officer.account_id))
    return client


def dead_event(number: int = 1) -> Handover:
    event = Event.objects.create(type="dossier.received", subject=f"dossiers.dossier:{number}")
    now = timezone.now()
    return Handover.objects.create(
        event=event,
        subscriber="noi.nao.do",
        subject=event.subject,
        attempts=12,
        next_try_at=now,
        failed_at=now,
        given_up_at=now,
        last_error="RuntimeError: <b>hỏng</b>",
    )


def failed_delivery(number: int = 1) -> Delivery:
    account = make_account()
    account.email = "a@vidu.example"
    account.save()
    notify(system("thử"), account=account, key=str(number), kind="thu", title="Cần bổ sung")
    delivery = Delivery.objects.get(notification__account=account)
    delivery.state, delivery.attempts, delivery.error = Delivery.State.FAILED, 8, "ConnectionRefusedError"
    delivery.save()
    return delivery


def failed_job() -> int:
    job = deliver.defer(delivery_id=10**9)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed', attempts = 3 WHERE id = %s", [job])
    return int(job)


def test_all_that_failed_is_on_one_page_with_its_reason(browser: Client) -> None:
    dead_event()
    failed_delivery()
    failed_job()
    page = browser.get(ADDRESS).content.decode()
    assert "RuntimeError: &lt;b&gt;hỏng&lt;/b&gt;" in page
    assert "ConnectionRefusedError" in page
    assert "notifications.deliver" in page


def test_the_page_costs_the_same_however_much_failed(
    browser: Client, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(3):
        dead_event(number)
        failed_delivery(number)
    browser.get(ADDRESS)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        browser.get(ADDRESS)
    for number in range(10, 20):
        dead_event(number)
        failed_delivery(number)
        failed_job()
    with CaptureQueriesContext(connection) as many:
        browser.get(ADDRESS)
    assert len(many) <= len(few) + 1  # the failed jobs, none before


def test_only_an_it_officer_of_the_province_may(officer: Actor) -> None:
    handover = dead_event()
    for other in (actor_for_role("clerk", make_org(code="H50.01")), actor_for_role("admin", make_org(code="H50.02"))):
        for act in (
            lambda who: actions.retry_event(who, handover_id=handover.pk),
            lambda who: actions.drop_event(who, handover_id=handover.pk, reason="x"),
            lambda who: actions.retry_job(who, job_id=1),
        ):
            with pytest.raises(NotAllowed):
                act(other)
    client = Client()
    assert client.get(ADDRESS).status_code == 302
    client.force_login(make_account())
    assert client.get(ADDRESS).status_code == 403


def test_an_event_is_tried_again_by_hand(browser: Client) -> None:
    handover = dead_event()
    answer = browser.post(ADDRESS, {"loai": "su-kien", "ma": handover.pk, "viec": "thu-lai"})
    assert answer.status_code == 302
    handover.refresh_from_db()
    assert handover.given_up_at is None
    entry = Entry.objects.get(verb="house.retry_event")
    assert entry.before["event"] == "dossier.received"


def test_an_event_is_let_go_only_with_a_reason(browser: Client, officer: Actor) -> None:
    handover = dead_event()
    asked = {"loai": "su-kien", "ma": handover.pk, "viec": "bo-qua"}
    answer = browser.post(ADDRESS, {**asked, "ly_do": "  "})
    assert answer.status_code == 422
    assert "Hãy ghi lý do bỏ qua" in answer.content.decode()
    with pytest.raises(InvalidInput):
        actions.drop_event(officer, handover_id=handover.pk, reason="\0")
    assert Handover.objects.filter(pk=handover.pk).exists()
    browser.post(ADDRESS, {**asked, "ly_do": "Hồ sơ thử, đã báo đơn vị"})
    assert not Handover.objects.filter(pk=handover.pk).exists()
    assert Entry.objects.get(verb="house.drop_event").note == "Hồ sơ thử, đã báo đơn vị"
    with pytest.raises(NotFound):
        actions.retry_event(officer, handover_id=handover.pk)


def test_a_job_and_a_message_are_tried_again(browser: Client) -> None:
    delivery, job = failed_delivery(), failed_job()
    browser.post(ADDRESS, {"loai": "tin", "ma": delivery.pk, "viec": "thu-lai"})
    browser.post(ADDRESS, {"loai": "viec-nen", "ma": job, "viec": "thu-lai"})
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.WAITING
    assert ProcrastinateJob.objects.get(pk=job).status == "todo"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"loai": "su-kien", "ma": "1", "viec": "xoa"},
        {"loai": "su-kien", "ma": "9" * 40, "viec": "thu-lai"},
        {"loai": "tin", "ma": "-1", "viec": "thu-lai"},
        {"loai": "viec-nen", "ma": "x", "viec": "thu-lai"},
    ],
)
def test_odd_requests_are_told_so(browser: Client, asked: dict[str, str]) -> None:
    assert browser.post(ADDRESS, asked).status_code == 422


def test_what_failed_is_counted_without_django() -> None:
    from django.db import connection

    connection.ensure_connection()
    before = count(connection.connection)
    dead_event()
    failed_delivery()
    failed_job()
    Undelivered.objects.create(
        subscription=Office().ask(),
        sequence=1,
        key="a",
        event={},
        next_try_at=timezone.now(),
        given_up_at=timezone.now(),
    )
    found = count(connection.connection)
    assert before is not None
    assert found is not None
    assert found.events_given_up == before.events_given_up + 1
    assert found.deliveries_failed == before.deliveries_failed + 1
    assert found.jobs_failed == before.jobs_failed + 1
    assert found.webhooks_given_up == before.webhooks_given_up + 1
    assert found.for_a_person == before.for_a_person + 4
    assert (found.events_late, found.jobs_late) == (before.events_late, before.jobs_late)
