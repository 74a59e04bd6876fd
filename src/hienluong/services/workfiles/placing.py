"""From the page of a document into a work file."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.services.documents import access as documents
from hienluong.services.documents import links
from hienluong.services.documents.models import DRAFTING_STATES, Document, State


def link(actor: Actor, document: Document) -> links.Link | None:
    """The way to put a document into a file: what is registered or issued, for who keeps files in its agency."""
    if document.state in (*DRAFTING_STATES, State.ARRIVED, State.REFUSED, State.CANCELLED):
        return None
    if document.agency_id not in documents.agencies_with(actor, "documents.draft"):
        return None
    return links.Link(_("Đưa vào hồ sơ công việc"), reverse("workfiles:place", args=[document.uid]))
