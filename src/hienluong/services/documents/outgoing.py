"""What the outgoing side hands over when the product starts: whom it listens to, its purpose, its place in the navigation."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor

from . import access, links
from .models import Direction, Document, State


def register() -> None:
    """Subscribe to the events of signing, delivery and receipts; name the purpose; put the pages into the navigation."""
    from hienluong.capabilities.signing import requests
    from hienluong.foundation.actions import purposes
    from hienluong.foundation.events.outbox import subscribe
    from hienluong.ui import navigation

    from .actions import issuing, recalling, signing

    requests.guard("documents.document", signing.still_right)
    requests.readers("documents.document", signing.may_read)
    subscribe("signature.made", signing.signature_made)
    subscribe("signature.refused", signing.signature_refused)
    subscribe("document.sent_to", issuing.deliver_inside)
    subscribe("document.take_back_asked", recalling.take_back_inside)
    for type in issuing.RECEIPT_EVENTS:
        subscribe(type, issuing.follow_receipt)
    purposes.register("documents.issuing", _("Soạn thảo, ban hành văn bản"), "outgoing")
    for label, name, order in ((_("Văn bản đi"), "outgoing:home", 54), (_("Văn bản nội bộ"), "outgoing:internal", 55)):
        navigation.register("staff", label, url_name=name, order=order, group=_("Văn bản"), permission="documents.read")
    links.register(copy_of_received)


def copy_of_received(actor: Actor, document: Document) -> links.Link | None:
    """A way to copy what came in, for the records office of its agency."""
    if document.direction != Direction.INCOMING or document.state in (State.ARRIVED, State.REFUSED, State.TAKEN_BACK):
        return None
    if document.agency_id not in access.agencies_with(actor, "documents.clerk"):
        return None
    return links.Link(str(_("Sao y, sao lục, trích sao")), reverse("outgoing:copy", args=[document.uid]))
