"""A part of a process that runs apart from it: forked before the process has threads, so that what is loaded is there once
in memory, but with an interpreter lock and a share of the processors of its own.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

logger = logging.getLogger(__name__)

Work = Callable[[threading.Event], None]


def stand_back(niceness: int) -> None:
    """Lower the priority of this process and, where Linux shares processors out by session, of its session.

    With ``sched_autogroup_enabled`` (Debian's default) niceness counts only inside a session, and each child of the
    supervisor has one. Threads that were started before keep theirs.
    """
    os.nice(niceness)
    try:
        with open("/proc/self/autogroup", "w") as group:
            group.write(str(niceness))
    except OSError:
        return  # a kernel without that grouping: niceness alone does it


def end_with(parent: int, number: int) -> None:
    """Be sent this signal when the process `parent`, which started this one, ends, even by ``kill -9``."""
    _libc.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


class Apart:
    """Work that goes on in a process of its own until this one ends. It must bear being killed at any moment."""

    def __init__(self, name: str, work: Work) -> None:
        self.name = name
        self.work = work
        self.pid = 0

    def start(self) -> None:
        """Fork. To be called while this process has one thread; connections to the database are closed before."""
        from django.db import connections  # the supervisor, which reads this file, has no Django

        connections.close_all()
        gc.collect()
        gc.freeze()  # what is here now stays, and is not written to by each collection, which would copy it
        parent = os.getpid()
        self.pid = os.fork()
        if not self.pid:
            self._go_on(parent)

    def _go_on(self, parent: int) -> None:
        code = 1
        try:
            os.setsid()  # a session of its own, so that its share does not shrink with that of its parent
            end_with(parent, signal.SIGKILL)
            self.work(threading.Event())
            code = 0
        except BaseException:  # whatever it was, this must not go on as a second parent
            logger.exception("%s ended", self.name)
        finally:
            os._exit(code)

    def watch(self, stop: threading.Event) -> None:
        """Wait until it ends; when that was not asked for, go on with the work here, in this thread."""
        try:
            _pid, status = os.waitpid(self.pid, 0)
        except ChildProcessError:
            status = -1
        if not stop.is_set():
            logger.error(
                "%s has died (status %s); it goes on in the worker until that is started anew", self.name, status
            )
            self.work(stop)

    def end(self) -> None:
        """End it, at once."""
        try:
            os.kill(self.pid, signal.SIGTERM)
        except ProcessLookupError:
            return
