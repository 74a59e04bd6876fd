"""The three forms of a signature behind one pair of functions: in the PDF, in the XML, in a file of its own."""

from __future__ import annotations

from . import cades, pades, pictures, xades
from .evidence import Evidence
from .keys import Chain
from .looks import Stamp, draw
from .models import Look, SignatureMark, SignatureRequest
from .pades import Prepared

_STAMPED = (SignatureRequest.Level.T, SignatureRequest.Level.LT, SignatureRequest.Level.LTA)
_PROVEN = (SignatureRequest.Level.LT, SignatureRequest.Level.LTA)


def prepare(mark: SignatureMark, content: bytes, chain: Chain) -> Prepared:
    """The file with room for this mark, and what its key is to sign."""
    request = mark.request
    if request.form == SignatureRequest.Form.XADES:
        return xades.prepare(content, chain, place=request.location)
    if request.form == SignatureRequest.Form.CADES:
        return cades.prepare(content, chain)
    place = pades.Place(mark.field, mark.page, _box(mark), mark.holder_name, request.reason, request.location)
    return pades.prepare(content, place, chain, proof=_proof(request, chain), picture=_picture(mark))


def finish(mark: SignatureMark, prepared: Prepared, raw: bytes, chain: Chain) -> bytes:
    """The signed file; for a detached signature, the signature."""
    request = mark.request
    timestamp = request.level in _STAMPED
    if request.form == SignatureRequest.Form.PADES:
        return pades.finish(prepared, raw, chain, timestamp=timestamp)
    made = xades.finish if request.form == SignatureRequest.Form.XADES else cades.finish
    return made(prepared, raw, chain, timestamp=timestamp, proof=_proof(request, chain))


def _proof(request: SignatureRequest, chain: Chain) -> Evidence | None:
    """A PDF has it before it is signed, so that the signature covers it; the other forms after, beside the signature."""
    return pades.proof_for([chain]) if request.level in _PROVEN else None


def _box(mark: SignatureMark) -> tuple[float, float, float, float] | None:
    if mark.box is None or mark.look == Look.NONE:
        return None
    x0, y0, x1, y1 = mark.box
    return x0, y0, x1, y1


def _picture(mark: SignatureMark) -> tuple[bytes, int] | None:
    box = _box(mark)
    if box is None:
        return None
    picture = pictures.address_of(mark.holder, mark.look)
    stamp = Stamp(
        mark.look,
        box[2] - box[0],
        box[3] - box[1],
        mark.holder_name,
        mark.title,
        organization=pictures.agency_of(mark),
        notation=mark.request.notation,
        picture=picture,
    )
    return draw([stamp]), 0
