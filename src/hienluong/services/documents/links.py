"""What else can be done from the page of a document, by apps above this one: each hands over a link when it has one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor

from . import access
from .models import Direction, Document, State

#: States of an incoming document in which an answer may be drafted.
ANSWERABLE = (State.REGISTERED, State.SUBMITTED, State.ASSIGNED, State.PROCESSING)


@dataclass(frozen=True)
class Link:
    """A way from the page of a document."""

    label: str
    href: str


Source = Callable[[Actor, Document], Link | None]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let `source` offer a link on the page of each document its reader sees (called from ``ready()``)."""
    _sources.append(source)


def of(actor: Actor, document: Document) -> list[Link]:
    """The links for this actor, in the order in which they were handed over."""
    return [link for source in _sources if (link := source(actor, document)) is not None]


def answer(actor: Actor, document: Document) -> Link | None:
    """Drafting an answer to what came in, for who may draft in the agency."""
    if document.direction != Direction.INCOMING or document.state not in ANSWERABLE:
        return None
    if document.agency_id not in access.agencies_with(actor, "documents.draft"):
        return None
    return Link(_("Soạn văn bản trả lời"), f"{reverse('outgoing:begin')}?tra-loi={document.pk}")
