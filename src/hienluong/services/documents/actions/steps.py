"""Locking a document for a change, and adding to its timeline."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError

from ..models import Document, State, Step


def lock(document: Document) -> Document:
    """The document as it is now, locked until the transaction ends."""
    return Document.objects.select_for_update(of=("self",)).select_related("agency").get(pk=document.pk)


def hold(ids: Iterable[int]) -> None:
    """Lock several documents until the transaction ends, in the order of their ids as everybody does. An act that changes
    more than one calls it first."""
    list(Document.objects.select_for_update(of=("self",)).filter(pk__in=set(ids)).order_by("pk").values_list("pk"))


def require_state(document: Document, states: Iterable[str]) -> None:
    """Raise :class:`DomainError` unless the document stands in one of these states."""
    if document.state not in states:
        raise DomainError(
            _("Việc này không làm được khi văn bản ở trạng thái “%(state)s”.")
            % {"state": document.get_state_display()},
            code="documents.wrong_state",
        )


def move(act: Act, document: Document, state: State, title: str, text: str = "") -> None:
    """Put a locked document into `state`, with a step in its timeline and an audit entry.

    `title` is Vietnamese, whatever the language of who acts: it stays on record.
    """
    before = document.state
    document.state = state
    document.save(update_fields=("state", "changed_at"))
    add(act, document, title, text)
    act.record(document, before={"state": before}, after={"state": state}, organization_id=document.agency_id)


def add(act: Act, document: Document, title: str, text: str = "") -> Step:
    """Add to the timeline of a document."""
    return Step.objects.create(
        document=document,
        title=title[:200],
        text=text,
        at=timezone.now(),
        by_id=act.actor.official_id,
        by_label=act.actor.label[:200],
    )
