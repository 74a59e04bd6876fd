"""Signing a paper: PAdES with a timestamp, what it takes to validate it later inside the file, and a visible mark.

The marks stand in a band at the foot of the last page, which ``paper.css`` keeps free on every page of a signed paper.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, SimpleBoxLayoutRule
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.stamp import StaticStampStyle

from . import pki, revocation
from .keys import HeldKey, held_key
from .papers import render_pdf
from .timestamping import our_authority, timestamper

#: Where the two marks stand (points from the lower left corner), and what ``paper.css`` keeps free: 62 mm.
LEADER_BOX = (300, 57, 544, 119)
AGENCY_BOX = (300, 122, 544, 172)
BAND = 175
#: The picture of a mark fills its box; stretched by nothing, because it was made for that box.
FILLED = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MIN, inner_content_scaling=InnerScaling.NO_SCALING
)
#: Room for one signature with its certificates and its timestamp, in bytes. Known beforehand, so nothing is tried out.
ROOM = 12_288
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
    _embed_validation_data(writer, ())
    out = BytesIO()
    PdfTimeStamper(timestamper()).timestamp_pdf(writer, "sha256", None, bytes_reserved=2 * STAMP_ROOM, output=out)
    return out.getvalue()


def _sign(pdf: bytes, marks: list[Mark], reason: str, location: str) -> bytes:
    keys = [_key(mark.holder) for mark in marks]
    with tempfile.TemporaryDirectory() as folder:
        stamps = Path(folder) / "stamps.pdf"
        stamps.write_bytes(_stamps(marks))
        for number, (mark, key) in enumerate(zip(marks, keys, strict=True)):
            writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
            if number == 0:  # covered by every signature, so that the last one covers the whole file
                _embed_validation_data(writer, keys)
            append_signature_field(writer, SigFieldSpec(mark.field, on_page=_last_page(writer), box=mark.box))
            metadata = PdfSignatureMetadata(
                field_name=mark.field,
                name=mark.holder.name,
                reason=reason,
                location=location,
                subfilter=SigSeedSubFilter.PADES,
                md_algorithm="sha256",
            )
            style = StaticStampStyle.from_pdf_file(
                str(stamps), number, border_width=0, background_opacity=1, background_layout=FILLED
            )
            out = BytesIO()
            PdfSigner(metadata, signer=key, timestamper=timestamper(), stamp_style=style).sign_pdf(
                writer, bytes_reserved=2 * ROOM, output=out
            )
            pdf = out.getvalue()
    return pdf


def _last_page(writer: IncrementalPdfFileWriter) -> int:
    return int(writer.root["/Pages"]["/Count"]) - 1


def _key(holder: pki.Holder) -> HeldKey:
    path = pki.holder_file(holder)
    return _held(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _held(path: Path, written: int) -> HeldKey:
    return held_key(path)


def _embed_validation_data(writer: IncrementalPdfFileWriter, keys: list[HeldKey] | tuple[()]) -> None:
    """Put the certificates and the lists of revoked ones into the file, so that it needs nobody to be validated."""
    certificates: dict[bytes, asn1_x509.Certificate] = {}
    for key in (*keys, our_authority().key):
        for certificate in (key.signing_cert, *key.cert_registry):
            certificates[certificate.sha256] = certificate
    lists = [asn1_crl.CertificateList.load(content) for content in revocation.lists()]
    DocumentSecurityStore.supply_dss_in_writer(writer, None, certs=certificates.values(), crls=lists)


def _stamps(marks: list[Mark]) -> bytes:
    at = timezone.localtime().strftime("%d/%m/%Y %H:%M:%S %z")
    pages = [
        {
            "name": mark.holder.name,
            "title": mark.title,
            "organization": "" if mark.seal else mark.holder.organization,
            "seal": mark.seal,
        }
        for mark in marks
    ]
    sizes = [{"width": mark.box[2] - mark.box[0], "height": mark.box[3] - mark.box[1]} for mark in marks]
    context = {
        "marks": [{**page, **size} for page, size in zip(pages, sizes, strict=True)],
        "at": f"{at[:-2]}:{at[-2:]}",
    }
    return render_pdf("signing/stamp.html", context, title="stamp")
