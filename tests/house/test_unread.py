"""A request is read to its end before its answer goes out, so the answer arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.house.unread import read_to_the_end

MOST = 300_000


def answered(body: BytesIO, *, reads: int = 0, expect: str = "") -> bytes:
    """The answer to a body, of which the application reads so many bytes."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("403 Forbidden", [])
        return [environ["wsgi.input"].read(reads)]

    said: list[str] = []
    environ = {"wsgi.input": body, **({"HTTP_EXPECT": expect} if expect else {})}
    answer = b"".join(read_to_the_end(application, MOST)(environ, lambda status, _headers: said.append(status)))
    assert said == ["403 Forbidden"]
    return answer


@given(st.integers(0, MOST), st.integers(0, MOST))
def test_nothing_is_left_and_what_was_read_is_read_once(length: int, reads: int) -> None:
    body = BytesIO(b"a" * length)
    assert len(answered(body, reads=reads)) == min(length, reads)
    assert body.tell() == length


def test_what_is_too_large_is_not_read_without_end() -> None:
    body = BytesIO(b"a" * (5 * MOST))
    answered(body)
    assert MOST <= body.tell() < MOST + 65_536


@pytest.mark.parametrize("expect", ["100-continue", "100-Continue"])
def test_who_asks_whether_to_send_is_not_told_to(expect: str) -> None:
    body = BytesIO(b"a" * 1000)
    answered(body, expect=expect)
    assert body.tell() == 0
