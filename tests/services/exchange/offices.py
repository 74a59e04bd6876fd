"""An agency of ours that sends and receives, and documents of it that are issued, for the tests of the exchange."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.files import store
from hienluong.house.simulators.axis_packages import pdf
from hienluong.services.documents import access
from hienluong.services.documents.models import Direction, Document, DocumentFile, Receipt, Recipient, Relation, State
from tests.services.documents.offices import Agency

WHO = system("kiểm thử")
_count = itertools.count(1)


def issued(agency: Agency, *places: str, code: str = "", replaces: Document | None = None) -> Document:
    """A document of the agency, issued today and sent to these places outside (codes)."""
    number = next(_count)
    document = Document.objects.create(
        direction=Direction.OUTGOING,
        agency=agency.place,
        type="CV",
        number=number,
        notation="SYT-VP",
        code=code or f"{number}/SYT-VP",
        subject=f"V/v báo cáo số {number}",
        author_code=agency.place.code,
        author_name=agency.place.name,
        place="Quảng Trị",
        issued_on=date(2026, 11, 20),
        urgency=1,
        signer_name="Nguyễn Văn An",
        signer_title="Giám đốc",
        pages=1,
        state=State.ISSUED,
    )
    attach(document)
    if replaces:
        Relation.objects.create(document=document, other=replaces, kind=Relation.Kind.REPLACES)
    for place in places:
        Recipient.objects.create(
            document=document, code=place, name=f"Cơ quan {place}", line=f"Cơ quan {place}", receipt=Receipt.SENT
        )
    tell(document, "document.sent_to")
    return document


def attach(document: Document, words: str = "") -> None:
    """Add the paper itself as a PDF."""
    content = pdf(words or document.code)
    file = store(BytesIO(content), name=f"{document.number}.pdf", owner=None, purpose=access.FILE_PURPOSE)
    DocumentFile.objects.create(
        document=document, file=file, role=DocumentFile.Role.MAIN, name=f"{document.number}.pdf"
    )


def tell(document: Document, type: str, *, reason: str = "", only: Sequence[str] = ()) -> None:
    """The event that issuing or recalling a document gives for each place."""
    _tell(WHO, document=document, type=type, reason=reason, only=only)


@action("tests.tell")
def _tell(act: Act, *, document: Document, type: str, reason: str, only: Sequence[str]) -> None:
    for recipient in document.recipients.all():
        if only and recipient.code not in only:
            continue
        if type == "document.take_back_asked":
            Recipient.objects.filter(pk=recipient.pk).update(receipt=Receipt.TAKE_BACK_ASKED)
        act.emit(
            type,
            document,
            {
                "document": document.pk,
                "recipient": recipient.pk,
                "agency": None,
                "code": recipient.code,
                "inside": False,
                "reason": reason,
            },
        )
    act.record(document)


@action("tests.happen")
def _happen(act: Act, *, document: Document, type: str, data: dict[str, Any]) -> None:
    act.emit(type, document, {"agency": document.agency_id, **data})
    act.record(document)


def happen(document: Document, type: str, data: dict[str, Any]) -> None:
    """The event that handling a document gives."""
    _happen(WHO, document=document, type=type, data=data)
