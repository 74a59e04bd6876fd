"""The access log of the gateway becomes figures: each line once, whatever happens between."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.services.bus import usage
from hienluong.services.bus.gateway import accesslog
from hienluong.services.bus.gateway.configuration import ACCESS_LOG
from hienluong.services.bus.models import IntakeMark, Usage
from tests.factories import actor_for_role
from tests.services.test_wrong_user import browser_of

from .sample import Province

pytestmark = pytest.mark.django_db
ROUTE = accesslog.route_name("land-prices", 1, "parcel", "TTDV-2026-0001")
#: 23:30 in Việt Nam on the last day of a month.
LATE = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)


def line(at: datetime = LATE, **changes: Any) -> str:
    given = {"t": f"{at.timestamp():.3f}", "r": ROUTE, "s": 200, "ms": 12, "i": 10, "o": 100, **changes}
    return json.dumps(given) + "\n"


def figures() -> list[tuple[Any, ...]]:
    found = Usage.objects.order_by("day", "hour", "agreement")
    return [(str(one.day), one.hour, one.operation, one.agreement, one.calls, one.refused, one.errors) for one in found]


def test_calls_are_counted_by_the_hour_of_viet_nam_operation_and_agreement(tmp_path: Path) -> None:
    log = tmp_path / ACCESS_LOG
    refused = {"r": "", "s": 403, "ms": 0, "a": "TTDV-2026-0009"}
    gone = {"s": 0, "ms": 60_000}
    log.write_text(line() + line(s=429, ms=3) + line(**gone) + line(**refused) + "cut off {\n")
    assert usage.take_in(tmp_path) == 4
    assert figures() == [
        ("2026-11-30", 23, "", "", 1, 1, 0),
        ("2026-11-30", 23, "land-prices/v1/parcel", "TTDV-2026-0001", 3, 1, 1),
    ]
    one = Usage.objects.get(agreement="TTDV-2026-0001")
    assert (one.latency, one.received, one.sent) == ([1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1], 30, 300)


def test_each_line_counts_once_though_a_line_is_half_written_and_the_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / ACCESS_LOG
    whole = line()
    log.write_text(whole + whole[:20])
    assert usage.take_in(tmp_path) == 1
    assert usage.take_in(tmp_path) == 0
    with log.open("a") as file:
        file.write(whole[20:])
    log.rename(tmp_path / "access-20261130.jsonl")
    log.write_text(whole * 3)
    assert usage.take_in(tmp_path, at_once=len(whole) + 5) == 4
    assert usage.take_in(tmp_path) == 0
    assert [row[4] for row in figures()] == [5]


def test_a_fault_between_takes_nothing_and_moves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ACCESS_LOG).write_text(line())

    def fails(_counts: Any) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(usage, "_add", fails)
        with pytest.raises(OSError, match="disk full"):
            usage.take_in(tmp_path)
    assert usage.take_in(tmp_path) == 1
    assert [row[4] for row in figures()] == [1]


def test_a_large_log_is_put_aside_and_the_oldest_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "LARGE", 10)
    monkeypatch.setattr(usage, "KEPT", 2)
    for _turn in range(4):
        (tmp_path / ACCESS_LOG).write_text(line())
        assert usage.take_in(tmp_path) == 1, "also while the gateway does not run"
    assert len(list(tmp_path.glob("access-*.jsonl"))) == 2
    assert not (tmp_path / ACCESS_LOG).exists()
    assert IntakeMark.objects.count() == 2
    assert [row[4] for row in figures()] == [4]
    assert usage.take_in(tmp_path / "never") == 0


def test_how_long_most_answers_took() -> None:
    assert usage.share_within([0] * 12, 0.95) == ""
    assert usage.share_within([95, 5, *[0] * 10], 0.95) == "≤ 5 ms"
    assert usage.share_within([94, 0, 6, *[0] * 9], 0.95) == "≤ 25 ms"
    assert usage.share_within([*[0] * 11, 1], 0.95) == "> 10000 ms"


def test_both_sides_see_the_use_of_an_agreement(tmp_path: Path, django_assert_max_num_queries: Any) -> None:
    here = Province()
    agreement = here.agreed(here.version())
    page = f"/quan-tri/truc-du-lieu/thoa-thuan/{agreement.code}"
    head: Actor = actor_for_role("head", here.owner)
    assert "Chưa có lượt gọi nào." in browser_of(head).get(page).content.decode()
    route = accesslog.route_name("land-prices", 1, "parcel", agreement.code)
    (tmp_path / ACCESS_LOG).write_text(line(timezone.now(), r=route) * 1234 + line(timezone.now(), r=route, s=502))
    usage.take_in(tmp_path)
    for who in (head, actor_for_role("officer", here.consumer)):
        browser = browser_of(who)
        browser.get(page)
        with django_assert_max_num_queries(15):
            text = browser.get(page).content.decode()
        assert "1.235" in text
        assert "≤ 25 ms" in text
