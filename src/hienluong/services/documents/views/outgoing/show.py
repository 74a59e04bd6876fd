"""One document: its paper, its course, what can be done with it; its versions and what differs between two of them."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.db.models import Min, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.files import previews
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.ui import asked

from ... import access, addresses, bodies, laying, links, rights
from ...actions import signing
from ...bodies import Parts
from ...forms.outgoing import ApproveForm, CommentForm, OpinionForm
from ...models import Direction, Document, DocumentFile, Reader, Recipient, Relation, Source, Version
from . import verbs
from .guard import document_for

MOST_PAGES = 200


@dataclass(frozen=True)
class Pane:
    """One page of the paper, with the ways to its neighbours."""

    title: str
    picture: str
    whole: str
    page: int
    pages: int

    @property
    def previous(self) -> str:
        """The query of the page before; empty on the first."""
        return f"?trang={self.page - 1}" if self.page > 1 else ""

    @property
    def next(self) -> str:
        """The query of the page after; empty on the last."""
        return f"?trang={self.page + 1}" if self.page < self.pages else ""


@dataclass(frozen=True)
class Went:
    """A place it went to, how far it has come there, and who there read it first when."""

    recipient: Recipient
    read_at: object


@require_safe
@officials.only()
def show(request: HttpRequest, document: int) -> HttpResponse:
    """The document's page."""
    found = document_for(request, document, _("trang văn bản"))
    actor = actor_of(request)
    may = rights.may(actor, found)
    version = found.versions.order_by("-number").first()
    opinion = rights.open_opinion(actor, found)
    asked_for = [each for each in verbs.offered(actor, found, may, opinion) if not each.inline]
    context = {
        "document": found,
        "may": may,
        "version": version,
        "parts": Parts.of(version.extra) if version else None,
        "viewer": pane(request, found, version),
        "acts": [(each, reverse("outgoing:act", args=[found.pk, each.key])) for each in asked_for],
        "opinion": opinion,
        "opinion_form": OpinionForm() if opinion else None,
        "approve_form": ApproveForm(initial={"version": version.number}) if may.decide and version else None,
        "comment_form": CommentForm(initial={"version": version.number}) if may.comment and version else None,
        "opinions": found.opinions.select_related("official", "agency", "version").order_by("asked_at", "pk"),
        "approvals": found.approvals.select_related("official", "decided_by").order_by("round", "step"),
        "comments": found.comments.select_related("by", "version", "settled_by").order_by("-at", "-pk"),
        "versions": list(found.versions.select_related("by").defer("body", "extra").order_by("-number")[:30]),
        "annexes": found.files.filter(role=DocumentFile.Role.ANNEX, replaced_at__isnull=True).select_related(
            "file__blob"
        ),
        "places": _places(found),
        "relations": _relations(actor, found),
        "links": links.of(actor, found),
        "related_from": found.related_from.select_related("document").filter(document__in=_readable(actor)),
        "readers": found.readers.filter(ended_at__isnull=True).select_related("official", "agency").order_by("pk"),
        "steps": [
            {"title": step.title, "when": step.at, "text": step.text, "by": step.by_label}
            for step in found.steps.order_by("-at", "-pk")
        ],
        "waiting": signing.request_of(found) if found.state in ("numbered", "signed") else None,
        "now": timezone.now(),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Văn bản đi"), reverse("outgoing:home")), (str(found), "")],
    }
    return render(request, "documents/outgoing/show.html", context)


def _relations(actor: Actor, document: Document) -> list[tuple[Relation, str]]:
    """What it answers, replaces, corrects, each with the address of its page for who may read it. Two queries."""
    rows = list(document.relations.select_related("other"))
    ids = [row.other_id for row in rows]
    readable = set(_readable(actor).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [(row, addresses.page_of(row.other) if row.other_id in readable else "") for row in rows]


def _readable(actor: Actor) -> QuerySet[Document]:
    return access.readable(actor)


def _places(document: Document) -> list[Went]:
    """Where it went; when somebody at an agency of this installation first read it there. Two queries."""
    rows = list(document.recipients.select_related("agency").order_by("position", "pk"))
    read = dict(
        Reader.objects.filter(
            document__direction=Direction.INCOMING,
            document__arrival__source=Source.INSIDE,
            document__arrival__source_ref=str(document.uid),
            first_read_at__isnull=False,
        )
        .values_list("agency")
        .annotate(Min("first_read_at"))
    )
    return [Went(row, read.get(row.agency_id) or row.first_read_at) for row in rows]


def pane(request: HttpRequest, document: Document, version: Version | None) -> Pane | None:
    """The page of the paper that the address asks for (``?trang=``): of the file that counts, else of the draft."""
    page = asked.number(request, "trang", 1, MOST_PAGES) or 1
    main = laying.main_file(document)
    if main is not None:
        pages = previews.count_pages(main.file)
        page = min(page, max(pages, 1))
        picture = reverse("files:preview", kwargs={"file_id": main.file_id})
        return Pane(
            main.name,
            f"{picture}?trang={page}" if pages else "",
            reverse("files:content", kwargs={"file_id": main.file_id}),
            page,
            pages,
        )
    if version is None:
        return None
    try:
        pages = previews.pages_of(BytesIO(laying.draft_pdf(document, version)))
    except laying.NotLaidOut:
        return Pane(_("Dự thảo"), "", reverse("outgoing:draft_pdf", args=[document.pk]), 1, 0)
    page = min(page, pages)
    return Pane(
        _("Dự thảo, bản %(number)s") % {"number": version.number},
        reverse("outgoing:draft_page", args=[document.pk, version.number, page]),
        reverse("outgoing:draft_pdf", args=[document.pk]),
        page,
        pages,
    )


@require_safe
@officials.only()
def draft_pdf(request: HttpRequest, document: int) -> HttpResponse:
    """The newest version of the draft as PDF."""
    found = document_for(request, document, _("dự thảo PDF"))
    version = found.versions.order_by("-number").first()
    if version is None:
        raise NotFound(_("Văn bản này không có bản thảo trên hệ thống."))
    response = HttpResponse(laying.draft_pdf(found, version), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="du-thao-{found.pk}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@officials.only()
def draft_page(request: HttpRequest, document: int, number: int, page: int) -> HttpResponse:
    """A picture of one page of a version."""
    found = document_for(request, document, _("trang dự thảo"))
    version = get_object_or_404(Version, document=found, number=min(number, 32_000))
    picture = previews.draw_pdf(laying.draft_pdf(found, version), min(max(page, 1), MOST_PAGES))
    response = HttpResponse(picture, content_type="image/png")
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@officials.only()
def version(request: HttpRequest, document: int, number: int) -> HttpResponse:
    """One version, and what differs from the one before it or from the one that the address names (``?voi=``)."""
    found = document_for(request, document, _("bản thảo %(number)s") % {"number": number})
    this = get_object_or_404(Version, document=found, number=min(number, 32_000))
    wanted = asked.number(request, "voi", 1, 32_000) or this.number - 1
    other = found.versions.filter(number=wanted).first() if wanted != this.number else None
    older, newer = (other, this) if other and other.number < this.number else (this, other)
    compared = bodies.compare(older.body, newer.body) if other and older and newer else []
    context = {
        "document": found,
        "version": this,
        "other": other,
        "older": older if other else None,
        "newer": newer if other else this,
        "compared": compared,
        "changed": any(each.changed for each in compared),
        "paragraphs": bodies.paragraphs(this.body),
        "numbers": found.versions.order_by("-number").values_list("number", flat=True),
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            (str(found), reverse("outgoing:show", args=[found.pk])),
            (_("Bản %(number)s") % {"number": this.number}, ""),
        ],
    }
    return render(request, "documents/outgoing/version.html", context)
