"""Signing a paper: PAdES with a timestamp, what it takes to validate it later inside the file, and a visible mark.

The marks stand in a band at the foot of the last page, which ``paper.css`` keeps free on every page of a signed paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from . import looks, pades, pki
from .keys import HeldKey
from .models import Look
from .providers.demo import held
from .timestamping import stamped, timestamper

#: Where the two marks stand (points from the lower left corner), and what ``paper.css`` keeps free: 62 mm.
LEADER_BOX = (300, 57, 544, 119)
AGENCY_BOX = (300, 122, 544, 172)
BAND = 175
#: Room for a timestamp alone.
STAMP_ROOM = 8_192


@dataclass(frozen=True)
class Mark:
    """One signature to be: who, in which field, where on the page, with which words."""

    holder: pki.Holder
    field: str
    box: tuple[int, int, int, int]
    title: str = ""
    seal: bool = False


def sign_result(
    pdf: bytes,
    *,
    organization_code: str,
    organization_name: str,
    leader_name: str,
    leader_title: str,
    leader_code: str,
    reason: str,
    location: str = "Quảng Trị",
) -> bytes:
    """The PDF with the leader's signature and then the agency's (PAdES B-LT)."""
    leader = pki.Holder(leader_code, leader_name, organization_name)
    agency = pki.Holder(organization_code, organization_name, organization_name)
    marks = [
        Mark(leader, "ChuKyLanhDao", LEADER_BOX, leader_title),
        Mark(agency, "ChuKyCoQuan", AGENCY_BOX, seal=True),
    ]
    return _sign(pdf, marks, reason, location)


def seal_paper(
    pdf: bytes, *, organization_code: str, organization_name: str, reason: str, location: str = "Quảng Trị"
) -> bytes:
    """The PDF with the seal of an agency alone (PAdES B-LT): receipts and other papers that no person signs."""
    agency = pki.Holder(organization_code, organization_name, organization_name)
    return _sign(pdf, [Mark(agency, "ChuKyCoQuan", LEADER_BOX, seal=True)], reason, location)


def extend(pdf: bytes) -> bytes:
    """The signed PDF with today's validation data and a timestamp over all of it (PAdES B-LTA).

    To be done again before the certificate of the timestamp ends (:mod:`.long_term`); what was signed is untouched.
    """
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    pades.proof_for(()).embed(writer)
    out = BytesIO()
    with stamped():
        PdfTimeStamper(timestamper()).timestamp_pdf(writer, "sha256", None, bytes_reserved=2 * STAMP_ROOM, output=out)
    return out.getvalue()


def _sign(pdf: bytes, marks: list[Mark], reason: str, location: str) -> bytes:
    """What it takes to validate all of the marks goes into the first revision: the last one covers the whole file."""
    keys = [_key(mark.holder) for mark in marks]
    stamps = looks.draw([_stamp(mark) for mark in marks])
    for number, (mark, key) in enumerate(zip(marks, keys, strict=True)):
        place = pades.Place(mark.field, 0, mark.box, mark.holder.name, reason, location)
        proof = pades.proof_for(key.chain for key in keys) if number == 0 else None
        prepared = pades.prepare(pdf, place, key.chain, proof=proof, picture=(stamps, number))
        pdf = pades.finish(prepared, key.sign_raw(prepared.to_sign, "sha256"), key.chain)
    return pdf


def _stamp(mark: Mark) -> looks.Stamp:
    width, height = mark.box[2] - mark.box[0], mark.box[3] - mark.box[1]
    organization = "" if mark.seal else mark.holder.organization
    return looks.Stamp(Look.WORDS, width, height, mark.holder.name, mark.title, organization)


def _key(holder: pki.Holder) -> HeldKey:
    path = pki.holder_file(holder)
    return held(path, path.stat().st_mtime_ns)
