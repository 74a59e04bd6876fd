"""Papers are drawn one after another: the library that lays text out is not safe in two threads."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import weasyprint

from hienluong.capabilities.signing.papers import render_pdf


def test_two_threads_never_draw_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most = 0, 0
    drawn = weasyprint.HTML.write_pdf

    def write_pdf(self: weasyprint.HTML, *args: Any, **kwargs: Any) -> Any:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.05)
        try:
            return drawn(self, *args, **kwargs)
        finally:
            inside -= 1

    monkeypatch.setattr(weasyprint.HTML, "write_pdf", write_pdf)
    made: list[bytes] = []
    context = {"paper": None, "context": {}, "content": {}}

    def draw() -> None:
        made.append(render_pdf("signing/papers/base.html", context, title="Giấy thử"))

    threads = [threading.Thread(target=draw) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert [content[:5] for content in made] == [b"%PDF-"] * 3
