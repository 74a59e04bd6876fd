"""From a document and its text to the content that the layout prints."""

from __future__ import annotations

from hienluong.foundation.actions import DomainError, InvalidInput

from . import competence, letterheads, standing_in
from .bodies import Parts
from .competence import Post
from .layout.content import Content, Copy, LayoutRefused, Signer
from .layout.copies import render_copy
from .layout.rendering import Laid, render
from .letterheads import Letterhead
from .models import Document, DocumentFile, Relation, Version


class NotLaidOut(DomainError):
    """The text cannot be printed; the message says why."""

    code = "documents.not_laid_out"
    status = 422


def signer_of(document: Document, letterhead: Letterhead) -> Signer:
    """Who signs, as it is printed; a blank while nobody is chosen."""
    if document.signer is None:
        return Signer(name="", title=letterhead.head_title)
    try:
        post = standing_in.entitled(document)
    except InvalidInput:  # the post has ended since: what was written down then still stands on the paper
        post = Post(document.signer, document.agency, document.signer_title, in_agency=True)
    authority, title = competence.lines(post, document.competence, letterhead)
    return Signer(name=document.signer_name, title=title, authority=authority)


def content_of(document: Document, version: Version, *, draft: bool) -> Content:
    """The content of a document with the text of this version; marked as a draft until it has its number."""
    letterhead = letterheads.of(document.agency)
    parts = Parts.of(version.extra)
    lines = [recipient.line for recipient in document.recipients.exclude(line="").order_by("position", "pk")]
    if not lines:
        lines = [recipient.name for recipient in document.recipients.order_by("position", "pk")[:20]]
    try:
        return Content(
            type=document.type,
            agency_name=letterhead.name,
            superior_name=letterhead.superior,
            place=document.place or letterhead.place,
            body=version.body,
            signers=(signer_of(document, letterhead),),
            number=document.number,
            notation=document.notation,
            date=document.issued_on,
            subject=document.subject,
            authority=parts.authority,
            grounds=parts.grounds,
            addressees=parts.addressees,
            recipients=tuple(lines),
            archive=parts.archive or "VT",
            circulation=parts.circulation,
            urgency=document.urgency,
            contact=letterhead.contact if document.type == "CV" else "",
            is_draft=draft,
        )
    except LayoutRefused as error:
        raise NotLaidOut(str(error)) from None


def laid(document: Document, version: Version, *, draft: bool) -> Laid:
    """The document as PDF, with the places of its signatures."""
    try:
        return render(content_of(document, version, draft=draft))
    except LayoutRefused as error:
        raise NotLaidOut(str(error)) from None


def draft_pdf(document: Document, version: Version) -> bytes:
    """The draft as PDF."""
    return laid(document, version, draft=True).pdf


def typed_pdf(document: Document, version: Version, body: str, parts: Parts) -> bytes:
    """What is being typed as PDF, before it is a version."""
    version = Version(document=document, number=version.number, body=body, extra=parts.as_extra())
    return draft_pdf(document, version)


def copy_laid(document: Document) -> Laid:
    """A copy (sao y, sao lục, trích sao) of the document that it is a copy of, with its own block."""
    relation = document.relations.filter(kind=Relation.Kind.COPY_OF).select_related("other").first()
    original = main_file(relation.other) if relation else None
    if original is None:
        raise NotLaidOut("Văn bản gốc không có tệp PDF để sao.")
    letterhead = letterheads.of(document.agency)
    lines = tuple(recipient.line for recipient in document.recipients.exclude(line="").order_by("position", "pk"))
    block = Copy(
        kind=document.type,
        agency_name=letterhead.name,
        superior_name=letterhead.superior,
        number=document.number,
        notation=document.notation,
        place=document.place or letterhead.place,
        date=document.issued_on,
        signer=signer_of(document, letterhead),
        recipients=lines,
    )
    with original.file.open() as stream:
        try:
            return render_copy(stream.read(), block)
        except LayoutRefused as error:
            raise NotLaidOut(str(error)) from None


def main_file(document: Document) -> DocumentFile | None:
    """The file of the document itself that counts now."""
    return (
        document.files.filter(role=DocumentFile.Role.MAIN, replaced_at__isnull=True)
        .select_related("file__blob")
        .order_by("-pk")
        .first()
    )
