"""The agency's signature over a package that goes out, where the operator of the connection chose to sign.

The signature is made once and kept with the row: a package that is sent again is the same to the byte. When its document
changed meanwhile (what it says, the form of packages), it is signed anew.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.utils.translation import gettext as _

from hienluong.capabilities.signing import sealing
from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action

from . import describing, edxml
from .models import Outgoing
from .queueing import WHO


def sealed(row: Outgoing, content: bytes) -> bytes:
    """The package with the signature of its agency; as it is where nothing is signed, and statuses always: the element
    for a signature is known of document packages only.

    Raises DomainError when it cannot be signed now.
    """
    if settings.DOCUMENT_AXIS["sign"] != "sign" or not describing.is_document(row.what):
        return content
    form = describing.form()
    bare = edxml.to_be_signed(content, form)
    digest = hashlib.sha256(bare).hexdigest()
    if row.signature is None or row.signed_sha256 != digest:
        if row.agency is None:
            raise InvalidInput(_("Gói tin không thuộc cơ quan nào của hệ thống này."))
        signature = sealing.seal_xml(
            WHO,
            organization=row.agency,
            content=bare,
            within=edxml.signature_path(form),
            reason=f"edXML {row.document_ref} → {row.to_code}",
        )
        row = note_sealed(WHO, row=row, signature=signature, signed_sha256=digest)
    assert row.signature is not None
    return edxml.with_signature(content, bytes(row.signature), form)


@action("exchange.note_sealed")
def note_sealed(act: Act, *, row: Outgoing, signature: bytes, signed_sha256: str) -> Outgoing:
    """Keep the signature of a package."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh liên thông văn bản được làm việc này."))
    row.signature, row.signed_sha256 = signature, signed_sha256
    row.save(update_fields=("signature", "signed_sha256"))
    act.record(row, after={"signed": signed_sha256}, organization_id=row.agency_id)
    return row
