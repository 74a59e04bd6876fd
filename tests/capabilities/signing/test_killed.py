"""A worker is killed with SIGKILL while it signs: the next one takes up what was written, and each file has one signature."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from hienluong.capabilities.signing import requests, working
from hienluong.capabilities.signing.models import Look
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.events.models import Event
from tests.capabilities.signing.asking import ask, content, make_signer
from tests.factories import make_roles

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def _killed(batch_id: UUID, where: str, turn: int) -> int:
    """Carry a batch on in a process that kills itself when it comes to `where` for the so-manieth time; how it ended."""
    connection.close()  # each process has a connection of its own
    child = os.fork()
    if child == 0:
        inner: Callable[..., Any] = getattr(working, where)
        calls = [0]

        def deadly(*args: Any, **more: Any) -> Any:
            calls[0] += 1
            if calls[0] == turn:
                os.kill(os.getpid(), signal.SIGKILL)
            return inner(*args, **more)

        setattr(working, where, deadly)
        try:
            working.carry_on(batch_id)
        finally:
            os._exit(3)
    return os.waitpid(child, 0)[1]


@pytest.mark.parametrize(("where", "turn"), [("_store", 1), ("_store", 2), ("finish_mark", 2), ("_close", 1)])
def test_after_a_kill_each_file_is_signed_once(where: str, turn: int) -> None:
    make_roles()
    official, leader = make_signer()
    asked = [ask(requests.Mark(official, "ChuKy", Look.NONE), subject_ref=f"v:{number}") for number in range(3)]
    batch = requests.sign(leader, request_ids=[each.pk for each in asked]).batches[0]
    status = _killed(batch.pk, where, turn)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
    working.carry_on(batch.pk)  # the lock went with the connection of the one that was killed
    batch.refresh_from_db()
    assert batch.state == "done"
    for request in asked:
        request.refresh_from_db()
        assert request.state == "completed"
        assert len(verify_pdf(content(request.file_id)).signatures) == 1
        told = Event.objects.filter(subject=request.subject_ref).order_by("pk").values_list("type", flat=True)
        assert list(told) == ["signature.made", "signature.completed"]
