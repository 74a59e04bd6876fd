"""Colours and words of the pages about outgoing documents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django import template
from django.utils.translation import gettext as _

from ..models import Approval, Document, Opinion, Receipt, Recipient, State

register = template.Library()

_STATES = {
    State.DRAFT: "grey",
    State.OPINIONS: "yellow",
    State.APPROVING: "yellow",
    State.APPROVED: "blue",
    State.NUMBERED: "blue",
    State.SIGNED: "turquoise",
    State.ISSUED: "green",
    State.RECALLED: "red",
    State.REPLACED: "orange",
    State.CANCELLED: "grey",
}
_RECEIPTS = {
    Receipt.WAITING: "grey",
    Receipt.SENT: "blue",
    Receipt.REFUSED: "red",
    Receipt.COMPLETED: "green",
    Receipt.TAKE_BACK_ASKED: "orange",
    Receipt.TAKEN_BACK: "red",
    Receipt.TAKE_BACK_REFUSED: "red",
}


@register.filter
def document_colour(document: Document) -> str:
    """The colour of a document's state."""
    return _STATES.get(State(document.state), "blue")


@register.filter
def receipt_colour(recipient: Recipient) -> str:
    """The colour of how far it has come at a place."""
    return _RECEIPTS.get(Receipt(recipient.receipt), "turquoise")


@register.filter
def stance_colour(opinion: Opinion) -> str:
    """The colour of a stance."""
    return {"agree": "green", "agree_if": "yellow"}.get(opinion.stance, "red")


@register.filter
def approval_colour(step: Approval) -> str:
    """The colour of a step of the way up."""
    return {"waiting": "yellow", "approved": "green", "returned": "red"}.get(step.state, "grey")


@register.simple_tag
def opinions_summary(opinions: Iterable[Opinion], now: datetime) -> str:
    """How many agree, agree with words, do not, and are waited for."""
    asked = [each for each in opinions if each.withdrawn_at is None]
    count = {stance: sum(each.stance == stance for each in asked) for stance in Opinion.Stance.values}
    waiting = [each for each in asked if each.given_at is None]
    late = sum(each.due_at is not None and each.due_at < now for each in waiting)
    words = _(
        "Đã hỏi %(asked)d: %(agree)d đồng ý, %(agree_if)d đồng ý có góp ý, %(disagree)d không đồng ý, %(waiting)d chờ"
    ) % {
        "asked": len(asked),
        "waiting": len(waiting),
        **count,
    }
    return f"{words}. " + (_("%(late)d quá hạn.") % {"late": late} if late else "")
