"""How well and how fast scans of official documents are read: pages of several types, as an office scanner would see them.

Run with ``python -m benchmarks.documents_reading [PAGES]``. For each kind of scan: the character error rate (letters wrong, as
a share of the letters there are, the text layer being the truth), the share of the fields suggested rightly, and seconds a
page on one core. ``measure`` writes the same into the report of another benchmark.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
from collections.abc import Callable
from typing import Any

import django

from benchmarks.reporting import Report

#: Most letters wrong in a hundred, for each kind of scan.
GOALS = {
    "clean": 1.0,
    "signed, sealed, askew": 1.5,
    "faded, grained": 1.5,
    "speckled, blurred": 2.0,
    "JPEG of 150 dpi": 3.0,
}
#: On one core of a machine that does nothing else.
GOAL_SECONDS = 8.0
KEYS = ("QD", "CV", "TTR", "BC", "TB", "KH", "CD", "GM")


def main() -> int:
    """Measure and print."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hienluong.house.settings")
    django.setup()
    report = Report("documents_reading")
    measure(report, int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    return report.finish()


def measure(report: Report, pages: int = 3) -> None:
    """Read so many pages of different types (at most eight) in each kind of scan."""
    from hienluong.services.documents.layout.rendering import render
    from hienluong.services.documents.reading.ocr import read
    from tests.services.documents.layout.papers import paper
    from tests.services.documents.reading.scanning import error_rate, pictures

    laid = {key: render(paper(key)) for key in KEYS[:pages]}
    truths = {key: read(found.pdf) for key, found in laid.items()}
    for name, as_seen in _scanners().items():
        rates, seconds, right, before = [], [], [], _worked()
        for key, found in laid.items():
            reading = read(as_seen(pictures(found.pdf)[0], found))
            rates.append(100 * error_rate(truths[key].pages[0], reading.pages[0]))
            seconds.append(reading.seconds)
            right.append(100 * _rightly_suggested(truths[key], reading))
        report.at_most(f"OCR {name}: character error rate", statistics.mean(rates), "%", goal=GOALS[name])
        report.at_most(f"OCR {name}: time", statistics.median(seconds), "s/page", goal=GOAL_SECONDS)
        report.note(f"OCR {name}: work", (_worked() - before) / len(laid), "CPU s/page")
        report.note(f"OCR {name}: fields suggested rightly", statistics.mean(right), "%")


def _worked() -> float:
    """Seconds of processor that the programs which read have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _scanners() -> dict[str, Callable[[Any, Any], bytes]]:
    from tests.services.documents.reading import scanning

    return {
        "clean": lambda page, _laid: scanning.as_png(page),
        "signed, sealed, askew": lambda page, laid: scanning.as_scan(scanning.turned(scanning.signed(page, laid), 2.3)),
        "faded, grained": lambda page, _laid: scanning.as_jpeg(scanning.faded(scanning.grained(page))),
        "speckled, blurred": lambda page, _laid: scanning.as_png(scanning.speckled(scanning.blurred(page), 0.02)),
        "JPEG of 150 dpi": lambda page, _laid: scanning.as_jpeg(
            scanning.turned(page.resize((page.width // 2, page.height // 2)), -1.4)
        ),
    }


def _rightly_suggested(truth: Any, read: Any) -> float:
    """The share of the fields that the text layer suggests and the scan suggests alike."""
    from hienluong.services.documents.reading.suggest import suggest

    wanted, found = suggest(truth), suggest(read)
    fields = ("issuer", "code", "place", "date", "type", "subject", "signer_name", "signer_title", "competence")
    asked = [field for field in fields if getattr(wanted, field) is not None]
    same = [
        field
        for field in asked
        if getattr(found, field) is not None and getattr(found, field).value == getattr(wanted, field).value
    ]
    return len(same) / max(1, len(asked))


if __name__ == "__main__":
    sys.exit(main())
