"""What an installation with the demo province takes: seconds to start, cold and warm, and memory at rest.

Cold: an empty state folder, so the database is made, migrated and filled. Warm: the same folder again. Memory is the
proportional set size (PSS) of every process, the supervisor and the database included, after each web process has
served pages and the installation has been left alone for a while.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from benchmarks.reporting import Report
from hienluong.house import runlog
from tests.house.running import Installation

REST_SECONDS = 20
WARM_STARTS = 3
PAGES = ("/", "/dang-nhap", "/song")


def main() -> int:
    """Measure; the exit code says whether all goals hold."""
    report = Report("footprint")
    with tempfile.TemporaryDirectory(prefix="hienluong-footprint-") as scratch:
        installation = Installation(Path(scratch) / "state", "--demo", workers=2, patience=600)
        report.at_most("cold start with the demo province", _start(installation), "s", goal=300)
        installation.stop()
        warm = []
        for _ in range(WARM_STARTS):
            warm.append(_start(installation))
            _visit(installation)
            if len(warm) < WARM_STARTS:
                installation.stop()
        report.at_most("warm start, slowest", max(warm), "s", goal=10)
        time.sleep(REST_SECONDS)
        _memory(installation, report)
        began = time.monotonic()
        installation.stop()
        report.at_most("clean stop", time.monotonic() - began, "s", goal=10)
    return report.finish()


def _start(installation: Installation) -> float:
    began = time.monotonic()
    installation.start()
    return time.monotonic() - began


def _visit(installation: Installation) -> None:
    for page in PAGES * 10:
        httpx.get(installation.url + page, trust_env=False, timeout=30)


def _memory(installation: Installation, report: Report) -> None:
    for child in installation.status()["children"]:
        report.note(f"memory of {child['name']}", child["memory"] / 1e6, "MB")
    assert installation.process
    everything = runlog.family(psutil.Process(installation.process.pid))
    report.at_most("memory of all processes at rest", sum(map(runlog.memory_of, everything)) / 1e6, "MB", goal=1000)


if __name__ == "__main__":
    sys.exit(main())
