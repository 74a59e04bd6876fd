"""From our documents to packages and back: what is called what, cut to the lengths of the standard."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.utils import timezone

from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.services.documents import types
from hienluong.services.documents.models import Arrival, Document, DocumentFile, Relation, Source, Urgency

from . import agencies, edxml
from .edxml import lengths
from .edxml.package import STATUS_NAMES
from .models import Outgoing, What

_KINDS = {
    What.NEW: edxml.BusinessKind.NEW,
    What.UPDATE: edxml.BusinessKind.UPDATE,
    What.REPLACE: edxml.BusinessKind.REPLACE,
    What.REVOKE: edxml.BusinessKind.REVOKE,
}
_WHATS = {kind: what for what, kind in _KINDS.items()}
_DOCUMENTS = frozenset(_KINDS)


def is_document(what: str) -> bool:
    """Whether a package carries a document, and not a status."""
    return what in _DOCUMENTS


def what_of(package: edxml.DocumentPackage | edxml.StatusPackage) -> What:
    """What a package is for, in one word."""
    if isinstance(package, edxml.StatusPackage):
        return What(package.status.value)
    return _WHATS[package.business.kind]


def form() -> edxml.Form:
    """How packages are written, as the operator chose."""
    chosen = edxml.QCVN_102 if settings.DOCUMENT_AXIS["form"] == "standard" else edxml.AXIS
    place = settings.DOCUMENT_AXIS["signature"]
    if place == "ds":
        return replace(chosen, alone=True)
    return chosen if place == "form" else replace(chosen, signature=place)


def fit(text: str, most: int) -> str:
    """Text in at most so many characters, without line breaks."""
    tidy = " ".join(text.split())
    return tidy if len(tidy) <= most else tidy[: most - 1].rstrip() + "…"


def reference_of(document: Document) -> str:
    """The DocumentId of one of our documents."""
    assert document.issued_on is not None
    number, notation = halves(document)
    return edxml.document_id(agencies.written(document.agency.code), document.issued_on, number, notation)


def halves(document: Document) -> tuple[str, str]:
    """Number and notation as its paper says them: ("05", "QĐ-UBND")."""
    number, _slash, notation = document.code.partition("/")
    if not notation:
        number, notation = str(document.number or ""), document.notation or document.code
    return fit(number, lengths.CODE_NUMBER), fit(notation, lengths.CODE_NOTATION)


def agency(organization: Organization) -> edxml.Agency:
    """One of our agencies as a package says it."""
    version = organisations.version_on(organization, timezone.localdate())
    above = organization.parent
    return edxml.Agency(
        code=agencies.written(organization.code),
        name=fit(organization.name, lengths.AGENCY["OrganName"]),
        in_charge=fit(above.name, lengths.AGENCY["OrganizationInCharge"]) if above else "",
        address=fit(version.address, lengths.AGENCY["OrganAdd"]) if version else "",
        email=fit(version.email, lengths.AGENCY["Email"]) if version else "",
        telephone=fit(version.phone, lengths.AGENCY["Telephone"]) if version else "",
    )


def package_of(row: Outgoing) -> edxml.DocumentPackage | edxml.StatusPackage:
    """The package that a row of the queue stands for: the same each time while its document stays as it is."""
    return _document(row) if is_document(row.what) else _status(row)


def _document(row: Outgoing) -> edxml.DocumentPackage:
    document = row.document
    assert document is not None
    assert document.issued_on is not None
    number, notation = halves(document)
    kind = _KINDS[What(row.what)]
    sender = agency(document.agency)
    lines = document.recipients.order_by("position", "pk").values_list("line", "name")
    return edxml.DocumentPackage(
        sender=sender,
        receivers=(edxml.Agency(row.to_code, fit(row.to_name or row.to_code, lengths.AGENCY["OrganName"])),),
        number=number,
        notation=notation,
        issued_on=document.issued_on,
        subject=fit(document.subject, lengths.SUBJECT),
        document_id=row.document_ref,
        place=fit(document.place, lengths.PROMULGATION_PLACE),
        type_name=fit(document.kind.name, lengths.TYPE_NAME),
        signer=edxml.Signer(
            fit(document.competence, lengths.COMPETENCE),
            fit(document.signer_title, lengths.POSITION),
            fit(document.signer_name, lengths.FULL_NAME),
        ),
        due_on=timezone.localtime(document.due_at).date() if document.due_at else None,
        to_places=tuple(fit(line or name, lengths.PLACE) for line, name in lines if (line or name).strip()),
        priority=document.urgency,
        pages=min(document.pages or 0, lengths.MOST_COUNT),
        answers=_answers(document),
        trace=(edxml.Hop(sender.code, row.told_at),),
        business=edxml.Business(
            kind=kind,
            reason=row.words,
            document_id=row.document_ref if kind in (edxml.BusinessKind.UPDATE, edxml.BusinessKind.REVOKE) else "",
            change=edxml.Change(document=True) if kind is edxml.BusinessKind.UPDATE else None,
            replaced=_replaced(document, row.to_code) if kind is edxml.BusinessKind.REPLACE else (),
        ),
        attachments=() if kind is edxml.BusinessKind.REVOKE else _attachments(document),
    )


def _status(row: Outgoing) -> edxml.StatusPackage:
    """A status of a document that came (its sender's words about it are given back as they were), or an asking back."""
    status = edxml.Status(row.what)
    incoming = row.incoming
    if incoming is not None:
        author, code = incoming.sender_code, incoming.code
        issued_on = incoming.document.issued_on if incoming.document else None
        mine = row.agency
        sender = edxml.Agency(row.from_code, fit(mine.name, 200) if mine else row.from_code)
    else:
        assert row.document is not None
        author, code, issued_on = row.from_code, "/".join(halves(row.document)), row.document.issued_on
        sender = agency(row.document.agency)
    return edxml.StatusPackage(
        about=edxml.Reference(author, fit(code, 42), issued_on, row.document_ref),
        sender=sender,
        status=status,
        at=row.told_at,
        description=row.words or STATUS_NAMES[status],
        staff=edxml.Staff(fit(sender.name, lengths.STAFF), fit(row.staff, lengths.STAFF)) if row.staff else None,
    )


def _attachments(document: Document) -> tuple[edxml.Attachment, ...]:
    """The files that go along: the paper first, then its annexes."""
    rows = document.files.filter(
        role__in=(DocumentFile.Role.MAIN, DocumentFile.Role.ANNEX), replaced_at__isnull=True
    ).select_related("file__blob")
    order = {DocumentFile.Role.MAIN.value: 0, DocumentFile.Role.ANNEX.value: 1}
    found = []
    for row in sorted(rows, key=lambda row: (order[row.role], row.position, row.pk)):
        with row.file.open() as stream:
            content = stream.read()
        found.append(
            edxml.Attachment(
                name=fit(row.name or row.file.name, lengths.ATTACHMENT_NAME),
                content=content,
                content_type=row.file.media_type,
                description=fit(str(row.get_role_display()), lengths.DESCRIPTION),
            )
        )
    return tuple(found)


def _answers(document: Document) -> tuple[edxml.Reference, ...]:
    """The documents from outside that this one answers, as their senders call them."""
    others = document.relations.filter(kind=Relation.Kind.ANSWERS).values_list("other_id", flat=True)
    arrivals = Arrival.objects.filter(document__in=list(others), source=Source.EXCHANGE).select_related("document")
    found = []
    for arrival in arrivals.order_by("pk"):
        author, _space, reference = arrival.source_ref.partition(" ")
        about = arrival.document
        found.append(edxml.Reference(arrival.sender_code or author, fit(about.code, 42), about.issued_on, reference))
    return tuple(found)


def _replaced(document: Document, to_code: str) -> tuple[edxml.Replacement, ...]:
    """The documents that this one replaces, of those that went to the same place."""
    others = document.relations.filter(kind=Relation.Kind.REPLACES).values_list("other_id", flat=True)
    rows = Outgoing.objects.filter(document__in=list(others), to_code=to_code).exclude(state=Outgoing.State.CANCELLED)
    references = rows.filter(what__in=(What.NEW, What.REPLACE)).order_by("pk").values_list("document_ref", flat=True)
    return tuple(edxml.Replacement(reference, (to_code,)) for reference in dict.fromkeys(references))


def replaces_something(document: Document, to_code: str) -> bool:
    """Whether the place got something by the exchange that this document replaces."""
    return bool(_replaced(document, to_code))


_TYPES = {found.name.casefold(): key for key, found in types.ALL.items()}
_ABBREVIATIONS = {found.abbreviation.casefold(): key for key, found in types.ALL.items() if found.abbreviation}


def type_of(package: edxml.DocumentPackage) -> str:
    """Our key of a document's type: by its name, else by the abbreviation in its notation, else an ordinary letter."""
    by_name = _TYPES.get(" ".join(package.type_name.split()).casefold())
    return by_name or _ABBREVIATIONS.get(package.notation.partition("-")[0].strip().casefold(), "CV")


def urgency_of(package: edxml.DocumentPackage) -> int:
    """Our degree of urgency: express at an hour (4) is express."""
    return min(package.priority, Urgency.EXPRESS)
