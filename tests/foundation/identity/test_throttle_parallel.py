"""Many tries at once must not slip past the limit together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from hienluong.foundation.identity import throttle

AT_ONCE = 24


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_never_pass_more_than_the_limit() -> None:
    together = Barrier(AT_ONCE)

    def guess(_number: int) -> bool:
        together.wait(timeout=30)
        try:
            return isinstance(throttle.admit("lan", "203.0.113.9"), throttle.Admitted)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        admitted = sum(pool.map(guess, range(AT_ONCE)))
    assert admitted <= throttle.TRIES_PER_PAIR
