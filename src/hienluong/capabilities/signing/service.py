"""Signing a result: the leader, then the agency, each PAdES with a timestamp and a visible mark in Vietnamese."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.stamp import StaticStampStyle

from . import pki
from .papers import render_pdf
from .timestamping import timestamper

#: Where the two marks stand in the band at the foot of the last page (points from the lower left corner).
LEADER_BOX = (300, 62, 544, 128)
AGENCY_BOX = (300, 132, 544, 190)


@lru_cache(maxsize=256)
def _signer(folder: str, holder: pki.Holder) -> SimpleSigner:
    key = str(pki.holder_file(holder))
    signer: SimpleSigner | None = SimpleSigner.load_pkcs12(key, passphrase=pki.passphrase())  # type: ignore[no-untyped-call]
    if signer is None:
        raise RuntimeError(f"the key of {holder.code} cannot be opened")
    return signer


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
    """The PDF with the leader's signature and then the agency's, both with a timestamp (PAdES B-T)."""
    leader = pki.Holder(leader_code, leader_name, organization_name)
    agency = pki.Holder(organization_code, organization_name, organization_name)
    signed = _sign(pdf, leader, "ChuKyLanhDao", LEADER_BOX, leader_title, reason, location, seal=False)
    return _sign(signed, agency, "ChuKyCoQuan", AGENCY_BOX, "", reason, location, seal=True)


def _sign(
    pdf: bytes,
    holder: pki.Holder,
    field: str,
    box: tuple[int, int, int, int],
    title: str,
    reason: str,
    location: str,
    *,
    seal: bool,
) -> bytes:
    pages = int(PdfFileReader(BytesIO(pdf), strict=False).root["/Pages"]["/Count"])
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    append_signature_field(writer, SigFieldSpec(field, on_page=pages - 1, box=box))
    metadata = PdfSignatureMetadata(
        field_name=field,
        name=holder.name,
        reason=reason,
        location=location,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
    )
    out = BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        mark = Path(folder) / "stamp.pdf"
        mark.write_bytes(_stamp(holder, box, title, seal=seal))
        signer = PdfSigner(
            metadata,
            signer=_signer(str(settings.PKI_FOLDER), holder),
            timestamper=timestamper(),
            stamp_style=StaticStampStyle.from_pdf_file(str(mark), border_width=0, background_opacity=1),
        )
        signer.sign_pdf(writer, output=out)
    return out.getvalue()


def _stamp(holder: pki.Holder, box: tuple[int, int, int, int], title: str, *, seal: bool) -> bytes:
    at = timezone.localtime().strftime("%d/%m/%Y %H:%M:%S %z")
    context = {
        "width": box[2] - box[0],
        "height": box[3] - box[1],
        "name": holder.name,
        "title": title,
        "organization": "" if seal else holder.organization,
        "at": f"{at[:-2]}:{at[-2:]}",
        "seal": seal,
    }
    return render_pdf("signing/stamp.html", context, title="stamp")
