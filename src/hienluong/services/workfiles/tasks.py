"""Background work of archives: packing, minutes. Each may run again and then changes nothing."""

from __future__ import annotations

import logging
from io import BytesIO

from procrastinate.contrib.django import app

from hienluong.capabilities.signing.service import seal_paper
from hienluong.foundation.actions import system
from hienluong.foundation.files.storing import keep_made

from . import access, actions, packing, papers
from .models import Destruction, Handover, HandoverLine

logger = logging.getLogger(__name__)
PACKER = system("Đóng gói hồ sơ lưu trữ")


@app.task(name="workfiles.pack", retry=3)
def pack(line_id: int) -> None:
    """Make the package of one line, once."""
    line = HandoverLine.objects.select_related("handover", "work_file__agency", "work_file__keeper").get(pk=line_id)
    if line.package_id or line.handover.state != Handover.State.PROCESSING:
        return
    try:
        with packing.packed(line) as package, package.path.open("rb") as stream:
            file = keep_made(
                stream,
                name=package.path.name,
                owner=None,
                purpose=access.PACKAGE,
                media_type="application/zip",
            )
            actions.note_package(PACKER, line=line, package=file, object_id=package.object_id, size=package.size)
    except packing.CannotPack as error:
        logger.info("work file %s cannot be packed: %s", line.work_file.code, error)
        actions.note_package(PACKER, line=line, package=None, fault=str(error))


@app.task(name="workfiles.handover_minutes", retry=3)
def write_handover_minutes(handover_id: int) -> None:
    """Write the minutes of a hand-over and seal them, once."""
    handover = Handover.objects.select_related("agency", "given_by", "received_by").get(pk=handover_id)
    if handover.minutes_id is None:
        _keep_minutes(
            handover, papers.handover_pdf(handover), f"bien-ban-giao-nhan-{handover.number:02d}-{handover.year}.pdf"
        )


@app.task(name="workfiles.destruction_minutes", retry=3)
def write_destruction_minutes(destruction_id: int) -> None:
    """Write the minutes of a destruction and seal them, once."""
    found = Destruction.objects.select_related("agency", "proposed_by", "decided_by").get(pk=destruction_id)
    if found.minutes_id is None:
        _keep_minutes(found, papers.destruction_pdf(found), f"bien-ban-huy-{found.number:02d}-{found.year}.pdf")


def _keep_minutes(of: Handover | Destruction, pdf: bytes, name: str) -> None:
    sealed = seal_paper(PACKER, pdf, organization=of.agency, reason="Biên bản công tác lưu trữ")
    file = keep_made(BytesIO(sealed), name=name, owner=None, purpose=access.MINUTES, media_type="application/pdf")
    type(of).objects.filter(pk=of.pk, minutes__isnull=True).update(minutes=file)
