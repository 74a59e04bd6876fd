"""Signing a paper: PAdES with a timestamp, what it takes to validate it later inside the file, and a visible mark.

The marks stand in a band at the foot of the last page, which ``paper.css`` keeps free on every page of a signed paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfTimeStamper

from hienluong.foundation.actions import Act, Actor
from hienluong.foundation.organisations.models import Official, Organization

from . import enrolling, looks, pades
from .keys import Chain
from .models import Look
from .providers import Remote, TokenProvider, provider_of
from .timestamping import stamped, timestamper

#: Where the two marks stand (points from the lower left corner), and what ``paper.css`` keeps free: 62 mm.
LEADER_BOX = (300, 57, 544, 119)
AGENCY_BOX = (300, 122, 544, 172)
BAND = 175
LEADER_FIELD, SEAL_FIELD = "ChuKyLanhDao", "ChuKyCoQuan"
#: Room for a timestamp alone.
STAMP_ROOM = 8_192


@dataclass(frozen=True)
class Signer:
    """Somebody who signs at once: the name that the mark shows, the certificate, the key."""

    name: str
    chain: Chain
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True)
class Mark:
    """One signature to be: by whom, in which field, where on the page, with which words below the name."""

    signer: Signer
    field: str
    box: tuple[int, int, int, int]
    title: str = ""
    organization: str = ""


def sign_result(
    who: Actor | Act,
    pdf: bytes,
    *,
    official: Official | None,
    organization: Organization,
    title: str,
    reason: str,
    location: str = "Quảng Trị",
) -> bytes:
    """The PDF with the official's signature and then the agency's (PAdES B-LT), each by the key that was enrolled.

    Raises :class:`enrolling.NeedsTelephone` when one of them signs from afar, InvalidInput when one has no key in force.
    """
    marks = [Mark(signer_of(who, organization), SEAL_FIELD, AGENCY_BOX)]
    if official is not None:
        marks.insert(0, Mark(signer_of(who, official), LEADER_FIELD, LEADER_BOX, title, organization.name))
    return sign(pdf, marks, reason, location)


def seal_paper(
    who: Actor | Act,
    pdf: bytes,
    *,
    organization: Organization,
    name: str = "",
    reason: str,
    location: str = "Quảng Trị",
) -> bytes:
    """The PDF with the seal of an agency alone (PAdES B-LT): receipts and other papers that no person signs.

    `name`: what the mark calls the agency, when the paper is about a day on which it was called otherwise.
    """
    return sign(pdf, [Mark(signer_of(who, organization, name), SEAL_FIELD, LEADER_BOX)], reason, location)


def signer_of(who: Actor | Act, holder: Official | Organization, name: str = "") -> Signer:
    """The key that was enrolled for a holder, ready to sign."""
    key = enrolling.key_for_signing(who, holder)
    provider, chain = provider_of(key.provider, key.source), enrolling.chain_of(key)
    if isinstance(provider, Remote):
        raise enrolling.needs_telephone(holder)
    token: TokenProvider = provider

    def made(data: bytes) -> bytes:
        (raw,) = token.sign(key.credential, chain, [data])
        chain.require(data, raw)
        return raw

    return Signer(name or str(holder), chain, made)


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


def sign(pdf: bytes, marks: list[Mark], reason: str, location: str = "") -> bytes:
    """The PDF with these marks, one after the other.

    What it takes to validate all of them goes into the first revision, so the last one covers the whole file.
    """
    stamps = looks.draw([_stamp(mark) for mark in marks])
    for number, mark in enumerate(marks):
        signer = mark.signer
        place = pades.Place(mark.field, 0, mark.box, signer.name, reason, location)
        proof = pades.proof_for(each.signer.chain for each in marks) if number == 0 else None
        prepared = pades.prepare(pdf, place, signer.chain, proof=proof, picture=(stamps, number))
        pdf = pades.finish(prepared, signer.sign(prepared.to_sign), signer.chain)
    return pdf


def _stamp(mark: Mark) -> looks.Stamp:
    width, height = mark.box[2] - mark.box[0], mark.box[3] - mark.box[1]
    return looks.Stamp(Look.WORDS, width, height, mark.signer.name, mark.title, mark.organization)
