"""`/metrics`: opens to its token alone, says what the tables say, in few queries, and nothing of any person."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from hienluong.foundation.actions import Actor
from hienluong.foundation.events.models import Event, Handover
from hienluong.foundation.identity.models import Account
from hienluong.house import environment, runlog
from hienluong.house.metrics import bus, exposition
from hienluong.house.state import StateFolder
from hienluong.services.adapters.models import Call, Pending, System
from hienluong.services.bus import usage
from hienluong.services.bus.gateway import accesslog
from hienluong.services.bus.gateway.configuration import ACCESS_LOG
from hienluong.services.bus.models import Alert, Usage, Volume
from hienluong.services.streams.models import Subscription, Undelivered
from tests.factories import TESTER, actor_for_role, make_citizen
from tests.services.bus.gateway.conftest import _one_gateway, gateway  # noqa: F401  (fixtures of a real gateway)
from tests.services.bus.gateway.running import Running
from tests.services.bus.sample import Province
from tests.services.bus.test_usage import line

pytestmark = pytest.mark.django_db
TOKEN = "mot-ma-du-dai-cua-may-giam-sat"
Figures = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """A state folder without anything, and a token."""
    settings.METRICS_TOKEN = TOKEN
    settings.STATE = StateFolder(tmp_path)
    settings.GATEWAY_FOLDER = tmp_path / "gateway"
    settings.GATEWAY_FOLDER.mkdir()
    return tmp_path


def asked(token: str = f"Bearer {TOKEN}", address: str = "127.0.0.1", **headers: str) -> Any:
    return Client(REMOTE_ADDR=address).get("/metrics", headers={"authorization": token, **headers})


def figures() -> Figures:
    """What Prometheus would keep of it, by name and labels."""
    answer = asked()
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def of(found: Figures, name: str, **labels: str) -> float | None:
    return found.get((name, tuple(sorted(labels.items()))))


PARCEL = {"service": "land-prices", "version": "1", "operation": "parcel"}


class Called(Province):
    """An agreement of 60 calls a minute and 100 records a day under which calls are made."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.agreement = self.agreed(self.version(), per_day=100)

    def call(self, count: int = 1, **changes: Any) -> None:
        at = changes.pop("at", timezone.now())
        given = {"r": accesslog.route_name("land-prices", 1, "parcel", self.agreement.code), "c": "may-1", **changes}
        with (self.folder / ACCESS_LOG).open("a") as log:
            log.writelines([line(at, **given)] * count)


@pytest.fixture
def here(folder: Path) -> Called:
    return Called(folder / "gateway")


def test_without_its_token_nobody_sees_anything_and_without_a_token_set_nobody_at_all(
    folder: Path, settings: Any
) -> None:
    assert asked().status_code == 200
    for wrong in ("", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer " + "é" * 30):
        answer = asked(wrong)
        assert (answer.status_code, answer.content) == (401, b"a token is needed\n"), wrong
        assert answer["WWW-Authenticate"].startswith("Bearer")
    client = Client()
    client.force_login(Account.objects.get(pk=_admin().account_id))
    assert client.get("/metrics").status_code == 401, "who may do everything may not do this"
    assert client.post("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).status_code == 405
    settings.METRICS_TOKEN = ""
    for nothing in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert asked(nothing).status_code == 401


def _admin() -> Actor:
    return actor_for_role("admin", Province().province)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("10.1.2.3", 200),
        ("::1", 200),
        ("::ffff:192.168.7.7", 200),
        ("203.0.113.9", 401),
        ("", 401),
        ("2001:db8::1", 401),
    ],
)
def test_from_a_public_address_the_token_does_not_help(folder: Path, address: str, status: int) -> None:
    assert asked(address=address).status_code == status


def test_a_token_that_could_be_guessed_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for wrong in ("ngan", "x" * 23, "có dấu cách và chữ có dấu nữa"):
        monkeypatch.setenv("HIENLUONG_METRICS_TOKEN", wrong)
        with pytest.raises(environment.BadSetting, match="HIENLUONG_METRICS_TOKEN"):
            environment.long_secret("HIENLUONG_METRICS_TOKEN")
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("HIENLUONG_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    assert environment.long_secret("HIENLUONG_METRICS_TOKEN") == TOKEN


def test_calls_are_told_by_what_became_of_them_and_how_long_they_took(here: Called) -> None:
    here.call(5, ms=3)
    here.call(2, ms=260, s=503)
    here.call(1, s=429, ms=0)
    here.call(1, s=404, ms=20_000)
    here.call(1, r="", s=401, ms=0)
    before = figures()
    assert of(before, "hienluong_bus_log_unread_bytes") == (here.folder / ACCESS_LOG).stat().st_size
    usage.take_in(here.folder)
    found = figures()
    assert of(found, "hienluong_bus_log_unread_bytes") == 0
    who = {**PARCEL, "consumer": here.consumer.code}
    for outcome, count in (("answered", 5), ("failed", 2), ("over_quota", 1), ("refused", 1)):
        assert of(found, "hienluong_bus_calls_total", **who, outcome=outcome) == count
    nobody = {"service": "", "version": "", "operation": "", "consumer": ""}
    assert of(found, "hienluong_bus_calls_total", **nobody, outcome="refused") == 1
    name = "hienluong_bus_call_duration_seconds"
    up_to = {le: of(found, f"{name}_bucket", **PARCEL, le=le) for le in ("0.005", "0.25", "0.5", "10.0", "+Inf")}
    assert up_to == {"0.005": 6, "0.25": 6, "0.5": 8, "10.0": 8, "+Inf": 9}
    assert of(found, f"{name}_count", **PARCEL) == 9
    assert of(found, f"{name}_sum", **PARCEL) == pytest.approx((5 * 3 + 2 * 260 + 20_000) / 1000)
    assert of(found, "hienluong_bus_sent_bytes_total", **PARCEL) == 900


def test_counters_begin_anew_at_midnight_and_say_nought_before_the_first_call(here: Called) -> None:
    now = timezone.now()
    here.call(3, at=now - timedelta(days=1))
    here.call(7, at=now - timedelta(days=2))
    usage.take_in(here.folder)
    who = {**PARCEL, "consumer": here.consumer.code, "outcome": "answered"}
    assert of(figures(), "hienluong_bus_calls_total", **who) == 0
    here.call(2)
    usage.take_in(here.folder)
    assert of(figures(), "hienluong_bus_calls_total", **who) == 2
    Usage.objects.filter(day__gte=timezone.localdate(now) - timedelta(days=1)).delete()
    assert of(figures(), "hienluong_bus_calls_total", **who) is None


def test_quotas_freshness_and_alerts_are_told(here: Called) -> None:
    minute = timezone.now().replace(second=0, microsecond=0)
    here.call(30, at=minute)
    here.call(15, at=minute, c="may-2")
    here.call(1, at=minute + timedelta(seconds=1), s=503)
    usage.take_in(here.folder)
    Volume.objects.create(agreement=here.agreement.code, day=timezone.localdate(), records=85)
    opened = timezone.now() - timedelta(minutes=3)
    told = {"details": {}, "opened_at": opened, "seen_at": opened}
    Alert.objects.create(rule="silent", subject="land-prices/v1/parcel", **told)
    Alert.objects.create(rule="silent", subject="land-prices/v1/health", **told)
    Alert.objects.create(rule="slow", subject="land-prices/v1/health", closed_at=opened, **told)
    found = figures()
    about = {"agreement": here.agreement.code, "provider": here.owner.code, "consumer": here.consumer.code}
    quota = "hienluong_bus_quota_used_ratio"
    assert of(found, quota, **about, quota="calls_per_minute") == pytest.approx(31 / 60)
    assert of(found, quota, **about, quota="records_per_day") == pytest.approx(0.85)
    assert of(found, "hienluong_bus_last_call_timestamp_seconds", **PARCEL) == pytest.approx(minute.timestamp() + 1)
    assert of(found, "hienluong_bus_last_success_timestamp_seconds", **PARCEL) == pytest.approx(minute.timestamp())
    assert of(found, "hienluong_bus_alerts_open", rule="silent") == 2
    assert of(found, "hienluong_bus_alerts_open", rule="slow") == 0
    since = of(found, "hienluong_bus_alert_opened_timestamp_seconds", rule="silent", subject="land-prices/v1/parcel")
    assert since == pytest.approx(opened.timestamp())


def test_what_waits_and_what_was_given_up_is_told(here: Called, settings: Any) -> None:
    settings.ADAPTERS = {"population": object()}
    long_ago = timezone.now() - timedelta(minutes=5)
    Event.objects.update(dispatched_at=long_ago, leaving=False)
    event = Event.objects.create(type="x", subject="y", leaving=True)
    Event.objects.filter(pk=event.pk).update(occurred_at=long_ago)
    Handover.objects.create(event=event, subscriber="a", subject="y", next_try_at=long_ago, given_up_at=long_ago)
    one = Subscription.objects.create(
        code="DKSK-2026-0001",
        consumer=here.consumer,
        system=here.system,
        types=["x"],
        way="webhook",
        url="https://nhan.example.vn/",
        purpose="p",
        legal_ground="l",
        valid=(timezone.localdate(), timezone.localdate() + timedelta(days=9)),
        state="approved",
    )
    for sequence, given_up in ((1, None), (2, None), (3, long_ago)):
        Undelivered.objects.create(
            subscription=one, sequence=sequence, key="k", event={}, next_try_at=long_ago, given_up_at=given_up
        )
    System.objects.create(code="population", failures=4, opened_until=long_ago, last_ms=1500)
    for number, about in enumerate(("dossier:H50.1", "dossier:H50.1", "dossier:H50.2", "charge:1")):
        given = {"system": "population", "operation": f"o{number}", "number": str(number), "purpose": "p"}
        Pending.objects.create(**given, about=about, taker="t", next_try_at=long_ago)
    Call.objects.create(
        system="population", operation="person", number="1", outcome="slow", purpose="p", actor_label="Trần Văn Ai"
    )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")  # left by tests that commit
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('papers', 't', 'failed'),"
            " ('papers', 't', 'todo') RETURNING id"
        )
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '90 seconds' WHERE type = 'deferred'")
    found = figures()
    assert of(found, "hienluong_events_waiting", to="house") == 1
    assert of(found, "hienluong_events_waiting", to="outside") == 1
    assert of(found, "hienluong_events_oldest_waiting_seconds", to="outside") == pytest.approx(300, abs=20)
    assert of(found, "hienluong_event_handovers", state="given_up") == 1
    assert of(found, "hienluong_event_handovers", state="waiting") == 0
    about = {"subscription": one.code, "consumer": here.consumer.code, "way": "webhook"}
    assert of(found, "hienluong_subscription_undelivered", **about, state="waiting") == 2
    assert of(found, "hienluong_subscription_undelivered", **about, state="given_up") == 1
    assert of(found, "hienluong_dossiers_waiting", system="ministries") == 2
    assert of(found, "hienluong_dossiers_waiting", system="portal") == 0
    assert of(found, "hienluong_system_up", system="population") == 0
    assert of(found, "hienluong_system_failures", system="population") == 4
    assert of(found, "hienluong_system_last_answer_seconds", system="population") == 1.5
    assert of(found, "hienluong_system_questions", system="population", state="waiting") == 4
    assert of(found, "hienluong_system_calls_total", system="population", outcome="slow") == 1
    assert of(found, "hienluong_system_calls_total", system="population", outcome="ok") == 0
    assert of(found, "hienluong_jobs", queue="papers", state="failed") == 1
    assert of(found, "hienluong_jobs", queue="papers", state="todo") == 1
    assert of(found, "hienluong_jobs_oldest_waiting_seconds") == pytest.approx(90, abs=20)
    assert of(found, "hienluong_exchange_packages", direction="out", state="failed") == 0
    assert of(found, "hienluong_workers") == 0


def test_the_machine_is_told(folder: Path) -> None:
    (folder / "run").mkdir()
    gone = runlog.Note("worker", 2**22, 1.0, "SIGTERM", 3)
    runlog.write(folder, "http://x", [runlog.Note.of("web", os.getpid(), "SIGTERM", 0), gone])
    found = figures()
    assert of(found, "hienluong_child_up", child="web") == 1
    assert of(found, "hienluong_child_up", child="worker") == 0
    assert of(found, "hienluong_child_restarts", child="worker") == 3
    assert of(found, "hienluong_gateway_up") is None, "none runs here"
    size = of(found, "hienluong_database_size_bytes")
    assert size
    assert size > 1_000_000
    free, whole = of(found, "hienluong_disk_free_bytes"), of(found, "hienluong_disk_size_bytes")
    assert free is not None
    assert whole is not None
    assert 0 <= free <= whole
    assert [dict(labels)["version"] for (name, labels) in found if name == "hienluong_info"] == ["0.1.0"]


def test_the_gateway_says_a_few_things_of_itself_and_none_of_anybody(
    folder: Path,
    settings: Any,
    gateway: Running,  # noqa: F811
) -> None:
    settings.GATEWAY_FOLDER = gateway.folder
    gateway.publish()
    taken = of(figures(), "hienluong_gateway_requests_taken_total", listener="lgsp") or 0
    gateway.call(path="/lgsp/dan-cu/v1/nguoi/045190000001?ten=Lan")
    found = figures()
    assert of(found, "hienluong_gateway_up") == 1
    assert of(found, "hienluong_gateway_requests_taken_total", listener="lgsp") == taken + 1
    assert (of(found, "hienluong_gateway_routes_taken_total") or 0) >= 1
    assert of(found, "hienluong_gateway_routes_rejected_total") == 0
    assert (of(found, "hienluong_gateway_memory_bytes") or 0) > 1_000_000
    settings.GATEWAY_FOLDER = folder / "gateway"
    (folder / "gateway" / "bootstrap.json").write_text("{}")
    assert of(figures(), "hienluong_gateway_up") == 0


def test_it_takes_as_many_queries_however_much_there_is(here: Called) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            exposition.made("", timezone.now())
        return len([each for each in seen if "SAVEPOINT" not in each["sql"]])

    here.call()
    usage.take_in(here.folder)
    few = queries()
    version = here.agreement.version
    for place in range(12):
        more = here.agreed(version, fields={"parcel": ["code"], "health": []})
        route = accesslog.route_name("land-prices", 1, "health", more.code)
        here.call(r=route, c=f"may-{place}")
        System.objects.create(code=f"s{place}")
        Alert.objects.create(
            rule="slow", subject=f"o{place}", details={}, opened_at=timezone.now(), seen_at=timezone.now()
        )
    usage.take_in(here.folder)
    assert queries() == few
    assert few <= 20


def test_nothing_of_a_person_or_a_system_of_theirs_is_in_it(here: Called) -> None:
    citizen = make_citizen()
    here.call(3, c="he-thong-bi-mat", p="muc dich rieng", ip="203.0.113.77")
    here.call(1, r="", s=403, a="TTDV-2026-0999")
    usage.take_in(here.folder)
    text = asked().content.decode()
    people = (
        citizen.name,
        citizen.identifier,
        "Trần Bình",
        "binh@example",
        "Lê An",
        here.system.client.name,
        TESTER.label,
    )
    for words in ("he-thong-bi-mat", "muc dich", "203.0.113.77", "TTDV-2026-0999", *people):
        assert words not in text, words
    labels = {name for family in text_string_to_metric_families(text) for one in family.samples for name in one.labels}
    assert labels <= set(
        "service version operation consumer provider outcome le agreement quota rule subject queue state to system"
        " direction subscription way child listener python postgresql".split()
    )


def test_whoever_asks_for_openmetrics_gets_it_whole(here: Called) -> None:
    here.call()
    usage.take_in(here.folder)
    answer = asked(accept="application/openmetrics-text; version=1.0.0")
    assert answer["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    text = answer.content.decode()
    assert text.endswith("# EOF\n")
    found = {family.name for family in openmetrics.text_string_to_metric_families(text)}
    assert {"hienluong_bus_calls", "hienluong_bus_call_duration_seconds", "hienluong_jobs"} <= found
    assert answer["Cache-Control"] == "no-store"


def test_while_the_database_is_away_it_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_told: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(exposition, "made", away)
    answer = asked()
    assert (answer.status_code, answer["Content-Type"]) == (503, "text/plain; charset=utf-8")


def test_an_operation_is_told_in_parts() -> None:
    assert bus.parts_of("registers.thu.giay-phep/v2/by-key") == ("registers.thu.giay-phep", "2", "by-key")
    assert bus.parts_of("land-prices/v1/a/v2/b") == ("land-prices", "1", "a/v2/b")
    assert bus.parts_of("") == ("", "", "")
