"""Watching the bus: figures equal what was written, percentiles lie where they are said to, and everybody sees their side."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.foundation.actions import Actor
from hienluong.services.bus import usage, watching
from hienluong.services.bus.gateway import accesslog
from hienluong.services.bus.gateway.configuration import ACCESS_LOG
from hienluong.services.bus.models import Latest, Minute, Peak, ServiceAgreement, Usage, Volume
from tests.factories import actor_for_role, make_org
from tests.services.test_wrong_user import browser_of

from .sample import Province, somebody
from .test_usage import line

pytestmark = pytest.mark.django_db
PAGE = "/quan-tri/truc-du-lieu/theo-doi"
START = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)  # 23:00 in Việt Nam: an hour before another day

CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "after": st.integers(0, 7_200_000),
            "r": st.sampled_from(["land|1|a|TTDV-1", "land|1|a|TTDV-2", "land|1|b|TTDV-1", "|0||"]),
            "c": st.sampled_from(["", "one", "two"]),
            "s": st.sampled_from([0, 200, 204, 304, 404, 403, 429, 500, 503]),
            "ms": st.one_of(
                st.integers(0, 12_000), st.sampled_from([*usage.BOUNDS, *[bound + 1 for bound in usage.BOUNDS]])
            ),
            "i": st.integers(0, 10_000),
            "o": st.integers(0, 10_000_000),
        }
    ),
    max_size=40,
)


def written(folder: Path, *lines: str) -> None:
    with (folder / ACCESS_LOG).open("a") as log:
        log.writelines(lines)


@given(calls=CALLS, split=st.integers(0, 40))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_figure_is_what_a_simple_count_of_the_lines_says(
    tmp_path_factory: pytest.TempPathFactory, calls: list[dict[str, Any]], split: int
) -> None:
    for table in (Usage, Minute, Peak, Latest):
        table.objects.all().delete()
    folder = tmp_path_factory.mktemp("gateway")
    told = [{**call, "at": START + timedelta(milliseconds=call["after"])} for call in calls]
    for part in (told[:split], told[split:]):
        written(folder, *(line(one["at"], **{k: one[k] for k in ("r", "c", "s", "ms", "i", "o")}) for one in part))
        usage.take_in(folder)
    days = {timezone.localdate(one["at"]) for one in told}
    found = watching.sums_by_route(START.date(), START.date() + timedelta(days=2)) if days else {}
    for route, sums in found.items():
        own = [one for one in told if route == _route(one)]
        assert (sums.calls, sums.milliseconds) == (len(own), sum(one["ms"] for one in own))
        assert (sums.received, sums.sent) == (sum(one["i"] for one in own), sum(one["o"] for one in own))
        assert sums.refused == sum(one["s"] in (404, 403, 429) for one in own)
        assert sums.limited == sum(one["s"] == 429 for one in own)
        assert sums.errors == sum(one["s"] in (0, 500, 503) for one in own)
        for share, percent in ((0.5, 50), (0.95, 95), (0.99, 99)):
            exact = sorted(one["ms"] for one in own)[ceil(percent * len(own) / 100) - 1]
            place = usage.place_of(sums.latency, share)
            assert place is not None
            assert place == 0 or usage.BOUNDS[place - 1] < exact
            assert place == len(usage.BOUNDS) or exact <= usage.BOUNDS[place]
    assert set(found) == {_route(one) for one in told}
    by_minute = Counter((one["at"].replace(second=0, microsecond=0), *_route(one), one["c"]) for one in told)
    rows = Minute.objects.values_list("at", "operation", "agreement", "client", "calls")
    assert Counter({tuple(row[:4]): row[4] for row in rows}) == by_minute
    busiest: dict[tuple[Any, str], int] = {}
    within: Counter[tuple[Any, ...]] = Counter()
    for (at, _operation, agreement, client), count in by_minute.items():
        within[timezone.localdate(at), agreement, at, client] += count
    for (day, agreement, _at, _client), count in within.items():
        if agreement:
            busiest[day, agreement] = max(busiest.get((day, agreement), 0), count)
    assert {(one.day, one.agreement): one.calls for one in Peak.objects.all()} == busiest
    for one in Latest.objects.all():
        own = [each for each in told if _route(each) == (one.operation, one.agreement)]
        assert one.called_at == max(each["at"] for each in own)
        assert one.answered_at == max((each["at"] for each in own if 200 <= each["s"] < 400), default=None)


def _route(call: dict[str, Any]) -> tuple[str, str]:
    service, major, operation, agreement = call["r"].split("|")
    return (f"{service}/v{major}/{operation}" if service else "", agreement)


def test_minutes_are_forgotten_after_some_hours(tmp_path: Path) -> None:
    now = timezone.now()
    written(tmp_path, line(now), line(now - usage.MINUTES_KEPT - timedelta(minutes=2)))
    usage.take_in(tmp_path)
    assert Minute.objects.count() == 2
    assert usage.forget(now) == 1
    assert Usage.objects.count() == 2


class Watched(Province):
    """One agreement with calls of today, and somebody who watches all of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.agreement: ServiceAgreement = self.agreed(self.version(), per_day=100)
        self.watcher: Actor = actor_for_role("admin", self.province)

    def called(self, count: int = 1, **changes: Any) -> None:
        route = accesslog.route_name("land-prices", 1, "parcel", self.agreement.code)
        given = {"r": route, "c": "he-thong", **changes}
        written(self.folder, *[line(given.pop("at", timezone.now()), **given)] * count)
        usage.take_in(self.folder)


@pytest.fixture
def here(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def text_of(actor: Actor, query: str = "") -> str:
    answer = browser_of(actor).get(PAGE + query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_who_watches_all_sees_pairs_operations_quotas_freshness_and_what_was_turned_away(here: Watched) -> None:
    here.called(47, at=timezone.now().replace(second=0, microsecond=0))
    here.called(10, s=503, ms=300, at=timezone.now() - timedelta(seconds=90))
    here.called(3, s=429, at=timezone.now() - timedelta(minutes=4))
    written(here.folder, line(timezone.now(), r="", s=403, a="TTDV-2026-0999"))
    usage.take_in(here.folder)
    Volume.objects.create(agreement=here.agreement.code, day=timezone.localdate(), records=85)
    page = text_of(here.watcher, "?ky=7-ngay")
    for words in (
        here.owner.name,
        here.consumer.name,
        here.agreement.code,
        "land-prices/v1/parcel",
        "47 trên 60 lượt (78%)",
        "85 trên 100 bản ghi (85%)",
        "Gần hết hạn mức",
        "10 (16,7%)",
        "≤ 500 ms",
        "Trong đó 1 lượt bị chặn",
        "Lượt gọi giữa các cơ quan",
        "<svg",
        "hl-chart__flow--bad",
        "Hệ thống quốc gia",
    ):
        assert words in page, words
    assert "TTDV-2026-0999" not in page


def test_long_numbers_are_grouped_as_the_reader_writes_them(here: Watched) -> None:
    here.called(3, ms=12_000)
    page = text_of(here.watcher)
    for words in ("&gt; 10.000 ms", "500, 1.000, 2.500, 5.000, 10.000 ms"):
        assert words in page, words
    assert "10000" not in page


def test_without_calls_it_says_so_and_what_is_asked_for_wrongly_is_today(here: Watched) -> None:
    for query in ("", "?ky=nam-ngoai", "?ky=%00"):
        page = text_of(here.watcher, query)
        assert "Không có lượt gọi nào trong thời gian này" in page
        assert "Chưa thao tác nào được gọi qua cổng kết nối." in page
        assert "Hôm nay" in page


def test_each_side_sees_its_own_calls_and_a_stranger_none(here: Watched) -> None:
    here.called(5)
    written(here.folder, line(timezone.now(), r="", s=403))
    usage.take_in(here.folder)
    far = make_org(parent=here.province)
    for side in (actor_for_role("head", here.owner), actor_for_role("officer", here.consumer)):
        page = text_of(side)
        assert here.agreement.code in page
        assert "bị chặn trước khi biết" not in page
        assert "Hệ thống quốc gia" not in page.split("<h1")[1]
    page = text_of(actor_for_role("head", far))
    assert here.agreement.code not in page
    assert "land-prices" not in page
    assert "Không có lượt gọi nào" in page
    nobody = somebody(far)
    assert not watching.scope_of(nobody).holds(next(iter(watching.terms_of([here.agreement.code]).values())))
    assert watching.picture(watching.scope_of(nobody), timezone.localdate(), timezone.localdate()).total.calls == 0


def test_a_watcher_of_one_department_sees_no_more_than_that(here: Watched) -> None:
    here.called(5)
    other = make_org(parent=here.province)
    within = watching.scope_of(somebody(here.consumer, "monitor"))
    assert (within.whole, len(watching.picture(within, timezone.localdate(), timezone.localdate()).pairs)) == (False, 1)
    outside = watching.scope_of(somebody(other, "monitor"))
    assert watching.picture(outside, timezone.localdate(), timezone.localdate()).pairs == []
    assert watching.scope_of(somebody(here.province, "monitor")).whole


def test_a_figure_costs_no_query_of_its_own(here: Watched, django_assert_max_num_queries: Any) -> None:
    here.called(5)
    version = here.agreement.version
    for _turn in range(6):
        more = here.agreed(version, fields={"parcel": ["code"], "health": []})
        route = accesslog.route_name("land-prices", 1, "health", more.code)
        written(here.folder, line(timezone.now(), r=route, c="x"))
    usage.take_in(here.folder)
    browser = browser_of(here.watcher)
    browser.get(PAGE)
    with django_assert_max_num_queries(32):
        assert browser.get(f"{PAGE}?ky=30-ngay").content.decode().count("TTDV-") >= 7


def test_nothing_of_a_call_but_counts_is_drawn(here: Watched) -> None:
    here.called(1, c="he-thong-bi-mat", p=json.dumps("mục đích"), ip="203.0.113.9")
    page = text_of(here.watcher)
    for words in ("he-thong-bi-mat", "mục đích", "203.0.113.9"):
        assert words not in page
