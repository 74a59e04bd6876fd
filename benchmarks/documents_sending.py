"""Documents sent to and taken from the national axis a second, through everything: the queue, HTTP, the axis (simulated, a
process of its own), files checked, incoming documents made. For ``make bench NAME=documents``.

One worker of ours; the baseline is the bare POST of the same packages to the same axis, one after the other.
"""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.reporting import Report

COUNT = int(os.environ.get("DOCUMENTS_PACKAGES", "200"))


def measure(report: Report) -> None:
    """Send so many, take in as many, each once."""
    from django.conf import settings
    from django.utils import timezone

    from hienluong.foundation.events import dispatcher
    from hienluong.services.documents.models import Arrival
    from hienluong.services.exchange import edxml, tasks
    from hienluong.services.exchange.models import Outgoing
    from tests.services.documents.offices import make_agency
    from tests.services.exchange.conftest import PEER
    from tests.services.exchange.offices import issued
    from tests.services.exchange.packages import pdf
    from tests.services.exchange.process import AxisProcess

    agency = make_agency("Sở Y tế")
    day = date(2026, 11, 20)
    with tempfile.TemporaryDirectory(prefix="hienluong-axis-") as folder:
        axis = AxisProcess(Path(folder))
        try:
            settings.DOCUMENT_AXIS = axis.connection("H50")
            tasks._registered.clear()
            tasks.register_agencies()
            axis.register("H57", PEER, "Sở Tài chính Huế")

            def package(number: int) -> edxml.DocumentPackage:
                return edxml.DocumentPackage(
                    sender=edxml.Agency(PEER, "Sở Tài chính Huế"),
                    receivers=(edxml.Agency(agency.place.code, agency.place.name),),
                    number=str(number),
                    notation="STC-NS",
                    issued_on=day,
                    subject=f"Về việc số {number}",
                    document_id=edxml.document_id(PEER, day, str(number), "STC-NS"),
                    type_name="Công văn",
                    trace=(edxml.Hop(PEER, datetime(2026, 11, 20, 2, tzinfo=UTC)),),
                    signer=edxml.Signer("TM.", "Giám đốc", "Trần Văn Bình"),
                    attachments=(edxml.Attachment(f"{number}.pdf", pdf(f"so {number}"), "application/pdf"),),
                )

            for _ in range(COUNT):
                issued(agency, PEER)
            began = time.perf_counter()
            while Outgoing.objects.filter(state=Outgoing.State.SENT).count() < COUNT:
                dispatcher.dispatch_waiting()
                Outgoing.objects.filter(state=Outgoing.State.WAITING).update(next_try_at=timezone.now())
                tasks.run_turn(60)
            sent = COUNT / (time.perf_counter() - began)

            packages = [package(number) for number in range(1, COUNT + 1)]
            began = time.perf_counter()
            for each in packages:
                axis.send(each, agency.place.code, "H57")
            bare = COUNT / (time.perf_counter() - began)

            began = time.perf_counter()
            while Arrival.objects.filter(source="exchange").count() < COUNT:
                tasks.run_turn(60)
            taken = COUNT / (time.perf_counter() - began)
        finally:
            axis.stop()
    report.note("documents sent over the axis", sent, "documents/s", baseline=round(bare, 1))
    report.note("documents taken from the axis", taken, "documents/s", baseline=round(bare, 1))
    if Arrival.objects.filter(source="exchange").count() != COUNT:
        raise RuntimeError("a document came twice")
