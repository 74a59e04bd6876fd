"""The work of official documents: packages and signatures a second, searching 200,000 of them, reading scans.

Run with ``make bench NAME=documents``; ``DOCUMENTS_ROWS`` changes the size of the search.
"""

from __future__ import annotations

import os
import sys

from benchmarks.reporting import Report


def main() -> int:
    """Measure every part in turn."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    from benchmarks import (
        documents_exchange,
        documents_reading,
        documents_search,
        documents_sending,
        documents_signing,
    )

    setup_test_environment()
    report = Report("documents")
    for rate in documents_exchange.packages_per_second(1.0):
        report.note(f"edXML: {rate.what}", rate.per_second, "packages/s")
    # Each in a database of its own: the search counts on there being nothing else.
    for part in (documents_sending, documents_signing, documents_reading, documents_search):
        old = setup_databases(verbosity=0, interactive=False)
        try:
            part.measure(report)
        finally:
            teardown_databases(old, verbosity=0)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
