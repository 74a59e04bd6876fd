"""Numbers without gaps: in turn, under threads, and across rollbacks."""

from __future__ import annotations

import random
import threading
import time

import pytest
from django.db import connection, transaction

from hienluong.foundation.numbering import current, next_number, take

pytestmark = pytest.mark.django_db(transaction=True)


@transaction.atomic
def _take_and_fail(series: str) -> None:
    assert next_number(series) == 2
    raise ZeroDivisionError


def test_starts_at_one_and_each_series_counts_for_itself() -> None:
    assert current("a") == 0
    with transaction.atomic():
        assert [next_number("a"), next_number("a"), next_number("b")] == [1, 2, 1]
    assert (current("a"), current("b")) == (2, 1)


def test_many_are_taken_at_once() -> None:
    with transaction.atomic():
        assert [next_number("a"), *take("a", 3), next_number("a")] == [1, 2, 3, 4, 5]
    assert current("a") == 5


def test_refuses_to_run_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError):
        next_number("a")
    assert current("a") == 0


def test_a_rollback_gives_the_number_back() -> None:
    with transaction.atomic():
        next_number("a")
    with pytest.raises(ZeroDivisionError):
        _take_and_fail("a")
    with transaction.atomic():
        assert next_number("a") == 2


def test_a_rolled_back_savepoint_gives_the_number_back() -> None:
    with transaction.atomic():
        next_number("a")
        with pytest.raises(ZeroDivisionError):
            _take_and_fail("a")
        assert next_number("a") == 2


def test_no_gap_and_no_double_under_threads_that_sometimes_roll_back() -> None:
    kept: list[int] = []
    lock = threading.Lock()

    def work(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _turn in range(15):
                try:
                    with transaction.atomic():
                        number = next_number("busy")
                        time.sleep(chance.random() / 500)
                        if chance.random() < 0.3:
                            raise ZeroDivisionError
                except ZeroDivisionError:
                    continue
                with lock:
                    kept.append(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(kept) > 20
    assert sorted(kept) == list(range(1, len(kept) + 1))
    assert current("busy") == len(kept)
