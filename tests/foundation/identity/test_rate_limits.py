"""Windows of rate limits are counted together and forgotten when they have ended."""

from __future__ import annotations

import pytest
from django.db import connection

from hienluong.foundation.identity.limits import too_many
from hienluong.foundation.identity.tasks import forget_rate_windows

pytestmark = pytest.mark.django_db


def windows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_ratewindow")
        return int(cursor.fetchone()[0])


def test_the_limit_holds_within_a_window() -> None:
    assert [too_many("track", "1.2.3.4", limit=2, seconds=600) for _ in range(3)] == [False, False, True]
    assert not too_many("track", "1.2.3.5", limit=2, seconds=600)


def test_ended_windows_are_forgotten_every_hour_and_open_ones_are_not() -> None:
    for n in range(5):
        too_many("track", f"10.0.0.{n}", limit=2, seconds=600)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_ratewindow SET ends_at = now() - interval '1 second'")
    too_many("track", "10.0.0.99", limit=2, seconds=600)
    forget_rate_windows(timestamp=0)
    assert windows() == 1
