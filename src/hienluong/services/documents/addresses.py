"""Where the page of a document is, whichever way it went."""

from __future__ import annotations

from django.urls import reverse

from .models import Direction, Document


def page_of(document: Document) -> str:
    """The address of its page."""
    if document.direction == Direction.INCOMING:
        return reverse("documents:incoming", args=[document.uid])
    return reverse("outgoing:show", args=[document.pk])
