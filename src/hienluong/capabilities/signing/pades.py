"""Signatures in PDF files (PAdES), in two halves: the file with a gap and what is to be signed, then the signature.

Between the halves the key may be anywhere: in this process, in a token, at a service that waits for a telephone.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import cms
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, SimpleBoxLayoutRule
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.signers.pdf_cms import ExternalSigner
from pyhanko.stamp import StaticStampStyle

from . import evidence
from .keys import Chain
from .timestamping import stamped, timestamper

#: The picture of a mark fills its box; stretched by nothing, because it was made for that box.
FILLED = SimpleBoxLayoutRule(
    x_align=AxisAlignment.ALIGN_MIN, y_align=AxisAlignment.ALIGN_MIN, inner_content_scaling=InnerScaling.NO_SCALING
)
#: Room for one signature with its certificates and its timestamp, in bytes. Known beforehand, so nothing is tried out.
ROOM = 12_288
#: Longest raw signature, in bytes (RSA of 4096 bits).
RAW = 512


@dataclass(frozen=True)
class Prepared:
    """A file that waits for its signature: what the key is to sign (with SHA-256), and where the signature goes."""

    content: bytes
    to_sign: bytes
    state: dict[str, Any]  # plain values, to be kept as JSON


@dataclass(frozen=True)
class Place:
    """Where a signature goes in a PDF, and what it says. `page` from 1, 0 for the last; without a box nothing is seen."""

    field: str
    page: int = 0
    box: tuple[float, float, float, float] | None = None
    name: str = ""
    reason: str = ""
    location: str = ""


def prepare(
    pdf: bytes,
    place: Place,
    chain: Chain,
    *,
    proof: evidence.Evidence | None = None,
    picture: tuple[bytes, int] | None = None,
) -> Prepared:
    """The file with room for one more signature. `proof` is written into the same revision, so that the signature
    covers it; `picture` is a PDF and the number of its page (from 0) that is seen in the box."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    if proof is not None:
        proof.embed(writer)
    page = _page(writer, place.page)
    box: Any = place.box  # the library says whole points, and takes any
    append_signature_field(writer, SigFieldSpec(place.field, on_page=page, box=box))
    metadata = PdfSignatureMetadata(
        field_name=place.field,
        name=place.name or None,
        reason=place.reason or None,
        location=place.location or None,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
    )
    signer = ExternalSigner(chain.certificate, chain.store(), RAW)

    async def halfway(style: Any) -> tuple[PreparedByteRangeDigest, bytes, cms.CMSAttributes]:
        digest, _document, out = await PdfSigner(
            metadata, signer=signer, stamp_style=style
        ).async_digest_doc_for_signing(writer, bytes_reserved=2 * ROOM)
        attributes = await signer.signed_attrs(digest.document_digest, "sha256", use_pades=True)
        out.seek(0)
        return digest, out.read(), attributes

    with tempfile.TemporaryDirectory() as folder:
        digest, content, attributes = asyncio.run(halfway(_style(Path(folder), picture if place.box else None)))
    return Prepared(
        content,
        attributes.dump(),
        {
            "digest": base64.b64encode(digest.document_digest).decode(),
            "start": digest.reserved_region_start,
            "end": digest.reserved_region_end,
        },
    )


def finish(prepared: Prepared, raw: bytes, chain: Chain, *, timestamp: bool = True) -> bytes:
    """The signed file. Raises :class:`evidence.AuthorityAway` when the timestamp authority does not answer."""
    signer = ExternalSigner(chain.certificate, chain.store(), raw)
    attributes = cms.CMSAttributes.load(prepared.to_sign)
    digest = PreparedByteRangeDigest(
        base64.b64decode(prepared.state["digest"]), int(prepared.state["start"]), int(prepared.state["end"])
    )
    out = BytesIO(prepared.content)
    with stamped():
        signed = asyncio.run(
            signer.async_sign_prescribed_attributes(
                "sha256", attributes, timestamper=timestamper() if timestamp else None
            )
        )
    digest.fill_with_cms(out, signed)
    return out.getvalue()


def proof_for(chains: Iterable[Chain]) -> evidence.Evidence:
    """What it takes to validate signatures of these holders and the timestamps on them."""
    from .timestamping import chain_of_stamps

    return evidence.gather([*chains, *chain_of_stamps()])


def _page(writer: IncrementalPdfFileWriter, page: int) -> int:
    """The page from 0; beyond the last is the last."""
    last = int(writer.root["/Pages"]["/Count"]) - 1
    return last if page == 0 else min(page - 1, last)


def _style(folder: Path, picture: tuple[bytes, int] | None) -> Any:
    if picture is None:
        return None
    content, number = picture
    path = folder / "stamps.pdf"
    path.write_bytes(content)
    return StaticStampStyle.from_pdf_file(
        str(path), number, border_width=0, background_opacity=1, background_layout=FILLED
    )
