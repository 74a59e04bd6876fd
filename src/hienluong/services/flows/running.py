"""The worker of composed services: a thread of ``django work`` that brings every run on. One worker of all does it; another
takes over when that one ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from hienluong.foundation.actions import DomainError
from hienluong.foundation.sso import inside
from hienluong.foundation.sso.models import System

from . import calling, engine
from .calling import Asked, Line, Outcome
from .engine import Work
from .models import Run
from .waking import CHANNEL

#: Runs that go on at once, and calls of all of them together.
RUNS, CALLS = 4, 16
#: Seconds between looks when nobody says that something happened, and while runs wait for a free place.
SWEEP, CROWDED = 2.0, 0.05
#: Seconds to wait before beginning again after something failed; and before a run is looked at again that failed by a fault
#: of ours.
PAUSE, FAULTY = 1.0, 60.0
#: How long an answer is held on to while the database is away.
HELD = 600.0
_LOCK = "SELECT pg_try_advisory_lock(hashtext('hienluong.flows'))"
Caller = Callable[[Asked, Line], Outcome]

logger = logging.getLogger(__name__)


def run(stop: threading.Event) -> None:
    """Until `stop` is set; whatever fails is begun again."""
    Worker(stop).work()


class Worker:
    """Brings runs on, each in a thread of its own."""

    def __init__(self, stop: threading.Event, call: Caller = calling.call) -> None:
        self._stop, self._call = stop, call
        self._runs = ThreadPoolExecutor(RUNS, thread_name_prefix="flow")
        self._calls = ThreadPoolExecutor(CALLS, thread_name_prefix="flow-call")
        self._busy: set[int] = set()
        self._tokens: dict[str, tuple[str, float]] = {}

    def work(self) -> None:
        """Until told to stop; calls that are under way then are waited for."""
        while not self._stop.is_set():
            try:
                self._lead()
            except Exception:  # whatever it was: runs stand where they stood
                logger.exception("composed services stand still; they go on in a moment")
                connection.close()
                self._stop.wait(PAUSE)
        connection.close()
        self._runs.shutdown()
        self._calls.shutdown()

    def _lead(self) -> None:
        params = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold"):
            params.pop(name, None)
        with psycopg.connect(**params, autocommit=True) as listening:
            row = listening.execute(_LOCK).fetchone()
            if not row or not row[0]:
                self._stop.wait(SWEEP)
                return
            listening.execute(f"LISTEN {CHANNEL}")
            while not self._stop.is_set():
                close_old_connections()
                for _note in listening.notifies(timeout=self._look(), stop_after=1):
                    pass

    def _look(self) -> float:
        """Take up what is due; how many seconds until the next look."""
        free = RUNS - len(self._busy)
        if free <= 0:
            return CROWDED
        found = engine.due(free + 1, list(self._busy))
        for pk in found[:free]:
            self._busy.add(pk)
            self._runs.submit(self._serve, pk)
        if len(found) > free:
            return CROWDED
        next_at = engine.next_due()
        if next_at is None:
            return CROWDED * 4 if self._busy else SWEEP
        return min(SWEEP, max(CROWDED, (next_at - timezone.now()).total_seconds()))

    def _serve(self, pk: int) -> None:
        try:
            close_old_connections()
            self._bring_on(pk)
        except Exception:  # one run must not keep the others
            logger.exception("run %s stands still for a minute", pk)
            self._set_aside(pk)
        finally:
            self._busy.discard(pk)
            connection.close()

    def _set_aside(self, pk: int) -> None:
        try:
            close_old_connections()
            Run.objects.filter(pk=pk).update(next_at=timezone.now() + timedelta(seconds=FAULTY))
        except (OperationalError, InterfaceError):
            logger.warning("run %s is looked at again soon: the database is away", pk)

    def _bring_on(self, pk: int) -> None:
        """Until nothing of a run is under way any more."""
        in_air: dict[Future[Outcome], Work] = {}
        try:
            while True:
                pause = None if self._stop.is_set() else self._step(pk, in_air)
                if not in_air and (pause is None or pause > 0):
                    return
                ended, _rest = wait(in_air, timeout=pause, return_when=FIRST_COMPLETED)
                for future in ended:
                    _persist(in_air.pop(future), future.result())
        except Exception:
            for future, work in in_air.items():  # what they are answered must not be lost with this
                _persist(work, future.result())
            raise

    def _step(self, pk: int, in_air: dict[Future[Outcome], Work]) -> float | None:
        """Begin what is due; after how many seconds more is, None when nothing will be by itself."""
        following = engine.advance(pk, [work.step for work in in_air.values()])
        for work in following.works:
            in_air[self._calls.submit(self._one, following.run, work)] = work
        if following.at is None or not following.goes_on:
            return None
        return max(0.0, (following.at - timezone.now()).total_seconds())

    def _one(self, run: Run, work: Work) -> Outcome:
        flow = run.version.flow
        try:
            token = self._token(flow.system)
        except DomainError as error:
            return Outcome(sent=False, again=False, words=str(error.message))
        except (OperationalError, InterfaceError):
            return Outcome(sent=False, words="cơ sở dữ liệu không trả lời")
        finally:
            connection.close()
        line = Line(
            url=settings.BUS_URL,
            token=token,
            agreement=work.call.agreement,
            purpose=work.call.purpose or run.purpose or flow.title,
            number=f"{run.uid}:{work.path}",
            timeout=work.timeout,
        )
        try:
            return self._call(work.asked, line)
        except Exception:  # that it came back so says nothing about the other side
            logger.exception("a call of run %s", run.uid)
            return Outcome(words="lỗi của ta khi gọi")

    def _token(self, system: System) -> str:
        """A token that is good for a while yet."""
        token, until = self._tokens.get(str(system.pk), ("", 0.0))
        if time.monotonic() > until:
            token, lasts = inside.token_of(system)
            self._tokens[str(system.pk)] = (token, time.monotonic() + lasts / 2)
        return token


def _persist(work: Work, outcome: Outcome) -> None:
    """Write down what came of a call, for as long as it takes: an answer that is lost is a question to a person."""
    until = time.monotonic() + HELD
    while True:
        try:
            close_old_connections()
            engine.finish(work, outcome)
            return
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
